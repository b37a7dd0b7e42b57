"""Looking again: after a setting or mapping changed, what waited is planned and frozen by today's choices."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.posting import Posted, post
from fortnox_sync.connection import chart, lane
from fortnox_sync.connection import company as companies
from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.tables import lane as lane_table
from fortnox_sync.export import tally
from fortnox_sync.export.backlog import lock_sessions, plan_again
from fortnox_sync.export.payload import freeze, in_series
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.rules import Rules, rules_of
from fortnox_sync.export.state import UNSENT
from fortnox_sync.export.withdraw import sessions_too_early, withdraw
from fortnox_sync.fault.repository import Faults
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log


async def look_again(database: Database, lease: Lease) -> None:
    """Plan waiting sessions anew and let held vouchers be looked at, if something was changed for them."""
    asked = lane_table.c.company_id == lease.company_id
    async with database.read() as connection:
        flag = (await connection.execute(sa.select(lane_table.c.look_again).where(asked))).scalar_one()
    if not flag:
        return
    async with database.write() as connection:
        waiting = await Faults(database, connection, lease.company_id).waiting_ids("session")
        too_early = await sessions_too_early(connection, lease.company_id, waiting)
        await lock_sessions(connection, lease.company_id, {*waiting, *too_early})
        await lane.hold(connection, lease)
        await connection.execute(lane_table.update().where(asked).values(look_again=False))
        await chart.outdate(connection, lease.company_id)
        await plan_again(connection, lease.company_id, waiting)
        await withdraw(database, connection, lease.company_id, too_early)
        await _freeze_all_anew(database, connection, lease.company_id)
        await Vouchers(database, connection, lease.company_id).make_due(UNSENT)


async def _freeze_all_anew(database: Database, connection: AsyncConnection, company_id: str) -> None:
    company = await companies.find(connection, company_id)
    if company is None:
        return
    rules = await rules_of(database, connection, company)
    for voucher in await Vouchers(database, connection, company_id).in_states(UNSENT):
        await freeze_anew(database, connection, company_id, rules, voucher)


async def freeze_anew(
    database: Database, connection: AsyncConnection, company_id: str, rules: Rules, voucher: StoredVoucher
) -> None:
    """Post a voucher's transactions by today's rules under its marker; one that lacks an account stays."""
    tallies = await tally.voucher_sums(connection, company_id, voucher.origin, voucher.voucher_id)
    names = await rules.names_for(connection, company_id, voucher.origin)
    old = voucher.payload
    if voucher.reverses is not None:
        await Vouchers(database, connection, company_id).revise(voucher, in_series(old, rules.series))
        return
    try:
        posted = post(tallies, rules.accounts, rules.cost_centers, names)
        if not isinstance(posted, Posted) or not posted.rows:
            return
        payload = freeze(rules.series, old.transaction_date, old.title, old.marker, posted.rows)
    except Exception:  # noqa: BLE001 - a mistake on one voucher must not keep the others from being cured
        log.exception("export.mistake", company_id=company_id, voucher_id=voucher.voucher_id)
        return
    await Vouchers(database, connection, company_id).revise(voucher, payload)
