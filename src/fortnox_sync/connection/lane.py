"""The lane: one company's queue towards Fortnox, served by one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import company, lane
from fortnox_sync.runtime.database import Database

LEASE = timedelta(seconds=90)


class LeaseLostError(Exception):
    """Another worker serves the lane now: write nothing more."""


@dataclass(frozen=True, slots=True)
class TurnsTaken:
    """When a process took its last turns at Fortnox: the next one counts them as its own."""

    by: str
    at: tuple[datetime, ...]

    def as_json(self) -> dict[str, Any]:
        """Write it for the lane's row."""
        return {"by": self.by, "at": [moment.isoformat() for moment in self.at]}

    @classmethod
    def read(cls, told: dict[str, Any] | None) -> TurnsTaken | None:
        """Read it from the lane's row."""
        if told is None:
            return None
        return cls(told["by"], tuple(datetime.fromisoformat(moment) for moment in told["at"]))


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to serve a lane; the epoch tells it from every other one, before and after."""

    company_id: str
    owner: str
    epoch: int
    # The turns at Fortnox that whoever served the lane last had just taken.
    turns: TurnsTaken | None = None
    # The epoch of the lease before this one.
    before: int = 0
    # Until when the lane may have forgotten vouchers, if it may: nothing is sent then.
    suspect_until: datetime | None = None


async def wake(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Make a lane due at once; ring the bell after the commit."""
    await due_at(connection, company_id, await database.now(connection))


async def ask_to_reconcile(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Have the books compared with Fortnox at the next turn, which is due now."""
    own = lane.c.company_id == company_id
    await connection.execute(lane.update().where(own).values(is_to_reconcile=True))
    await wake(database, connection, company_id)


async def is_to_reconcile(connection: AsyncConnection, company_id: str) -> bool:
    """Tell whether the books are to be compared with Fortnox."""
    query = sa.select(lane.c.is_to_reconcile).where(lane.c.company_id == company_id)
    return bool((await connection.execute(query)).scalar_one())


async def reconciled(connection: AsyncConnection, company_id: str, at: datetime) -> None:
    """Say that the books were compared with Fortnox, to the end."""
    own = lane.c.company_id == company_id
    await connection.execute(lane.update().where(own).values(is_to_reconcile=False, reconciled_at=at))


async def reconciled_at(connection: AsyncConnection, company_id: str) -> datetime | None:
    """Return when the books were last compared with Fortnox."""
    query = sa.select(lane.c.reconciled_at).where(lane.c.company_id == company_id)
    last: datetime | None = (await connection.execute(query)).scalar_one()
    return last


async def ask_nightly(database: Database, since: datetime) -> int:
    """Ask for every active company whose books were not compared since a moment; return how many."""
    is_active = lane.c.company_id.in_(sa.select(company.c.company_id).where(company.c.status == "active"))
    is_long_ago = sa.or_(lane.c.reconciled_at.is_(None), lane.c.reconciled_at < since)
    async with database.write() as connection:
        query = sa.select(lane.c.company_id).where(is_active, is_long_ago, ~lane.c.is_to_reconcile)
        asked = list((await connection.execute(query)).scalars())
        for company_id in asked:
            await ask_to_reconcile(database, connection, company_id)
    return len(asked)


async def suspect(database: Database, connection: AsyncConnection, company_id: str, until: datetime) -> None:
    """Send nothing for a company until its books were looked through after a moment."""
    await _suspect(database, connection, until, lane.c.company_id == company_id)


async def suspect_all(database: Database, connection: AsyncConnection, until: datetime) -> None:
    """Send nothing for anybody until their books were looked through after a moment, as above."""
    await _suspect(database, connection, until, sa.true())


async def _suspect(
    database: Database, connection: AsyncConnection, until: datetime, whose: sa.ColumnElement[bool]
) -> None:
    sooner = sa.or_(lane.c.suspect_until.is_(None), lane.c.suspect_until < until)
    await connection.execute(lane.update().where(whose, sooner).values(suspect_until=until))
    now = await database.now(connection)
    await connection.execute(lane.update().where(whose).values(is_to_reconcile=True, next_due_at=now))


async def suspect_until(connection: AsyncConnection, company_id: str) -> datetime | None:
    """Return until when a lane may have forgotten vouchers."""
    query = sa.select(lane.c.suspect_until).where(lane.c.company_id == company_id)
    until: datetime | None = (await connection.execute(query)).scalar_one()
    return until


async def trust(connection: AsyncConnection, company_id: str) -> None:
    """Let a lane send again: its books were looked through to the end."""
    await connection.execute(lane.update().where(lane.c.company_id == company_id).values(suspect_until=None))


async def look_again(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Make a lane due because something changed that others wait for."""
    await connection.execute(lane.update().where(lane.c.company_id == company_id).values(look_again=True))
    await wake(database, connection, company_id)


async def due_at(connection: AsyncConnection, company_id: str, moment: datetime) -> None:
    """Make a lane due at a moment, or earlier if it is due earlier."""
    sooner = sa.or_(lane.c.next_due_at.is_(None), lane.c.next_due_at > moment)
    await connection.execute(
        lane.update().where(lane.c.company_id == company_id, sooner).values(next_due_at=moment)
    )


async def claim(database: Database, owner: str) -> Lease | None:
    """Take the lane that is due and was served longest ago; None when nothing is due.

    A lane whose owner died is due as soon as its lease is over. The epoch grows with every claim and
    outruns even a database restored from an old backup.
    """
    async with database.write() as connection:
        now = await database.now(connection)
        row = (await connection.execute(_due(now))).one_or_none()
        if row is None:
            return None
        epoch = max(row.epoch + 1, int(now.timestamp() * 1000))
        taken = await connection.execute(
            lane.update()
            .where(lane.c.company_id == row.company_id, lane.c.epoch == row.epoch, _free(now))
            .values(owner=owner, epoch=epoch, lease_until=now + LEASE, next_due_at=None, last_served_at=now)
        )
        turns = TurnsTaken.read(row.workers_turns)
        if taken.rowcount != 1:
            return None
        return Lease(row.company_id, owner, epoch, turns, row.epoch, row.suspect_until)


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(lane.c.lease_until.is_(None), lane.c.lease_until < now)


def _due(now: datetime) -> sa.Select[str, int, Any, datetime | None]:
    abandoned = lane.c.owner.is_not(None)
    return (
        sa.select(lane.c.company_id, lane.c.epoch, lane.c.workers_turns, lane.c.suspect_until)
        .join(company, company.c.company_id == lane.c.company_id)
        .where(
            _free(now),
            sa.or_(lane.c.next_due_at <= now, abandoned),
            sa.or_(lane.c.breaker_until.is_(None), lane.c.breaker_until <= now),
            company.c.status == "active",
        )
        .order_by(lane.c.last_served_at.asc().nulls_first(), lane.c.company_id)
        .limit(1)
        .with_for_update(of=lane, skip_locked=True)
    )


async def lock(connection: AsyncConnection, company_id: str) -> None:
    """Keep whoever serves the lane from writing until this transaction ends."""
    await connection.execute(sa.select(lane.c.epoch).where(lane.c.company_id == company_id).with_for_update())


async def hold(connection: AsyncConnection, lease: Lease) -> None:
    """Lock the lane for this transaction; LeaseLostError when it is somebody else's by now."""
    query = sa.select(lane.c.epoch).where(lane.c.company_id == lease.company_id).with_for_update()
    if (await connection.execute(query)).scalar_one() != lease.epoch:
        raise LeaseLostError(lease.company_id)


async def renew(database: Database, connection: AsyncConnection, lease: Lease) -> None:
    """Keep the lane for another while; LeaseLostError when it is gone."""
    await hold(connection, lease)
    now = await database.now(connection)
    await connection.execute(
        lane.update().where(lane.c.company_id == lease.company_id).values(lease_until=now + LEASE)
    )


async def release(
    database: Database, lease: Lease, next_due_at: datetime | None, turns: TurnsTaken | None = None
) -> None:
    """Give the lane back, due again at the moment given or when something woke it meanwhile."""
    async with database.write() as connection:
        await hold(connection, lease)
        given_back = {"owner": None, "lease_until": None, "workers_turns": turns.as_json() if turns else None}
        await connection.execute(
            lane.update().where(lane.c.company_id == lease.company_id).values(given_back)
        )
        if next_due_at is not None:
            await due_at(connection, lease.company_id, next_due_at)
