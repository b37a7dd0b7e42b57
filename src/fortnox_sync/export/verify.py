"""Verifying: a booked voucher is read back, and is green only when it says what was sent, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.book import tell_gone
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import already_there_twice, rows_differ
from fortnox_sync.export.hold import wait_only_for
from fortnox_sync.export.marker import carries
from fortnox_sync.export.papers import want_paper
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.fault.model import Fault
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher

_LOOK_AGAIN = timedelta(minutes=1)
# In a series that people book in as well, somebody else's vouchers stand between ours.
_MOST_NUMBERS = 40


async def verify(desk: Desk, voucher: StoredVoucher) -> None:
    """Read a voucher back and compare; one that is not there yet gets the settle time to appear."""
    async with desk.database.read() as connection:
        booking = await Attempts(desk.database, connection).booking_of(voucher.voucher_id)
    booked = await desk.books.client.voucher(booking.series, booking.number, booking.financial_year)
    if booked is not None and is_same(voucher.payload, booked):
        copies = await _copies(desk, voucher, booking)
        await _verified(desk, voucher, already_there_twice(voucher, (booked, *copies)) if copies else None)
    elif booked is not None and carries(booked, voucher.payload.marker):
        await _differs(desk, voucher, rows_differ(voucher, booked))
    elif desk.now() - booking.booked_at > desk.patience.settle:
        # Nothing is there, or somebody else's voucher: a deleted number is given out again.
        await _gone(desk, voucher, booking.number)
    else:
        await _look_later(desk, voucher)


async def _copies(desk: Desk, voucher: StoredVoucher, booking: Any) -> tuple[BookedVoucher, ...]:  # noqa: ANN401 - a row
    """Find vouchers under numbers nobody here was given that carry the same marker: one POST, done twice."""
    last = await desk.last_number(booking.series, booking.financial_year)
    async with desk.database.read() as connection:
        attempts = Attempts(desk.database, connection)
        place = await attempts.place_of(voucher.voucher_id, booking)
        known = await attempts.others_since(voucher.voucher_id, booking.fortnox_company, place)
    strays = [number for number in range(place.watermark + 1, last + 1) if number not in known]
    found = [
        await desk.books.client.voucher(booking.series, number, booking.financial_year)
        for number in strays[:_MOST_NUMBERS]
    ]
    return tuple(one for one in found if one is not None and carries(one, voucher.payload.marker))


async def _verified(desk: Desk, voucher: StoredVoucher, duplicate: Fault | None) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Attempts(desk.database, connection).verified(voucher.voucher_id)
        await want_paper(desk, connection, voucher)
        await Vouchers(desk.database, connection, desk.company_id).postpone(voucher.voucher_id, None)
        faults = Faults(desk.database, connection, desk.company_id)
        if duplicate is None:
            await faults.release("voucher", voucher.voucher_id)
        else:
            await wait_only_for(faults, duplicate, voucher)
            await lane.ask_to_reconcile(desk.database, connection, desk.company_id)


async def _differs(desk: Desk, voucher: StoredVoucher, problem: Fault) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await wait_only_for(Faults(desk.database, connection, desk.company_id), problem, voucher)
        await lane.ask_to_reconcile(desk.database, connection, desk.company_id)
        await Vouchers(desk.database, connection, desk.company_id).postpone(voucher.voucher_id, None)


async def _gone(desk: Desk, voucher: StoredVoucher, number: int) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await tell_gone(desk.database, connection, vouchers, voucher.voucher_id, number)
        await lane.ask_to_reconcile(desk.database, connection, desk.company_id)


async def _look_later(desk: Desk, voucher: StoredVoucher) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.postpone(voucher.voucher_id, desk.now() + _LOOK_AGAIN)
