"""Events: what changed for a company, numbered in the order of the commits, for screens that follow along.

Readers go on after the last number they saw, so a number must never become visible after a higher one. Each
transaction takes its numbers from its company's counter, at its very end; the counter's row stays locked
until the commit, so whoever comes next gets higher numbers and commits later (docs/adr/0013).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.runtime import batches
from fortnox_sync.runtime.database import Database, Json, UtcDateTime, metadata

EventKind = Literal[
    "fault.opened",
    "fault.changed",
    "fault.closed",
    "voucher.changed",
    "day.closed",
    "export.started",
    "export.finished",
    "integration.changed",
    "mapping.changed",
]

# Neither refers to the company: the check would lock its row after the counter's, and others lock it before.
event = sa.Table(
    "event",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Index("ix_event_at", "at"),
)

event_counter = sa.Table(
    "event_counter",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
)

# A screen that slept longer than this reads everything anew; so it would after a weekend anyhow.
KEPT = timedelta(days=7)
MOST_AT_ONCE = 500

Facts = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed: its number, when, what, and the ids to look it up by."""

    company_id: str
    seq: int
    at: datetime
    kind: EventKind
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Told:
    company_id: str
    kind: EventKind
    facts: tuple[tuple[str, str | None], ...]


def tell(
    database: Database, connection: AsyncConnection, company_id: str, kind: EventKind, **facts: str | None
) -> None:
    """Tell of a change in the transaction that makes it: both are committed, or neither."""
    database.put_off(connection, _write, _Told(company_id, kind, tuple(facts.items())))


async def _write(database: Database, connection: AsyncConnection, gathered: Sequence[_Told]) -> None:
    """Give numbers to what a transaction told and insert it, each thing once, as it was told last."""
    told = list(dict.fromkeys(reversed(gathered)))[::-1]
    last = await _advance(database, connection, [one.company_id for one in told])
    now = database.clock.now()
    rows = []
    for one in reversed(told):
        seq = last[one.company_id]
        last[one.company_id] = seq - 1
        facts = dict(one.facts)
        rows.append({"company_id": one.company_id, "seq": seq, "at": now, "kind": one.kind, "facts": facts})
    await connection.execute(event.insert(), rows)


async def _advance(database: Database, connection: AsyncConnection, company_ids: list[str]) -> dict[str, int]:
    """Count on, in one order for everybody so that two groups can't wait for each other; return the ends."""
    rows = [{"company_id": one, "last_seq": company_ids.count(one)} for one in sorted(set(company_ids))]
    insert = database.upsert(event_counter).values(rows)
    counted = insert.on_conflict_do_update(
        index_elements=["company_id"],
        set_={"last_seq": event_counter.c.last_seq + insert.excluded.last_seq},
    ).returning(event_counter.c.company_id, event_counter.c.last_seq)
    return {row.company_id: row.last_seq for row in await connection.execute(counted)}


async def last_seqs(connection: AsyncConnection, company_ids: Iterable[str]) -> dict[str, int]:
    """Return the number of the newest event of each company; 0 where nothing has happened yet."""
    known = dict.fromkeys(company_ids, 0)
    query = sa.select(event_counter).where(event_counter.c.company_id.in_(list(known)))
    return known | {row.company_id: row.last_seq for row in await connection.execute(query)}


async def since(
    connection: AsyncConnection, positions: Mapping[str, int], most: int = MOST_AT_ONCE
) -> tuple[Event, ...]:
    """Return what happened to companies after a number of each, in one statement, `most` events at once."""
    after = [sa.and_(event.c.company_id == one, event.c.seq > seq) for one, seq in positions.items()]
    query = sa.select(event).where(sa.or_(sa.false(), *after)).order_by(event.c.company_id, event.c.seq)
    rows = (await connection.execute(query.limit(most))).all()
    return tuple(Event(row.company_id, row.seq, row.at, row.kind, row.facts) for row in rows)


async def prune(database: Database) -> int:
    """Let go of events nobody is kept waiting for; return how many. The counters stay."""
    return await batches.delete(database, event, event.c.at < database.clock.now() - KEPT)
