"""Booking: the number Fortnox gave is written down; whoever had it before was deleted, and that is told."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempts, Source
from fortnox_sync.export.findings import is_gone
from fortnox_sync.export.hold import wait_only_for
from fortnox_sync.export.repository import Vouchers
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log


async def book(
    database: Database,
    connection: AsyncConnection,
    voucher_id: str,
    fortnox_company: int,
    booked: BookedVoucher,
    source: Source,
) -> None:
    """Give a voucher its number, which Fortnox gives out again only once its voucher was deleted."""
    before = await Attempts(database, connection).book(voucher_id, fortnox_company, booked, source)
    if before is not None:
        log.warning("export.number_given_again", series=booked.series, number=booked.number)
        vouchers = Vouchers(database, connection, before.company_id)
        await tell_gone(database, connection, vouchers, before.voucher_id, booked.number)
        # The counter fell: others above it may be gone as well.
        await lane.ask_to_reconcile(database, connection, before.company_id)


async def tell_gone(
    database: Database, connection: AsyncConnection, vouchers: Vouchers, voucher_id: str, number: int
) -> None:
    """Say that a voucher is not in Fortnox any more; it is not sent again by itself."""
    await Attempts(database, connection).gone(voucher_id)
    found = await vouchers.find(voucher_id)
    if found is not None:
        faults = Faults(database, connection, vouchers.company_id)
        await wait_only_for(faults, is_gone(found, number), found)
        await vouchers.postpone(voucher_id, None)
