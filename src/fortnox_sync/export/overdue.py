"""Days that should have closed: a till session without its close is told the next morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.company import Status
from fortnox_sync.connection.tables import company
from fortnox_sync.export.tables import claim
from fortnox_sync.fault.facts import DayOverdueFacts
from fortnox_sync.fault.model import DayOverdue
from fortnox_sync.fault.parts import TillRegister
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.intake.tables import catalog_item, till_entry, till_session, till_transaction
from fortnox_sync.runtime.clock import STOCKHOLM, business_day
from fortnox_sync.runtime.database import Database

# A sales day may run past midnight; by six even a night club has closed.
_MORNING = time(6)
_A_DAY = timedelta(days=1)
# Months of old sessions that were never closed are told sweep by sweep.
_MOST_SESSIONS = 100

_session = till_session.c


def overdue_from(business_date: date) -> datetime:
    """Return when the close of a business day is overdue: six in the morning after it, Swedish time."""
    return datetime.combine(business_date + _A_DAY, _MORNING, STOCKHOLM)


def last_overdue_on(now: datetime) -> date:
    """Return the latest business day whose close is overdue."""
    yesterday = business_day(now) - _A_DAY
    return yesterday if overdue_from(yesterday) <= now else yesterday - _A_DAY


async def tell_overdue(database: Database) -> int:
    """Open a fault for each session that should have closed by now; return how many were told.

    Companies that export, days from their start date on, each once: a session is told again only when more
    was sold in it after that.
    """
    last_on = last_overdue_on(database.clock.now())
    async with database.read() as connection:
        if (await connection.execute(_unclosed(last_on).limit(1))).first() is None:
            return 0
    async with database.write() as connection:
        # Locked, so that the till can't close one of them before the fault is there to be released.
        query = _unclosed(last_on).order_by(_session.business_date).limit(_MOST_SESSIONS)
        found = (await connection.execute(query.with_for_update(of=till_session, skip_locked=True))).all()
        if found:
            await _tell(database, connection, found)
    return len(found)


def _unclosed(last_on: date) -> sa.Select[Any]:
    is_register = sa.and_(
        catalog_item.c.company_id == _session.company_id,
        catalog_item.c.dimension == "register",
        catalog_item.c.item_id == _session.register_id,
    )
    columns = (_session.company_id, _session.session_id, _session.register_id, _session.business_date)
    return (
        sa.select(*columns, catalog_item.c.name)
        .select_from(
            till_session.join(company, company.c.company_id == _session.company_id).outerjoin(
                catalog_item, is_register
            )
        )
        .where(
            _session.closed_at.is_(None),
            _session.overdue_at.is_(None),
            _session.business_date <= last_on,
            _session.business_date >= company.c.start_on,
            company.c.status == Status.ACTIVE.value,
        )
    )


async def _tell(database: Database, connection: AsyncConnection, found: Sequence[Any]) -> None:
    keys = [(one.company_id, one.session_id) for one in found]
    received = await _received(connection, keys)
    waiting = await _unbooked(connection, keys)
    for one in found:
        key = (one.company_id, one.session_id)
        facts = DayOverdueFacts(
            session_id=one.session_id,
            till_register=TillRegister(register_id=one.register_id, name=one.name or ""),
            business_date=one.business_date,
            transactions_received=received.get(key, 0),
        )
        waits = Waiting("session", one.session_id, one.business_date, waiting.get(key, 0))
        await Faults(database, connection, one.company_id).open(DayOverdue(facts=facts), [waits])
    told = sa.tuple_(_session.company_id, _session.session_id).in_(keys)
    await connection.execute(till_session.update().where(told).values(overdue_at=database.clock.now()))


async def _received(
    connection: AsyncConnection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Count the transactions that came of each session."""
    told = till_transaction.c
    query = (
        sa.select(told.company_id, told.session_id, sa.func.count())
        .where(sa.tuple_(told.company_id, told.session_id).in_(keys))
        .group_by(told.company_id, told.session_id)
    )
    return {(company_id, session_id): n for company_id, session_id, n in await connection.execute(query)}


async def _unbooked(
    connection: AsyncConnection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Sum what was paid in each session and is in no voucher, in öre."""
    entry = till_entry.c
    taken = sa.exists(
        sa.select(1).where(
            claim.c.company_id == entry.company_id,
            claim.c.transaction_id == entry.transaction_id,
            claim.c.released_at.is_(None),
        )
    )
    query = (
        sa.select(entry.company_id, entry.session_id, sa.func.sum(entry.amount))
        .where(sa.tuple_(entry.company_id, entry.session_id).in_(keys), entry.type == "payment", ~taken)
        .group_by(entry.company_id, entry.session_id)
    )
    return {
        (company_id, session_id): int(paid)
        for company_id, session_id, paid in await connection.execute(query)
    }
