"""The vouchers of one company: frozen once, moved only along legal moves, found by what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.order import by_day_if_all, fresh_first
from fortnox_sync.export.payload import Payload
from fortnox_sync.export.state import State, check_move
from fortnox_sync.export.tables import booking, claim, voucher, voucher_row
from fortnox_sync.intake.tables import till_transaction
from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.ids import new_id
from fortnox_sync.runtime.telemetry import VOUCHERS


@dataclass(frozen=True, slots=True)
class StoredVoucher:
    """A voucher as it stands, with its frozen payload."""

    voucher_id: str
    origin: str
    part: str
    register_id: str
    state: State
    revision: int
    tries: int
    absences: int
    payload: Payload
    export_id: str | None = None
    reverses: str | None = None

    @property
    def amount_ore(self) -> int:
        """Return the sum of either side, in öre."""
        return sum(row.debit.ore for row in self.payload.rows)


class Vouchers:
    """The vouchers of one company, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._database, self._connection, self._company_id = database, connection, company_id

    @property
    def company_id(self) -> str:
        """Return whose vouchers these are."""
        return self._company_id

    async def add(
        self,
        origin: str,
        part: str,
        register_id: str,
        payload: Payload,
        state: State,
        export_id: str | None = None,
        reverses: str | None = None,
    ) -> str:
        """Store a frozen voucher and return its id."""
        voucher_id = new_id()
        now = self._database.clock.now()
        row = {
            "voucher_id": voucher_id,
            "company_id": self._company_id,
            "origin": origin,
            "part": part,
            "register_id": register_id,
            "state": state.value,
            "created_at": now,
            "next_due_at": now,
            "export_id": export_id,
            "reverses": reverses,
            **_frozen(payload),
        }
        await self._connection.execute(voucher.insert(), [row])
        await self._add_rows(voucher_id, 1, payload.rows)
        VOUCHERS.labels(state.value).inc()
        self._tell(voucher_id, origin, state, export_id)
        return voucher_id

    def _tell(self, voucher_id: str, session_id: str, state: State, export_id: str | None) -> None:
        """Tell of a voucher's new state, but for the moment it is on the wire: that is nobody's business."""
        if state is not State.SENDING:
            events.tell(
                self._database,
                self._connection,
                self._company_id,
                "voucher.changed",
                voucher_id=voucher_id,
                session_id=session_id,
                export_id=export_id,
                state=state.value,
            )

    async def _add_rows(self, voucher_id: str, revision: int, rows: Sequence[VoucherRow]) -> None:
        written = [
            {
                "voucher_id": voucher_id,
                "revision": revision,
                "position": position,
                "account": row.account,
                "cost_center": row.cost_center,
                "debit": row.debit.ore,
                "credit": row.credit.ore,
                "of": row.of,
                "text": row.text,
            }
            for position, row in enumerate(rows)
        ]
        if written:
            await self._connection.execute(voucher_row.insert(), written)

    async def claim(
        self, voucher_id: str, session_id: str, which: sa.ColumnElement[bool], taken: sa.Select[str]
    ) -> int:
        """Put a session's unclaimed transactions of some kind into a voucher; return how many."""
        unclaimed = sa.select(
            sa.literal(voucher_id),
            till_transaction.c.transaction_id,
            till_transaction.c.company_id,
            till_transaction.c.session_id,
        ).where(
            till_transaction.c.company_id == self._company_id,
            till_transaction.c.session_id == session_id,
            which,
            till_transaction.c.transaction_id.not_in(taken),
        )
        columns = ["voucher_id", "transaction_id", "company_id", "session_id"]
        return (await self._connection.execute(claim.insert().from_select(columns, unclaimed))).rowcount

    async def move(self, standing: StoredVoucher, state: State, **values: Any) -> None:  # noqa: ANN401 - columns
        """Move a voucher on; IllegalMoveError when the move is not a safe one."""
        check_move(standing.state, state)
        moved = await self._connection.execute(
            voucher.update()
            .where(
                self._own(),
                voucher.c.voucher_id == standing.voucher_id,
                voucher.c.state == standing.state.value,
            )
            .values(state=state.value, **values)
        )
        check_one(moved.rowcount)
        VOUCHERS.labels(state.value).inc()
        self._tell(standing.voucher_id, standing.origin, state, standing.export_id)

    async def revise(self, standing: StoredVoucher, payload: Payload) -> None:
        """Replace the frozen rows of a voucher that no try can be alive of; the marker stays."""
        if payload.hash == standing.payload.hash:
            return
        revision = standing.revision + 1
        await self._connection.execute(
            voucher.update()
            .where(self._own(), voucher.c.voucher_id == standing.voucher_id)
            .values(revision=revision, **_frozen(payload))
        )
        await self._add_rows(standing.voucher_id, revision, payload.rows)

    async def due(self, states: Sequence[State], now: datetime, most: int) -> tuple[StoredVoucher, ...]:
        """List vouchers whose time has come, by the day; of more than `most`, today's closes go first."""
        query = (
            sa.select(voucher)
            .where(
                self._own(),
                voucher.c.state.in_([state.value for state in states]),
                voucher.c.next_due_at <= now,
                _may_go(),
            )
            .order_by(
                *fresh_first(voucher.c.transaction_date, now), voucher.c.created_at, voucher.c.voucher_id
            )
            .limit(most + 1)
        )
        return by_day_if_all(await self._load(query), most, lambda one: one.payload.transaction_date)

    async def unverified(self, now: datetime, most: int) -> tuple[StoredVoucher, ...]:
        """List booked vouchers that are to be read back now."""
        query = (
            sa.select(voucher)
            .join(booking, booking.c.voucher_id == voucher.c.voucher_id)
            .where(self._own(), booking.c.verified_at.is_(None), voucher.c.next_due_at <= now)
            .order_by(booking.c.booked_at)
            .limit(most)
        )
        return await self._load(query)

    async def in_states(self, states: Sequence[State]) -> tuple[StoredVoucher, ...]:
        """List every voucher in some states."""
        query = sa.select(voucher).where(self._own(), voucher.c.state.in_([s.value for s in states]))
        return await self._load(query.order_by(voucher.c.transaction_date, voucher.c.created_at))

    async def of_sessions(
        self, session_ids: Sequence[str], states: Sequence[State]
    ) -> tuple[StoredVoucher, ...]:
        """List the vouchers of sessions that are in some states."""
        query = sa.select(voucher).where(
            self._own(), voucher.c.origin.in_(session_ids), voucher.c.state.in_([s.value for s in states])
        )
        return await self._load(query)

    async def page(
        self, state: State | None, export_id: str | None, limit: int, after: str | None
    ) -> tuple[StoredVoucher, ...]:
        """List vouchers in the order they were made, some at a time."""
        query = sa.select(voucher).where(self._own())
        if state is not None:
            query = query.where(voucher.c.state == state.value)
        if export_id is not None:
            query = query.where(voucher.c.export_id == export_id)
        if after is not None:
            query = query.where(voucher.c.voucher_id > after)
        return await self._load(query.order_by(voucher.c.voucher_id).limit(limit))

    async def find(self, voucher_id: str) -> StoredVoucher | None:
        """Return a voucher as it stands."""
        found = await self._load(sa.select(voucher).where(self._own(), voucher.c.voucher_id == voucher_id))
        return found[0] if found else None

    async def postpone(self, voucher_id: str, until: datetime | None) -> None:
        """Say when a voucher is next worth a look; None for not before something changes."""
        await self._connection.execute(
            voucher.update().where(self._own(), voucher.c.voucher_id == voucher_id).values(next_due_at=until)
        )

    async def stumbled(self, voucher_id: str) -> int:
        """Count a mistake of our own on a voucher; return how many there were."""
        counted = (
            voucher.update()
            .where(self._own(), voucher.c.voucher_id == voucher_id)
            .values(stumbles=voucher.c.stumbles + 1)
            .returning(voucher.c.stumbles)
        )
        stumbles: int = (await self._connection.execute(counted)).scalar_one()
        return stumbles

    async def rest(self, states: Sequence[State], until: datetime) -> None:
        """Let vouchers in some states that are due before a moment wait for it."""
        await self._connection.execute(
            voucher.update()
            .where(
                self._own(),
                voucher.c.state.in_([state.value for state in states]),
                voucher.c.next_due_at < until,
            )
            .values(next_due_at=until)
        )

    async def make_due(self, states: Sequence[State]) -> None:
        """Make every voucher in some states due now, however long it was to wait."""
        await self._connection.execute(
            voucher.update()
            .where(self._own(), voucher.c.state.in_([state.value for state in states]))
            .values(next_due_at=self._database.clock.now())
        )

    async def count(self, states: Sequence[State]) -> int:
        """Count the vouchers in some states."""
        counted = sa.select(sa.func.count()).select_from(voucher)
        query = counted.where(self._own(), voucher.c.state.in_([s.value for s in states]))
        return (await self._connection.execute(query)).scalar_one()

    async def next_due_at(self, states: Sequence[State]) -> datetime | None:
        """Return when the next voucher in some states is due."""
        query = sa.select(sa.func.min(voucher.c.next_due_at)).where(
            self._own(), voucher.c.state.in_([state.value for state in states]), _may_go()
        )
        due: datetime | None = (await self._connection.execute(query)).scalar_one()
        return due

    def _own(self) -> sa.ColumnElement[bool]:
        return voucher.c.company_id == self._company_id

    async def _load(self, query: sa.Select[Any]) -> tuple[StoredVoucher, ...]:
        found = (await self._connection.execute(query)).all()
        rows = await self._rows([one.voucher_id for one in found])
        return tuple(_stored(one, rows.get((one.voucher_id, one.revision), [])) for one in found)

    async def _rows(self, voucher_ids: Sequence[str]) -> dict[tuple[str, int], list[VoucherRow]]:
        query = (
            sa.select(voucher_row)
            .where(voucher_row.c.voucher_id.in_(voucher_ids))
            .order_by(voucher_row.c.position)
        )
        rows: dict[tuple[str, int], list[VoucherRow]] = {}
        for row in (await self._connection.execute(query)) if voucher_ids else ():
            rows.setdefault((row.voucher_id, row.revision), []).append(
                VoucherRow(
                    row.account, row.cost_center, Money(row.debit), Money(row.credit), row.of, row.text
                )
            )
        return rows


def _may_go() -> sa.ColumnElement[bool]:
    """Say of a voucher that it does not wait behind a reversal in its session: that one is booked first.

    Else the same sales would stand in the books twice as long as the reversal is held.
    """
    first = voucher.alias("first")
    behind = sa.exists(
        sa.select(1).where(
            first.c.company_id == voucher.c.company_id,
            first.c.origin == voucher.c.origin,
            first.c.reverses.is_not(None),
            first.c.state != State.BOOKED.value,
        )
    )
    return sa.or_(voucher.c.state != State.READY.value, voucher.c.reverses.is_not(None), ~behind)


async def parts_taken(connection: AsyncConnection, company_id: str, session_id: str) -> dict[str, bool]:
    """Return the part names a session has used, and whether what they name counts as a part of its day.

    What is empty, was dismissed, reversed or deleted counts no more; its name is not given out again.
    """
    mirror = voucher.alias("mirror")
    is_reversed = sa.exists(sa.select(1).where(mirror.c.reverses == voucher.c.voucher_id))
    is_deleted = sa.exists(
        sa.select(1).where(booking.c.voucher_id == voucher.c.voucher_id, booking.c.gone_at.is_not(None))
    )
    never_was = voucher.c.state.in_([State.EMPTY.value, State.DISMISSED.value])
    query = sa.select(voucher.c.part, sa.or_(never_was, is_reversed, is_deleted).label("is_gone")).where(
        voucher.c.company_id == company_id, voucher.c.origin == session_id
    )
    return {row.part: not row.is_gone for row in await connection.execute(query)}


class NotOneRowError(Exception):
    """A write hit another number of rows than the one it was meant for: somebody else was there."""


def check_one(rowcount: int) -> None:
    """Raise NotOneRowError unless exactly one row was written."""
    if rowcount != 1:
        raise NotOneRowError(rowcount)


def _frozen(payload: Payload) -> dict[str, Any]:
    when: date = payload.transaction_date
    return {
        "series": payload.series,
        "transaction_date": when,
        "description": payload.description,
        "comments": payload.comments,
        "marker": payload.marker,
        "payload_hash": payload.hash,
    }


def _stored(row: Any, rows: list[VoucherRow]) -> StoredVoucher:  # noqa: ANN401 - a row of the table
    payload = Payload(
        row.series,
        row.transaction_date,
        row.description,
        row.comments,
        row.marker,
        tuple(rows),
        row.payload_hash,
    )
    return StoredVoucher(
        row.voucher_id,
        row.origin,
        row.part,
        row.register_id,
        State(row.state),
        row.revision,
        row.tries,
        row.absences,
        payload,
        row.export_id,
        row.reverses,
    )
