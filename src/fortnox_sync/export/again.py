"""Looking again: after a setting or mapping changed, what waited is planned and frozen by today's choices."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.posting import Posted, post
from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.tables import lane as lane_table
from fortnox_sync.export import tally
from fortnox_sync.export.payload import freeze
from fortnox_sync.export.plan import Rules, rules_of
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.fault.repository import Faults
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime.database import Database


async def look_again(database: Database, lease: Lease) -> None:
    """Plan waiting sessions anew and let held vouchers try again, if something was changed for them."""
    async with database.write() as connection:
        await lane.hold(connection, lease)
        asked = lane_table.c.company_id == lease.company_id
        flag = (await connection.execute(sa.select(lane_table.c.look_again).where(asked))).scalar_one()
        if not flag:
            return
        await connection.execute(lane_table.update().where(asked).values(look_again=False))
        await _replan_sessions(database, connection, lease.company_id)
        await _release_held(database, connection, lease.company_id)


async def _replan_sessions(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Count the cure as one more change of every session that waits for one."""
    waiting = await Faults(database, connection, company_id).waiting_ids("session")
    if waiting:
        await connection.execute(
            till_session.update()
            .where(till_session.c.company_id == company_id, till_session.c.session_id.in_(waiting))
            .values(changes=till_session.c.changes + 1)
        )


async def _release_held(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Freeze vouchers anew that no try can be alive of; their markers stay."""
    company = await companies.find(connection, company_id)
    if company is None:
        return
    rules = await rules_of(database, connection, company)
    vouchers = Vouchers(database, connection, company_id)
    for voucher in await vouchers.in_states([State.HELD, State.READY]):
        await _freeze_again(connection, company_id, rules, vouchers, voucher)
        if voucher.state is State.HELD:
            await vouchers.move(voucher, State.READY, next_due_at=database.clock.now())


async def _freeze_again(
    connection: AsyncConnection, company_id: str, rules: Rules, vouchers: Vouchers, voucher: StoredVoucher
) -> None:
    """Post a voucher's transactions by today's rules; where one lacks an account it stays as it was."""
    tallies = await tally.voucher_sums(connection, company_id, voucher.origin, voucher.voucher_id)
    names = replace(rules.names, texts=await tally.spoken_texts(connection, company_id, voucher.origin))
    posted = post(tallies, rules.accounts, rules.cost_centers, names)
    if isinstance(posted, Posted) and posted.rows:
        old = voucher.payload
        payload = freeze(rules.series, old.transaction_date, old.title, old.marker, posted.rows)
        await vouchers.revise(voucher, payload)
