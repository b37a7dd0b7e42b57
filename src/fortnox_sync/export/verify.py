"""Verifying: a booked voucher is read back, and is green only when it says what was sent."""

from __future__ import annotations

from datetime import timedelta

from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import is_gone, rows_differ
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.push import waiting
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.fault.model import Fault
from fortnox_sync.fault.repository import Faults

_LOOK_AGAIN = timedelta(minutes=1)


async def verify(desk: Desk, voucher: StoredVoucher) -> None:
    """Read a voucher back and compare; one that is not there yet gets the settle time to appear."""
    async with desk.database.read() as connection:
        booking = await Attempts(desk.database, connection).booking_of(voucher.voucher_id)
    client = desk.books.client
    booked = await client.voucher(booking.series, booking.number, booking.financial_year)
    if booked is not None and is_same(voucher.payload, booked):
        await _settle(desk, voucher, None)
    elif booked is not None:
        await _settle(desk, voucher, rows_differ(voucher, booked))
    elif desk.now() - booking.booked_at > desk.patience.settle:
        await _settle(desk, voucher, is_gone(voucher, booking.number))
    else:
        async with desk.database.write() as connection:
            await lane.hold(connection, desk.lease)
            vouchers = Vouchers(desk.database, connection, desk.company_id)
            await vouchers.postpone(voucher.voucher_id, desk.now() + _LOOK_AGAIN)


async def _settle(desk: Desk, voucher: StoredVoucher, problem: Fault | None) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        if problem is None:
            await Attempts(desk.database, connection).verified(voucher.voucher_id)
        else:
            await Faults(desk.database, connection, desk.company_id).open(problem, [waiting(voucher)])
        await Vouchers(desk.database, connection, desk.company_id).postpone(voucher.voucher_id, None)
