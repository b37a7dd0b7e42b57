"""Left out: sales in no voucher a day after their close, though planning is done and no fault says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.connection.tables import company
from fortnox_sync.export.backlog import is_told_more
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.unbooked import is_free
from fortnox_sync.fault.facts import InternalErrorFacts
from fortnox_sync.fault.model import InternalError, subject
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import till_session, till_transaction

# Told by the kind of our mistake: planning saw all of the session and left something out.
LEFT_OUT = "SaleInNoVoucher"
_AFTER = timedelta(days=1)
_MOST_SESSIONS = 100


async def tell_left_out(desk: Desk) -> None:
    """Tell each session that has such sales, and close what was told of one that has none any more.

    Looks first, for a look at years of sessions takes longer than anybody else should wait.
    """
    async with desk.database.read() as connection:
        left_out = (await connection.execute(_unexplained(desk))).all()
        told = await Faults(desk.database, connection, desk.company_id).open_of("internal_error")
        over = [
            one
            for one in told
            if isinstance(one, InternalError) and one.facts.error == LEFT_OUT
            if not await _has_any(desk, connection, one.facts.voucher_id)
        ]
    if not (left_out or over):
        return
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        for one in over:
            await faults.close(one.code, subject(one))
        for row in left_out:
            facts = InternalErrorFacts(voucher_id=row.session_id, error=LEFT_OUT, occurred_at=desk.now())
            waits = Waiting("session", row.session_id, row.business_date, 0)
            await faults.open(InternalError(facts=facts), [waits])


async def _has_any(desk: Desk, connection: AsyncConnection, session_id: str) -> bool:
    query = _sessions(desk).where(till_session.c.session_id == session_id)
    return (await connection.execute(query)).first() is not None


def _unexplained(desk: Desk) -> sa.Select[Any]:
    """Select the sessions that no open fault is about."""
    waits = (
        sa.select(1)
        .join(fault, fault.c.fault_id == fault_waiting.c.fault_id)
        .where(
            fault.c.company_id == desk.company_id,
            fault.c.resolved_at.is_(None),
            fault_waiting.c.kind == "session",
            fault_waiting.c.waiting_id == till_session.c.session_id,
        )
    )
    return _sessions(desk).where(~sa.exists(waits)).limit(_MOST_SESSIONS)


def _sessions(desk: Desk) -> sa.Select[Any]:
    """Select the closed and planned sessions with sales in no voucher."""
    told = sa.select(1).where(
        till_transaction.c.company_id == desk.company_id,
        till_transaction.c.session_id == till_session.c.session_id,
        till_transaction.c.business_date >= company.c.start_on,
        is_free(desk.company_id),
    )
    return (
        sa.select(till_session.c.session_id, till_session.c.business_date)
        .join(company, company.c.company_id == till_session.c.company_id)
        .where(
            till_session.c.company_id == desk.company_id,
            till_session.c.closed_at <= desk.now() - _AFTER,
            ~is_told_more(),
            sa.exists(told.correlate(till_session, company)),
        )
        .order_by(till_session.c.business_date, till_session.c.session_id)
    )
