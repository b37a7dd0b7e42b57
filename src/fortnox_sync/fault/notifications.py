"""Notifications: each fault is one, and everybody who may see the company reads it for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.fault.model import Fault, revive
from fortnox_sync.fault.tables import fault, notification_read
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Notification:
    """A fault as somebody sees it: open or healed, read or not."""

    fault_id: str
    fault: Fault
    opened_at: datetime
    closed_at: datetime | None
    read_at: datetime | None


class Notifications:
    """The notifications of one company for one reader, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, company_id: str, reader: str) -> None:
        """Bind to a company and a reader: no query here can reach another."""
        self._connection, self._company_id, self._reader = connection, company_id, reader

    async def page(self, *, unread: bool, limit: int, before: str | None) -> tuple[Notification, ...]:
        """List notifications, the newest first, only those unread if asked; ids sort by time."""
        mine = notification_read.c.reader == self._reader
        query = (
            sa.select(fault, notification_read.c.read_at)
            .outerjoin(notification_read, sa.and_(notification_read.c.fault_id == fault.c.fault_id, mine))
            .where(
                fault.c.company_id == self._company_id,
                notification_read.c.read_at.is_(None) if unread else sa.true(),
                fault.c.fault_id < before if before is not None else sa.true(),
            )
            .order_by(fault.c.fault_id.desc())
            .limit(limit)
        )
        return tuple(
            Notification(
                row.fault_id, revive(row.code, row.facts), row.opened_at, row.resolved_at, row.read_at
            )
            for row in await self._connection.execute(query)
        )

    async def count_unread(self) -> int:
        """Count what the reader has not read."""
        query = (
            sa.select(sa.func.count())
            .select_from(fault)
            .where(fault.c.company_id == self._company_id, ~self._is_read())
        )
        return (await self._connection.execute(query)).scalar_one()

    def _is_read(self) -> sa.ColumnElement[bool]:
        read = notification_read.c
        return sa.exists(sa.select(1).where(read.fault_id == fault.c.fault_id, read.reader == self._reader))

    async def read(self, database: Database, fault_id: str) -> bool:
        """Note that the reader has read one, now or before; False where the company has no such fault."""
        known = sa.select(fault.c.fault_id).where(
            fault.c.company_id == self._company_id, fault.c.fault_id == fault_id
        )
        if (await self._connection.execute(known)).first() is None:
            return False
        row = {
            "fault_id": fault_id,
            "reader": self._reader,
            "company_id": self._company_id,
            "read_at": database.clock.now(),
        }
        await self._connection.execute(database.insert_ignore(notification_read).values(row))
        return True
