"""The till ledger: what was told becomes rows, every transaction once, however often it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.intake.payload import DayClosed, Transaction
from fortnox_sync.intake.tables import day_close, day_report, till_entry, till_session, till_transaction
from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database

# Rows a statement: PostgreSQL takes 32 767 parameters, SQLite about as many.
_ROWS_A_STATEMENT = 1000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Told:
    """A transaction or day close together with who told it."""

    company_id: str
    delivery_id: str
    fact: Transaction | DayClosed


@dataclass(slots=True)
class Recorded:
    """What a group of deliveries added to the ledger, and what each of them tells otherwise than it."""

    sessions: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    conflicting: dict[str, list[Transaction | DayClosed]] = field(default_factory=dict)

    def touch(self, company_id: str, fact: Transaction | DayClosed) -> None:
        """Count one more change of a session; a day close knows its register and date best."""
        key = (company_id, fact.session_id)
        if key not in self.sessions:
            self.sessions[key] = {**_session_row(company_id, fact), "changes": 0}
        elif isinstance(fact, DayClosed):
            self.sessions[key].update(_session_row(company_id, fact))
        self.sessions[key]["changes"] += 1

    def contradict(self, told: Told) -> None:
        """Remember that a delivery says something else than the ledger under the same name."""
        self.conflicting.setdefault(told.delivery_id, []).append(told.fact)


def _session_row(company_id: str, fact: Transaction | DayClosed) -> dict[str, Any]:
    closed_at: datetime | None = fact.closed_at if isinstance(fact, DayClosed) else None
    business_date: date = fact.business_date
    return {
        "company_id": company_id,
        "session_id": fact.session_id,
        "register_id": fact.register_id,
        "business_date": business_date,
        "closed_at": closed_at,
    }


async def record(
    database: Database,
    connection: AsyncConnection,
    transactions: Sequence[Told],
    closes: Sequence[Told],
) -> Recorded:
    """Add what is new; what is there already stays as it is, and what differs from it is reported."""
    recorded = Recorded()
    await _record_transactions(database, connection, transactions, recorded)
    await _record_closes(database, connection, closes, recorded)
    await _touch_sessions(database, connection, recorded)
    for (company_id, session_id), row in recorded.sessions.items():
        if row["closed_at"] is not None:
            events.tell(database, connection, company_id, "day.closed", session_id=session_id)
    return recorded


async def _record_transactions(
    database: Database, connection: AsyncConnection, told: Sequence[Told], recorded: Recorded
) -> None:
    first: dict[tuple[str, str], Told] = {}
    for one in told:
        if isinstance(one.fact, Transaction):
            first.setdefault((one.company_id, one.fact.transaction_id), one)
    first = dict(sorted(first.items()))
    rows = [_transaction_row(one, one.fact) for one in first.values() if isinstance(one.fact, Transaction)]
    added = await database.add_new(connection, till_transaction, rows)
    new = list(first.values())
    if added < len(told):
        standing = await _standing(connection, first)
        new = [one for key, one in first.items() if standing[key][0] == one.delivery_id]
        _compare(told, standing, recorded)
    if new:
        await database.add(connection, till_entry, _entry_columns(new))
    for one in new:
        recorded.touch(one.company_id, one.fact)


def _compare(
    told: Iterable[Told], standing: dict[tuple[str, str], tuple[str, str]], recorded: Recorded
) -> None:
    """Look which tellings say something else than what stands, be it from long ago or of the same group."""
    for one in told:
        if isinstance(one.fact, Transaction):
            _, content_hash = standing[one.company_id, one.fact.transaction_id]
            if content_hash != one.fact.content_hash:
                recorded.contradict(one)


async def differing(connection: AsyncConnection, told: Sequence[Told]) -> tuple[Transaction | DayClosed, ...]:
    """Return what the ledger does not have, or has otherwise; nothing is recorded."""
    keys = [(one.company_id, one.fact.transaction_id) for one in told if isinstance(one.fact, Transaction)]
    standing = await _standing(connection, keys)
    found = []
    for one in told:
        match one.fact:
            case Transaction(transaction_id=transaction_id):
                _, content_hash = standing.get((one.company_id, transaction_id), ("", None))
            case DayClosed():
                content_hash = await _hash_of_close(connection, one.company_id, one.fact)
        if content_hash != one.fact.content_hash:
            found.append(one.fact)
    return tuple(found)


async def _standing(
    connection: AsyncConnection, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Return who told transactions first, and what."""
    kept, found = till_transaction.c, {}
    for chunk in _chunks(list(keys)):
        query = sa.select(kept.company_id, kept.transaction_id, kept.delivery_id, kept.content_hash).where(
            kept.company_id.in_({company_id for company_id, _ in chunk}),
            kept.transaction_id.in_({transaction_id for _, transaction_id in chunk}),
        )
        found.update({(c, t): (d, h) for c, t, d, h in await connection.execute(query)})
    return found


def _transaction_row(told: Told, transaction: Transaction) -> dict[str, Any]:
    return {
        "company_id": told.company_id,
        "transaction_id": transaction.transaction_id,
        "session_id": transaction.session_id,
        "register_id": transaction.register_id,
        "receipt_number": transaction.receipt_number,
        "business_date": transaction.business_date,
        "occurred_at": transaction.occurred_at,
        "kind": transaction.kind.value,
        "text": transaction.text,
        "content_hash": transaction.content_hash,
        "delivery_id": told.delivery_id,
    }


def _entry_columns(transactions: Sequence[Told]) -> dict[str, list[Any]]:
    """Return all lines, column by column: they are the most rows by far."""
    lines = [
        (told, told.fact, position, entry)
        for told in transactions
        if isinstance(told.fact, Transaction)
        for position, entry in enumerate(told.fact.entries)
    ]
    return {
        "company_id": [told.company_id for told, _, _, _ in lines],
        "session_id": [transaction.session_id for _, transaction, _, _ in lines],
        "transaction_id": [transaction.transaction_id for _, transaction, _, _ in lines],
        "position": [position for _, _, position, _ in lines],
        "register_id": [transaction.register_id for _, transaction, _, _ in lines],
        "kind": [transaction.kind.value for _, transaction, _, _ in lines],
        "type": [entry.type.value for _, _, _, entry in lines],
        "item_id": [entry.item_id for _, _, _, entry in lines],
        "vat_rate": [entry.vat_rate and entry.vat_rate.key for _, _, _, entry in lines],
        "cost_center_id": [entry.cost_center_id for _, _, _, entry in lines],
        "amount": [entry.amount.ore for _, _, _, entry in lines],
        "vat": [entry.vat.ore for _, _, _, entry in lines],
    }


async def _record_closes(
    database: Database, connection: AsyncConnection, told: Sequence[Told], recorded: Recorded
) -> None:
    for one in sorted(told, key=lambda one: (one.company_id, one.fact.session_id)):
        if not isinstance(one.fact, DayClosed):
            continue
        if not await database.add_new(connection, day_close, [_close_row(one, one.fact)]):
            if await _hash_of_close(connection, one.company_id, one.fact) != one.fact.content_hash:
                recorded.contradict(one)
            continue
        recorded.touch(one.company_id, one.fact)
        if one.fact.report is not None:
            await connection.execute(day_report.insert(), [_report_row(one.company_id, one.fact)])


async def _hash_of_close(connection: AsyncConnection, company_id: str, close: DayClosed) -> str | None:
    """Return what the standing close of the same revision says, if there is one."""
    query = sa.select(day_close.c.content_hash).where(
        day_close.c.company_id == company_id,
        day_close.c.session_id == close.session_id,
        day_close.c.revision == close.revision,
    )
    found: str | None = (await connection.execute(query)).scalar_one_or_none()
    return found


def _close_row(told: Told, close: DayClosed) -> dict[str, Any]:
    return {
        **_session_row(told.company_id, close),
        "revision": close.revision,
        "z_number": close.z_number,
        "opened_at": close.opened_at,
        "transaction_count": close.transaction_count,
        "totals": close.totals.model_dump(mode="json"),
        "content_hash": close.content_hash,
        "delivery_id": told.delivery_id,
    }


def _report_row(company_id: str, close: DayClosed) -> dict[str, Any]:
    report = close.report
    return {
        "company_id": company_id,
        "session_id": close.session_id,
        "revision": close.revision,
        "media_type": report.media_type if report else "",
        "content": report.content if report else b"",
    }


async def _touch_sessions(database: Database, connection: AsyncConnection, recorded: Recorded) -> None:
    """Count the changes of each session, in one order everywhere, so that two groups never deadlock."""
    rows = [recorded.sessions[key] for key in sorted(recorded.sessions)]
    await database.merge(connection, till_session, rows, _count_on)


def _count_on(insert: Any) -> Any:  # noqa: ANN401 - the dialects' inserts share no type
    """Add to what is known of a session; its first close knows its register and date best.

    A later revision can't move the day: what is booked, or not to be booked, would change in silence.
    """
    told, known = insert.excluded, till_session.c
    closes = sa.and_(told.closed_at.is_not(None), known.closed_at.is_(None))
    return insert.on_conflict_do_update(
        index_elements=["company_id", "session_id"],
        set_={
            "changes": known.changes + told.changes,
            "overdue_at": sa.null(),  # it is told anew what a session holds that should have closed
            "closed_at": sa.func.coalesce(told.closed_at, known.closed_at),
            "register_id": sa.case((closes, told.register_id), else_=known.register_id),
            "business_date": sa.case((closes, told.business_date), else_=known.business_date),
        },
    )


def _chunks(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (rows[start : start + _ROWS_A_STATEMENT] for start in range(0, len(rows), _ROWS_A_STATEMENT))
