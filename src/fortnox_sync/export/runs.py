"""Exports: each run that a day close or a person started, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.state import State
from fortnox_sync.export.tables import export, voucher
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.ids import new_id


class Kind(StrEnum):
    """What started an export."""

    DAY_CLOSE = "day_close"
    MANUAL = "manual"
    REVERSAL = "reversal"


class Progress(StrEnum):
    """How far an export has come: the first that applies to anything in it."""

    HELD = "held"
    ON_ITS_WAY = "on_its_way"
    BOOKED = "booked"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from one to another, both included; open where a side is None."""

    from_on: date | None = None
    to_on: date | None = None

    def holds(self, day: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
        """Say of a day that it lies in the period."""
        return sa.and_(day >= (self.from_on or date.min), day <= (self.to_on or date.max))


@dataclass(frozen=True, slots=True)
class Run:
    """An export: who asked when for which days, its vouchers by state, and what of it waits."""

    export_id: str
    kind: Kind
    asked_by: str | None
    asked_at: datetime
    period: Period
    vouchers: dict[State, int]
    sessions_to_plan: int
    sessions_held: int

    @property
    def progress(self) -> Progress:
        """Sum it up in a word."""
        there = {state for state, number in self.vouchers.items() if number}
        if self.sessions_held or there & {State.HELD, State.NEEDS_DECISION}:
            return Progress.HELD
        if self.sessions_to_plan or there & {State.READY, State.SENDING, State.IN_DOUBT}:
            return Progress.ON_ITS_WAY
        return Progress.BOOKED if State.BOOKED in there else Progress.NOTHING


async def add(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    kind: Kind,
    asked_by: str | None = None,
    period: Period | None = None,
) -> str:
    """Write down that an export begins; return its id."""
    export_id, days = new_id(), period or Period()
    await connection.execute(
        export.insert().values(
            export_id=export_id,
            company_id=company_id,
            kind=kind.value,
            asked_by=asked_by,
            asked_at=database.clock.now(),
            from_on=days.from_on,
            to_on=days.to_on,
        )
    )
    events.tell(database, connection, company_id, "export.started", export_id=export_id)
    return export_id


async def finish(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Write down and tell which exports have come to an end: nothing is left to send or to cure."""
    settled = [State.BOOKED.value, State.EMPTY.value, State.DISMISSED.value]
    moving = sa.exists(
        sa.select(1).where(voucher.c.export_id == export.c.export_id, voucher.c.state.not_in(settled))
    )
    asked = sa.exists(
        sa.select(1).where(
            till_session.c.company_id == company_id,
            till_session.c.export_id == export.c.export_id,
            sa.or_(till_session.c.planned_changes < till_session.c.changes, _is_held(company_id)),
        )
    )
    finished = await connection.execute(
        export.update()
        .where(export.c.company_id == company_id, export.c.finished_at.is_(None), ~moving, ~asked)
        .values(finished_at=database.clock.now())
        .returning(export.c.export_id)
    )
    for export_id in sorted(finished.scalars()):
        events.tell(database, connection, company_id, "export.finished", export_id=export_id)


def _is_held(company_id: str) -> sa.ColumnElement[bool]:
    """Say of a session that it waits for an open fault."""
    return sa.exists(
        sa.select(1)
        .select_from(fault_waiting.join(fault, fault.c.fault_id == fault_waiting.c.fault_id))
        .where(
            fault.c.company_id == company_id,
            fault.c.resolved_at.is_(None),
            fault_waiting.c.kind == "session",
            fault_waiting.c.waiting_id == till_session.c.session_id,
        )
    )


async def find(connection: AsyncConnection, company_id: str, export_id: str) -> Run | None:
    """Return one export of a company."""
    found = await _load(connection, company_id, export.c.export_id == export_id, 1)
    return found[0] if found else None


async def page(
    connection: AsyncConnection, company_id: str, limit: int, before: str | None
) -> tuple[Run, ...]:
    """List exports, the newest first; ids sort by the time they were made."""
    which = export.c.export_id < before if before is not None else sa.true()
    return await _load(connection, company_id, which, limit)


async def _load(
    connection: AsyncConnection, company_id: str, which: sa.ColumnElement[bool], limit: int
) -> tuple[Run, ...]:
    query = (
        sa.select(export)
        .where(export.c.company_id == company_id, which)
        .order_by(export.c.export_id.desc())
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    ids = [row.export_id for row in rows]
    states = await _voucher_states(connection, company_id, ids)
    waiting = await _sessions(connection, company_id, ids)
    return tuple(
        _run(row, states.get(row.export_id, {}), *waiting.get(row.export_id, (0, 0))) for row in rows
    )


def _run(row: Any, vouchers: dict[State, int], to_plan: int, held: int) -> Run:  # noqa: ANN401 - a row
    period = Period(row.from_on, row.to_on)
    return Run(row.export_id, Kind(row.kind), row.asked_by, row.asked_at, period, vouchers, to_plan, held)


async def _voucher_states(
    connection: AsyncConnection, company_id: str, ids: list[str]
) -> dict[str, dict[State, int]]:
    query = (
        sa.select(voucher.c.export_id, voucher.c.state, sa.func.count().label("n"))
        .where(voucher.c.company_id == company_id, voucher.c.export_id.in_(ids))
        .group_by(voucher.c.export_id, voucher.c.state)
    )
    found: dict[str, dict[State, int]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.export_id, {})[State(row.state)] = row.n
    return found


async def _sessions(
    connection: AsyncConnection, company_id: str, ids: list[str]
) -> dict[str, tuple[int, int]]:
    """Count the sessions each export still asks for: those to plan, and those a fault holds."""
    held = _is_held(company_id)
    to_plan = till_session.c.planned_changes < till_session.c.changes
    query = (
        sa.select(
            till_session.c.export_id,
            sa.func.sum(sa.case((to_plan, 1), else_=0)).label("to_plan"),
            sa.func.sum(sa.case((sa.and_(~to_plan, held), 1), else_=0)).label("held"),
        )
        .where(till_session.c.company_id == company_id, till_session.c.export_id.in_(ids))
        .group_by(till_session.c.export_id)
    )
    return {row.export_id: (row.to_plan, row.held) for row in await connection.execute(query)}
