"""The store of faults of one company: one open fault per code and subject, and all that waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.fault.model import Fault, FaultCode, revive, subject
from fortnox_sync.fault.tables import fault as fault_table
from fortnox_sync.fault.tables import fault_released, fault_waiting
from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.events import EventKind
from fortnox_sync.runtime.ids import new_id
from fortnox_sync.runtime.telemetry import log

WaitingKind = Literal["session", "voucher"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A session or voucher that a fault holds up, with the money in it (öre)."""

    kind: WaitingKind
    waiting_id: str
    business_date: date | None
    amount_ore: int


@dataclass(frozen=True, slots=True)
class OpenFault:
    """A fault as stored, with what waits for it."""

    fault_id: str
    fault: Fault
    opened_at: datetime
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for a fault, summed: sessions, vouchers, their days and the money in them (öre)."""

    sessions: int = 0
    vouchers: int = 0
    dates: frozenset[date] = frozenset()
    amount_ore: int = 0

    def __add__(self, other: Waits) -> Waits:
        """Sum both."""
        return Waits(
            self.sessions + other.sessions,
            self.vouchers + other.vouchers,
            self.dates | other.dates,
            self.amount_ore + other.amount_ore,
        )


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault as people are shown it: with the sums of what waits, however much that is."""

    fault_id: str
    fault: Fault
    opened_at: datetime
    waits: Waits


@dataclass(frozen=True, slots=True)
class HeldBy:
    """An open fault that something waits for, by name."""

    fault_id: str
    code: FaultCode


def _where_it_differs(insert: Any) -> Any:  # noqa: ANN401 - the dialects' inserts share no type
    """Bring up to date what waits, and leave it untouched where it is told as it stands."""
    return insert.on_conflict_do_update(
        index_elements=["fault_id", "kind", "waiting_id"],
        set_={"amount": insert.excluded.amount},
        where=fault_waiting.c.amount != insert.excluded.amount,
    )


def _summed(row: Any) -> Waits:  # noqa: ANN401 - a row of the query
    days = frozenset(date.fromisoformat(day) for day in (row.dates or "").split(",") if day)
    return Waits(int(row.sessions), int(row.vouchers), days, int(row.amount))


class Faults:
    """The faults of one company, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._database, self._connection, self._company_id = database, connection, company_id

    async def open(self, fault: Fault, waiting: Sequence[Waiting] = ()) -> str:
        """Open a fault, or bring an open one and what waits for it up to date; return its id."""
        now = self._database.clock.now()
        before = await self._standing(fault)
        row = {
            "fault_id": new_id(),
            "company_id": self._company_id,
            "code": fault.code,
            "subject": subject(fault),
            "facts": fault.facts.model_dump(mode="json"),
            "opened_at": now,
            "seen_at": now,
        }
        insert = self._database.upsert(fault_table).values(row)
        merge = insert.on_conflict_do_update(
            index_elements=["company_id", "code", "subject"],
            index_where=sa.text("resolved_at IS NULL"),
            set_={"facts": insert.excluded.facts, "seen_at": now},
        ).returning(fault_table.c.fault_id)
        fault_id: str = (await self._connection.execute(merge)).scalar_one()
        more_waits = await self._add_waiting(fault_id, waiting)
        if fault_id == row["fault_id"]:
            log.info("fault.opened", company_id=self._company_id, fault=fault.code)
            self._tell("fault.opened", fault_id, fault.code)
        elif more_waits or fault != before:
            self._tell("fault.changed", fault_id, fault.code)
        return fault_id

    async def _standing(self, fault: Fault) -> Fault | None:
        """Return the open fault of the same name as it was told before."""
        same = sa.and_(fault_table.c.code == fault.code, fault_table.c.subject == subject(fault))
        query = self._open().with_only_columns(fault_table.c.code, fault_table.c.facts).where(same)
        row = (await self._connection.execute(query.with_for_update())).one_or_none()
        return revive(row.code, row.facts) if row is not None else None

    def _tell(self, kind: EventKind, fault_id: str, code: str) -> None:
        events.tell(self._database, self._connection, self._company_id, kind, fault_id=fault_id, code=code)

    async def _add_waiting(self, fault_id: str, waiting: Iterable[Waiting]) -> bool:
        """Let more wait for a fault; tell whether that changed anything."""
        rows = [
            {
                "fault_id": fault_id,
                "kind": one.kind,
                "waiting_id": one.waiting_id,
                "business_date": one.business_date,
                "amount": one.amount_ore,
            }
            for one in waiting
        ]
        changed = await self._database.merge(self._connection, fault_waiting, rows, _where_it_differs)
        return changed > 0

    async def release(
        self,
        kind: WaitingKind,
        waiting_id: str,
        *,
        but: str | None = None,
        but_code: FaultCode | None = None,
    ) -> None:
        """Let something wait no more, but for one fault or a code; close what nothing waits for."""
        held = self._open().where(
            fault_table.c.code != (but_code or ""),
            sa.exists(
                sa.select(1).where(
                    fault_waiting.c.fault_id == fault_table.c.fault_id,
                    fault_waiting.c.kind == kind,
                    fault_waiting.c.waiting_id == waiting_id,
                )
            ),
        )
        found = {row.fault_id: row.code for row in await self._connection.execute(held)}
        found.pop(but or "", None)
        if not found:
            return
        await self._let_go(list(found), kind, waiting_id)
        closed = await self._close_idle(list(found))
        for fault_id in found.keys() - closed:
            self._tell("fault.changed", fault_id, found[fault_id])

    async def _let_go(self, fault_ids: Sequence[str], kind: WaitingKind, waiting_id: str) -> None:
        """Let something wait for some faults no more, and remember when."""
        said = {"kind": kind, "waiting_id": waiting_id, "released_at": self._database.clock.now()}
        insert = self._database.upsert(fault_released).values(
            [{"fault_id": one, **said} for one in fault_ids]
        )
        await self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=["fault_id", "kind", "waiting_id"],
                set_={"released_at": insert.excluded.released_at},
            )
        )
        await self._connection.execute(
            fault_waiting.delete().where(
                fault_waiting.c.fault_id.in_(fault_ids),
                fault_waiting.c.kind == kind,
                fault_waiting.c.waiting_id == waiting_id,
            )
        )

    async def _close_idle(self, fault_ids: Sequence[str]) -> set[str]:
        """Close those of the faults that nothing waits for any more: their cause is gone."""
        idle = sa.and_(
            fault_table.c.fault_id.in_(fault_ids),
            ~sa.exists(sa.select(1).where(fault_waiting.c.fault_id == fault_table.c.fault_id)),
        )
        return await self._resolve(idle)

    async def close(self, code: FaultCode, about: str | None = None) -> None:
        """Close the open faults of a code, of one subject if given."""
        which = fault_table.c.code == code
        await self._resolve(which if about is None else sa.and_(which, fault_table.c.subject == about))

    async def find(self, fault_id: str) -> tuple[Fault, bool] | None:
        """Return a fault and whether it is open; None where the company has no such fault."""
        query = sa.select(fault_table).where(
            fault_table.c.company_id == self._company_id, fault_table.c.fault_id == fault_id
        )
        row = (await self._connection.execute(query)).one_or_none()
        return (revive(row.code, row.facts), row.resolved_at is None) if row is not None else None

    async def _resolve(self, which: sa.ColumnElement[bool]) -> set[str]:
        """Close faults and tell of it; return which."""
        closing = (
            fault_table.update()
            .where(fault_table.c.company_id == self._company_id, fault_table.c.resolved_at.is_(None), which)
            .values(resolved_at=self._database.clock.now())
            .returning(fault_table.c.fault_id, fault_table.c.code)
        )
        closed = {row.fault_id: row.code for row in await self._connection.execute(closing)}
        for fault_id in sorted(closed):
            self._tell("fault.closed", fault_id, closed[fault_id])
        return set(closed)

    def _open(self) -> sa.Select[str, str]:
        return sa.select(fault_table.c.fault_id, fault_table.c.code).where(
            fault_table.c.company_id == self._company_id, fault_table.c.resolved_at.is_(None)
        )

    def _open_ids(self) -> sa.Select[str]:
        return self._open().with_only_columns(fault_table.c.fault_id)

    async def open_of(self, code: FaultCode) -> tuple[Fault, ...]:
        """List the open faults of one code, without what waits for them."""
        query = (
            sa.select(fault_table.c.code, fault_table.c.facts)
            .where(fault_table.c.fault_id.in_(self._open_ids()), fault_table.c.code == code)
            .order_by(fault_table.c.opened_at, fault_table.c.fault_id)
        )
        return tuple(revive(row.code, row.facts) for row in await self._connection.execute(query))

    async def waiting_ids(self, kind: WaitingKind) -> tuple[str, ...]:
        """List what waits for any open fault, of one kind."""
        query = (
            sa.select(fault_waiting.c.waiting_id)
            .where(fault_waiting.c.kind == kind, fault_waiting.c.fault_id.in_(self._open_ids()))
            .distinct()
        )
        return tuple((await self._connection.execute(query)).scalars())

    async def vouchers_of(self, fault_id: str) -> tuple[str, ...]:
        """List the vouchers that wait for an open fault."""
        query = (
            sa.select(fault_waiting.c.waiting_id)
            .where(
                fault_waiting.c.fault_id == fault_id,
                fault_waiting.c.fault_id.in_(self._open_ids()),
                fault_waiting.c.kind == "voucher",
            )
            .order_by(fault_waiting.c.waiting_id)
        )
        return tuple((await self._connection.execute(query)).scalars())

    async def holding(self, kind: WaitingKind, waiting_id: str) -> tuple[HeldBy, ...]:
        """Name the open faults that something waits for, oldest first."""
        waits = sa.select(fault_waiting.c.fault_id).where(
            fault_waiting.c.kind == kind, fault_waiting.c.waiting_id == waiting_id
        )
        query = (
            sa.select(fault_table.c.fault_id, fault_table.c.code)
            .where(fault_table.c.fault_id.in_(self._open_ids()), fault_table.c.fault_id.in_(waits))
            .order_by(fault_table.c.opened_at, fault_table.c.fault_id)
        )
        return tuple(HeldBy(row.fault_id, row.code) for row in await self._connection.execute(query))

    async def all_shown(self) -> tuple[ShownFault, ...]:
        """List the open faults, oldest first, in two statements that sum what waits."""
        rows = (await self._connection.execute(self._oldest_first())).all()
        sums = {row.fault_id: _summed(row) for row in await self._connection.execute(self._sums())}
        return tuple(
            ShownFault(
                row.fault_id, revive(row.code, row.facts), row.opened_at, sums.get(row.fault_id, Waits())
            )
            for row in rows
        )

    def _oldest_first(self) -> sa.Select[Any]:
        return (
            sa.select(fault_table)
            .where(fault_table.c.company_id == self._company_id, fault_table.c.resolved_at.is_(None))
            .order_by(fault_table.c.opened_at, fault_table.c.fault_id)
        )

    def _sums(self) -> sa.Select[Any]:
        """Sum what waits for each fault; its days come as one text, for there may be thousands."""
        waits = fault_waiting.c
        own = waits.fault_id.in_(self._open_ids())
        days = sa.select(waits.fault_id, waits.business_date).where(own).distinct().subquery()
        dates = (
            sa.select(
                days.c.fault_id,
                sa.func.aggregate_strings(sa.cast(days.c.business_date, sa.String), ",").label("dates"),
            )
            .group_by(days.c.fault_id)
            .subquery()
        )
        sums = (
            sa.select(
                waits.fault_id,
                sa.func.sum(sa.case((waits.kind == "session", 1), else_=0)).label("sessions"),
                sa.func.sum(sa.case((waits.kind == "voucher", 1), else_=0)).label("vouchers"),
                sa.func.sum(waits.amount).label("amount"),
            )
            .where(own)
            .group_by(waits.fault_id)
            .subquery()
        )
        return sa.select(sums, dates.c.dates).join(dates, dates.c.fault_id == sums.c.fault_id)

    async def all_open(self) -> tuple[OpenFault, ...]:
        """List the open faults, oldest first, in two statements however many there are."""
        rows = (await self._connection.execute(self._oldest_first())).all()
        waits = sa.select(fault_waiting).where(fault_waiting.c.fault_id.in_(self._open_ids()))
        waiting: dict[str, list[Waiting]] = {}
        for row in await self._connection.execute(waits.order_by(fault_waiting.c.business_date)):
            one = Waiting(row.kind, row.waiting_id, row.business_date, row.amount)
            waiting.setdefault(row.fault_id, []).append(one)
        return tuple(
            OpenFault(
                row.fault_id,
                revive(row.code, row.facts),
                row.opened_at,
                tuple(waiting.get(row.fault_id, ())),
            )
            for row in rows
        )
