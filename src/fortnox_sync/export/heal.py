"""Healing: what held a voucher back may be gone from Fortnox, and a look finds that without any click."""

from __future__ import annotations

from fortnox_sync.connection import chart, lane
from fortnox_sync.connection import company as companies
from fortnox_sync.export.again import freeze_anew
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.hold import hold
from fortnox_sync.export.preflight import Cleared, preflight
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.rules import rules_of
from fortnox_sync.export.state import State


async def outdate_lists(desk: Desk) -> None:
    """See to it that held vouchers are looked at beside what Fortnox lists now."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await chart.outdate(connection, desk.company_id)


async def heal(desk: Desk, voucher: StoredVoucher) -> None:
    """Let a held voucher go on if nothing stands in its way any more, else say what does now."""
    standing = await _by_todays_rules(desk, voucher)
    found = await preflight(desk, standing)
    if not isinstance(found, Cleared):
        await hold(desk, standing, found)
        return
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(standing, State.READY, next_due_at=desk.now())


async def _by_todays_rules(desk: Desk, voucher: StoredVoucher) -> StoredVoucher:
    """Freeze it anew: an account may demand a cost centre now, or no longer."""
    await desk.know_accounts(voucher.payload.transaction_date)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        company = await companies.find(connection, desk.company_id)
        if company is not None:
            rules = await rules_of(desk.database, connection, company)
            await freeze_anew(desk.database, connection, desk.company_id, rules, voucher)
        found = await Vouchers(desk.database, connection, desk.company_id).find(voucher.voucher_id)
    return found or voucher
