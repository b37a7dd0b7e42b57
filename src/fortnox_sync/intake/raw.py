"""Raw deliveries: kept whole while anybody may need to look, then only that and when they came.

A body repeats what the ledger keeps, and whatever else the till chose to send: fields nobody here knows, a
name, a number of a card. So it goes when its time is over (docs/adr/0018). The delivery itself stays, with
its id and hash: one that comes again is still known, and each sale still tells where it came from.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import delivery
from fortnox_sync.runtime import batches
from fortnox_sync.runtime.database import Database

# A body may be as large as the door lets in.
_AT_ONCE = 100


async def empty(database: Database, kept: timedelta) -> int:
    """Let go of the bodies of deliveries that were taken in whole and are older; return how many."""
    now = database.clock.now()
    due = sa.and_(
        delivery.c.received_at < now - kept,
        delivery.c.emptied_at.is_(None),
        # Of all others the body is the only record: nobody could read it, or the ledger says otherwise.
        delivery.c.status == "stored",
        ~_is_named_by_a_fault(),
        ~_a_day_waits_since(),
    )
    return await batches.update(database, delivery, due, _AT_ONCE, body=b"", emptied_at=now)


def _is_named_by_a_fault() -> sa.ColumnElement[bool]:
    named = sa.cast(fault.c.facts, sa.Text).contains(delivery.c.delivery_id)
    return sa.exists(sa.select(1).where(_is_open(), named).correlate(delivery))


def _a_day_waits_since() -> sa.ColumnElement[bool]:
    """Say of a delivery that it came on or after a day that a fault still keeps from being booked."""
    waits = sa.and_(
        fault_waiting.c.kind == "session", fault_waiting.c.business_date <= delivery.c.received_at
    )
    query = sa.select(1).join_from(fault, fault_waiting, fault_waiting.c.fault_id == fault.c.fault_id)
    return sa.exists(query.where(_is_open(), waits).correlate(delivery))


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(fault.c.company_id == delivery.c.company_id, fault.c.resolved_at.is_(None))
