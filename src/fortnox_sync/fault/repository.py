"""The store of faults of one company: one open fault per code and subject, and all that waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.fault.model import Fault, FaultCode, revive, subject
from fortnox_sync.fault.tables import fault as fault_table
from fortnox_sync.fault.tables import fault_waiting
from fortnox_sync.runtime.database import Database
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
class HeldBy:
    """An open fault that something waits for, by name."""

    fault_id: str
    code: FaultCode


class Faults:
    """The faults of one company, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._database, self._connection, self._company_id = database, connection, company_id

    async def open(self, fault: Fault, waiting: Sequence[Waiting] = ()) -> str:
        """Open a fault, or bring an open one and what waits for it up to date; return its id."""
        now = self._database.clock.now()
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
        await self._add_waiting(fault_id, waiting)
        if fault_id == row["fault_id"]:
            log.info("fault.opened", company_id=self._company_id, fault=fault.code)
        return fault_id

    async def _add_waiting(self, fault_id: str, waiting: Iterable[Waiting]) -> None:
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
        if rows:
            insert = self._database.upsert(fault_waiting)
            amount = insert.on_conflict_do_update(
                index_elements=["fault_id", "kind", "waiting_id"], set_={"amount": insert.excluded.amount}
            )
            await self._connection.execute(amount, rows)

    async def release(
        self,
        kind: WaitingKind,
        waiting_id: str,
        *,
        but: str | None = None,
        but_code: FaultCode | None = None,
    ) -> None:
        """Let something wait no more, but for one fault or a code; close what nothing waits for."""
        held = self._open_ids().where(
            fault_table.c.code != (but_code or ""),
            sa.exists(
                sa.select(1).where(
                    fault_waiting.c.fault_id == fault_table.c.fault_id,
                    fault_waiting.c.kind == kind,
                    fault_waiting.c.waiting_id == waiting_id,
                )
            ),
        )
        found: list[str] = list((await self._connection.execute(held)).scalars())
        fault_ids = [one for one in found if one != but]
        if not fault_ids:
            return
        await self._connection.execute(
            fault_waiting.delete().where(
                fault_waiting.c.fault_id.in_(fault_ids),
                fault_waiting.c.kind == kind,
                fault_waiting.c.waiting_id == waiting_id,
            )
        )
        await self._close_idle(fault_ids)

    async def _close_idle(self, fault_ids: Sequence[str]) -> None:
        """Close those of the faults that nothing waits for any more: their cause is gone."""
        idle = sa.and_(
            fault_table.c.fault_id.in_(fault_ids),
            ~sa.exists(sa.select(1).where(fault_waiting.c.fault_id == fault_table.c.fault_id)),
        )
        await self._resolve(idle)

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

    async def _resolve(self, which: sa.ColumnElement[bool]) -> None:
        await self._connection.execute(
            fault_table.update()
            .where(fault_table.c.company_id == self._company_id, fault_table.c.resolved_at.is_(None), which)
            .values(resolved_at=self._database.clock.now())
        )

    def _open_ids(self) -> sa.Select[str]:
        return sa.select(fault_table.c.fault_id).where(
            fault_table.c.company_id == self._company_id, fault_table.c.resolved_at.is_(None)
        )

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

    async def all_open(self) -> tuple[OpenFault, ...]:
        """List the open faults, oldest first, in two statements however many there are."""
        query = (
            sa.select(fault_table)
            .where(fault_table.c.company_id == self._company_id, fault_table.c.resolved_at.is_(None))
            .order_by(fault_table.c.opened_at, fault_table.c.fault_id)
        )
        rows = (await self._connection.execute(query)).all()
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
