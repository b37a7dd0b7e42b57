"""Withdrawing: days before a start date that was moved later are not booked, unless they are already."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import company
from fortnox_sync.export.repository import Vouchers
from fortnox_sync.export.state import UNSENT, State
from fortnox_sync.export.tables import claim, voucher
from fortnox_sync.fault.repository import Faults
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log


async def sessions_too_early(
    connection: AsyncConnection, company_id: str, waiting: Sequence[str]
) -> Sequence[str]:
    """List sessions before the start date that are planned or wait, none of whose vouchers was ever sent.

    A day that is booked in part is booked to its end: half a day in the books is worse than one too many.
    """
    start_on = sa.select(company.c.start_on).where(company.c.company_id == company_id).scalar_subquery()
    sent = sa.select(1).where(
        voucher.c.company_id == company_id,
        voucher.c.origin == till_session.c.session_id,
        voucher.c.state.not_in([state.value for state in (*UNSENT, State.EMPTY, State.DISMISSED)]),
    )
    query = sa.select(till_session.c.session_id).where(
        till_session.c.company_id == company_id,
        till_session.c.business_date < start_on,
        sa.or_(till_session.c.planned_changes > 0, till_session.c.session_id.in_(waiting)),
        ~sa.exists(sent),
    )
    return (await connection.execute(query.order_by(till_session.c.session_id))).scalars().all()


async def withdraw(
    database: Database, connection: AsyncConnection, company_id: str, sessions: Sequence[str]
) -> None:
    """Let go of sessions: should the start date move earlier again, they are planned as if never before."""
    if not sessions:
        return
    vouchers, faults = Vouchers(database, connection, company_id), Faults(database, connection, company_id)
    for one in await vouchers.of_sessions(sessions, UNSENT):
        await vouchers.move(one, State.DISMISSED, next_due_at=None)
        await faults.release("voucher", one.voucher_id)
    await _release_claims(database, connection, company_id, sessions)
    for session_id in sessions:
        await faults.release("session", session_id)
    forgotten = {"planned_changes": 0, "agreed_revision": None, "export_id": None, "overdue_at": None}
    await connection.execute(
        till_session.update()
        .where(till_session.c.company_id == company_id, till_session.c.session_id.in_(sessions))
        .values(forgotten)
    )
    log.info("export.withdrawn", company_id=company_id, sessions=len(sessions))


async def _release_claims(
    database: Database, connection: AsyncConnection, company_id: str, sessions: Sequence[str]
) -> None:
    await connection.execute(
        claim.update()
        .where(
            claim.c.company_id == company_id,
            claim.c.session_id.in_(sessions),
            claim.c.released_at.is_(None),
        )
        .values(released_at=database.clock.now())
    )
