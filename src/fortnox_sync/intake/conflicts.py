"""The same thing told in two ways: the first telling stands, the other is shown until the till agrees.

A doubled delivery proves nothing: it may be the first one, come late. What the till tells *later* by its own
clock, and just as it stands, is its last word, and settles the matter without anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.fault.facts import ConflictFacts
from fortnox_sync.fault.model import DeliveryConflicting, subject
from fortnox_sync.fault.parts import CloseRevision, TillRegister
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fault.tables import fault
from fortnox_sync.intake.payload import DayClosed, Transaction
from fortnox_sync.runtime.database import Database

Fact = Transaction | DayClosed

DISPUTED = sa.select(fault.c.company_id).where(
    fault.c.company_id.in_(sa.bindparam("companies", expanding=True)),
    fault.c.code == "delivery_conflicting",
    fault.c.resolved_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Telling:
    """A delivery and what of it says otherwise than the ledger; `told_at` is the till's own time of it."""

    company_id: str
    delivery_id: str
    told_at: datetime | None
    facts: tuple[Fact, ...]
    differing: tuple[Fact, ...] = ()


def name_of(fact: Fact) -> str:
    """Name a fact as it is known by: what the till tells under the same name is the same."""
    match fact:
        case Transaction():
            return fact.transaction_id
        case DayClosed():
            return f"{fact.session_id} revision {fact.revision}"


async def show(database: Database, connection: AsyncConnection, telling: Telling) -> None:
    """Show people what a delivery tells otherwise; told so once more, it is the same fault."""
    facts = _facts(telling, database.clock.now())
    faults = Faults(database, connection, telling.company_id)
    await faults.open(DeliveryConflicting(facts=facts))


def _facts(telling: Telling, now: datetime) -> ConflictFacts:
    differing = telling.differing
    registers = {one.register_id for one in differing}
    sessions = {one.session_id for one in differing}
    return ConflictFacts(
        delivery_id=telling.delivery_id,
        received_at=now,
        told_at=telling.told_at,
        transaction_ids=tuple(sorted({t.transaction_id for t in differing if isinstance(t, Transaction)})),
        closes=tuple(_close(one) for one in differing if isinstance(one, DayClosed)),
        till_register=TillRegister(register_id=registers.pop()) if len(registers) == 1 else None,
        session_id=sessions.pop() if len(sessions) == 1 else "",
    )


def _close(close: DayClosed) -> CloseRevision:
    return CloseRevision(session_id=close.session_id, revision=close.revision)


async def settle(
    database: Database, connection: AsyncConnection, company_id: str, tellings: Iterable[Telling]
) -> None:
    """Close what the till has told again, later, as it stands; keep what is left of a fault."""
    faults = Faults(database, connection, company_id)
    theirs = [one for one in tellings if one.company_id == company_id]
    for one in await faults.open_of("delivery_conflicting"):
        if not isinstance(one, DeliveryConflicting):
            continue
        left = still_disputed(one.facts, theirs)
        if left == one.facts:
            continue
        await faults.close(one.code, subject(one))
        if left.transaction_ids or left.closes:
            await faults.open(DeliveryConflicting(facts=left))


def still_disputed(facts: ConflictFacts, tellings: Sequence[Telling]) -> ConflictFacts:
    """Return what of a conflict is left after what was told later, as it stands."""
    if facts.told_at is None:
        return facts
    later = [one for one in tellings if one.told_at is not None and one.told_at > facts.told_at]
    agreed = [fact for one in later for fact in _as_it_stands(one)]
    transactions = {one.transaction_id for one in agreed if isinstance(one, Transaction)}
    closes = [_close(one) for one in agreed if isinstance(one, DayClosed)]
    return facts.model_copy(
        update={
            "transaction_ids": tuple(one for one in facts.transaction_ids if one not in transactions),
            "closes": tuple(one for one in facts.closes if one not in closes),
        }
    )


def _as_it_stands(telling: Telling) -> Iterable[Fact]:
    differing: Collection[str] = {name_of(one) for one in telling.differing}
    return (one for one in telling.facts if name_of(one) not in differing)
