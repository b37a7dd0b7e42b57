"""Sales that are in no voucher yet, session by session: what an export by hand would take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money
from fortnox_sync.export.backlog import Session, is_told_more, is_within, session_of
from fortnox_sync.export.runs import Period
from fortnox_sync.export.tables import claim
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import till_entry, till_session, till_transaction


@dataclass(frozen=True, slots=True)
class UnbookedSession:
    """A till session with transactions in no voucher: how many, what was paid, and where it stands."""

    session: Session
    is_closed: bool
    is_told_more: bool
    transactions: int
    paid: Money
    held_by: tuple[str, ...] = ()

    @property
    def is_on_its_way(self) -> bool:
        """Tell whether another export has asked for it already."""
        return self.is_told_more and self.session.export_id is not None

    @property
    def is_held(self) -> bool:
        """Tell whether planning has looked at all that was told of it, and a fault keeps it back."""
        return not self.is_told_more and bool(self.held_by)


async def unbooked_sessions(
    connection: AsyncConnection,
    company_id: str,
    start_on: date,
    period: Period,
    most: int,
    session_id: str | None = None,
) -> tuple[UnbookedSession, ...]:
    """List them from the start date on, oldest first; or the one session that is asked for.

    Only a session of which more was told than planned, or which a fault holds, can have any: the others
    need no look, however many years of them there are.
    """
    sums = _sums(company_id)
    query = (
        sa.select(till_session, is_told_more().label("told_more"), sums.c.transactions, sums.c.paid)
        .join(sums, sums.c.session_id == till_session.c.session_id)
        .where(
            till_session.c.company_id == company_id,
            is_within(start_on),
            period.holds(till_session.c.business_date),
            sa.true() if session_id is None else till_session.c.session_id == session_id,
        )
        .order_by(till_session.c.business_date, till_session.c.session_id)
        .limit(most)
    )
    rows = (await connection.execute(query)).all()
    held = await _held_by(connection, company_id)
    return tuple(_unbooked(row, held.get(row.session_id, ())) for row in rows)


def _unbooked(row: Any, held_by: tuple[str, ...]) -> UnbookedSession:  # noqa: ANN401 - a row of the query
    is_closed = row.closed_at is not None
    paid = Money(int(row.paid or 0))
    return UnbookedSession(session_of(row), is_closed, bool(row.told_more), row.transactions, paid, held_by)


def may_be_unbooked(company_id: str) -> sa.CompoundSelect[str]:
    """Select the sessions that can have transactions in no voucher: each half has an index of its own."""
    told = sa.select(till_session.c.session_id).where(till_session.c.company_id == company_id, is_told_more())
    return told.union(_open_waiting(company_id).with_only_columns(fault_waiting.c.waiting_id))


def _sums(company_id: str) -> sa.Subquery:
    """Count and sum a session's transactions that are in no live voucher, inside the database."""
    told = till_transaction.c
    return (
        sa.select(
            told.session_id,
            sa.func.count().label("transactions"),
            sa.func.sum(_paid(company_id)).label("paid"),
        )
        .where(
            told.company_id == company_id,
            told.session_id.in_(may_be_unbooked(company_id)),
            is_free(company_id),
        )
        .group_by(told.session_id)
        .subquery("sums")
    )


def is_free(company_id: str) -> sa.ColumnElement[bool]:
    """Say of a transaction that it is in no live voucher."""
    taken = sa.select(1).where(
        claim.c.company_id == company_id,
        claim.c.transaction_id == till_transaction.c.transaction_id,
        claim.c.released_at.is_(None),
    )
    return ~sa.exists(taken.correlate(till_transaction))


def _paid(company_id: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.sum(till_entry.c.amount))
        .where(
            till_entry.c.company_id == company_id,
            till_entry.c.session_id == till_transaction.c.session_id,
            till_entry.c.transaction_id == till_transaction.c.transaction_id,
            till_entry.c.type == "payment",
        )
        .scalar_subquery()
    )


async def _held_by(connection: AsyncConnection, company_id: str) -> dict[str, tuple[str, ...]]:
    """Return which open faults sessions wait for."""
    query = _open_waiting(company_id).with_only_columns(fault_waiting.c.waiting_id, fault.c.code)
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(query.order_by(fault.c.code)):
        found[row.waiting_id] = (*found.get(row.waiting_id, ()), row.code)
    return found


def _open_waiting(company_id: str) -> sa.Select[Any]:
    return (
        sa.select(fault_waiting)
        .join(fault, fault.c.fault_id == fault_waiting.c.fault_id)
        .where(
            fault.c.company_id == company_id,
            fault.c.resolved_at.is_(None),
            fault_waiting.c.kind == "session",
        )
    )
