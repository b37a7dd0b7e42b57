"""An inbox on a real database without a door before it, and eyes for what it left there."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from tests.factories import Json, body_of
from tests.world import START, StandingClock

from fortnox_sync.intake.contents import read
from fortnox_sync.intake.inbox import Inbox, Receipt
from fortnox_sync.intake.signature import VerifiedDelivery
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.runtime.database import Database


@dataclass
class Desk:
    """An inbox at work, and its database."""

    database: Database
    inbox: Inbox
    sent: int = 0

    async def take(self, delivery: Json | bytes, webhook_id: str | None = None) -> Receipt:
        """Hand in a delivery as if its signature had been checked."""
        self.sent += 1
        body = delivery if isinstance(delivery, bytes) else body_of(delivery)
        verified = VerifiedDelivery(
            webhook_id or f"msg_{self.sent}", START, body, hashlib.sha256(body).hexdigest()
        )
        return await self.inbox.take(verified, read(body))

    async def rows(self, table: sa.Table, *columns: str) -> list[dict[str, Any]]:
        """Return a table, or some of its columns, in the order of the primary key."""
        return await rows(self.database, table, *columns)


async def rows(database: Database, table: sa.Table, *columns: str) -> list[dict[str, Any]]:
    """Return a table, or some of its columns, in the order of the primary key."""
    query = sa.select(*(table.c[name] for name in columns or table.c.keys())).order_by(*table.primary_key)
    async with database.read() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


@asynccontextmanager
async def a_desk(database_url: str) -> AsyncIterator[Desk]:
    """Open an inbox of its own on a database that others may use too."""
    database = Database(database_url, StandingClock())
    inbox = Inbox(database, LocalBell())
    running = asyncio.create_task(inbox.run())
    try:
        yield Desk(database, inbox)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await database.dispose()


@contextmanager
def commits(database: Database) -> Iterator[list[str]]:
    """Count what is committed."""
    seen: list[str] = []

    def note(_: sa.Connection) -> None:
        seen.append("commit")

    with _listening(database, "commit", note):
        yield seen


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """Let every commit fail, as it does on a full disk."""

    def fail(_: sa.Connection) -> None:
        raise OperationalError("COMMIT", None, OSError("No space left on device"))

    with _listening(database, "commit", fail):
        yield


@contextmanager
def _listening(database: Database, event: str, listener: Callable[[sa.Connection], None]) -> Iterator[None]:
    sa.event.listen(database.engine.sync_engine, event, listener)
    try:
        yield
    finally:
        sa.event.remove(database.engine.sync_engine, event, listener)
