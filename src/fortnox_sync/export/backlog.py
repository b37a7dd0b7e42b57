"""The backlog: till sessions of which something is told that planning has not seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.export.order import by_day_if_all, fresh_first
from fortnox_sync.export.repository import check_one
from fortnox_sync.export.tables import voucher
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Session:
    """A till session to plan, as it stood when it was read: `changes` counts what had been told by then.

    `export_id` is the manual export that asks for it, `agreed_revision` the close that its transactions
    equalled, `accepted_digest` the differences an operator has accepted.
    """

    session_id: str
    register_id: str
    business_date: date
    changes: int
    export_id: str | None = None
    agreed_revision: int | None = None
    accepted_digest: str | None = None


def is_told_more() -> sa.ColumnElement[bool]:
    """Say of a session that something was told of it which planning has not seen."""
    return till_session.c.planned_changes < till_session.c.changes


def is_to_plan() -> sa.ColumnElement[bool]:
    """Say of a session that planning shall look at it: more was told, and it is closed or asked for."""
    asked = sa.or_(till_session.c.closed_at.is_not(None), till_session.c.export_id.is_not(None))
    return sa.and_(is_told_more(), asked)


def is_within(start_on: date) -> sa.ColumnElement[bool]:
    """Say of a session that its day is booked: from the start date on, or one that was reversed.

    A reversed day was in the books before the start date moved; without this its mirror would be booked,
    and its sales never again.
    """
    mirror = sa.select(1).where(
        voucher.c.company_id == till_session.c.company_id,
        voucher.c.origin == till_session.c.session_id,
        voucher.c.reverses.is_not(None),
    )
    return sa.or_(till_session.c.business_date >= start_on, sa.exists(mirror))


async def sessions_to_plan(database: Database, company_id: str, most: int) -> tuple[Session, ...]:
    """List what planning has to look at, by the day; of more than `most`, today's closes go first."""
    async with database.read() as connection:
        company = await companies.find(connection, company_id)
        if company is None or company.start_on is None or company.voucher_series is None:
            return ()
        query = (
            sa.select(till_session)
            .where(
                till_session.c.company_id == company_id,
                is_to_plan(),
                is_within(company.start_on),
            )
            .order_by(
                *fresh_first(till_session.c.business_date, database.clock.now()), till_session.c.session_id
            )
            .limit(most + 1)
        )
        rows = (await connection.execute(query)).all()
    return by_day_if_all(tuple(map(session_of, rows)), most, lambda one: one.business_date)


def session_of(row: Any) -> Session:  # noqa: ANN401 - a row of till_session
    """Read a session as it stands."""
    return Session(
        row.session_id,
        row.register_id,
        row.business_date,
        row.changes,
        row.export_id,
        row.agreed_revision,
        row.accepted_digest,
    )


async def lock_sessions(connection: AsyncConnection, company_id: str, session_ids: Collection[str]) -> None:
    """Keep the till from telling more of sessions, before the lane is taken: it locks in that order too."""
    query = (
        sa.select(till_session.c.session_id)
        .where(till_session.c.company_id == company_id, till_session.c.session_id.in_(session_ids))
        .order_by(till_session.c.session_id)
    )
    await connection.execute(query.with_for_update())


async def plan_again(connection: AsyncConnection, company_id: str, session_ids: Sequence[str]) -> None:
    """Count a cure as one more change of sessions, so that planning looks at them once more."""
    if session_ids:
        await connection.execute(
            till_session.update()
            .where(till_session.c.company_id == company_id, till_session.c.session_id.in_(session_ids))
            .values(changes=till_session.c.changes + 1)
        )


async def planned(connection: AsyncConnection, company_id: str, session: Session, **learnt: Any) -> None:  # noqa: ANN401 - columns
    """Mark a session as planned; what was done saw one state of it only if nothing was told meanwhile.

    Raises NotOneRowError if something was: the caller's transaction must write nothing then.
    """
    done = await connection.execute(
        till_session.update()
        .where(
            till_session.c.company_id == company_id,
            till_session.c.session_id == session.session_id,
            till_session.c.changes == session.changes,
        )
        .values(planned_changes=session.changes, **learnt)
    )
    check_one(done.rowcount)
