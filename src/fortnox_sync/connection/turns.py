"""Turns shared out through the database: people at screens, in however many processes, keep one share."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

import sqlalchemy as sa

from fortnox_sync.connection.tables import lane
from fortnox_sync.runtime.database import Database

# Fortnox counts in five seconds (Fortnox docs, rate limits); requests may arrive closer than they start.
_WINDOW = timedelta(seconds=5.25)
_PAUSE_S = 5.0


class PeoplesTurns:
    """The share of a company's rate that people wait with; a turn costs one short transaction."""

    def __init__(self, database: Database, company_id: str, share: int) -> None:
        """Give at most `share` turns in any window, counted over all processes."""
        self._database, self._company_id, self._share = database, company_id, share
        self._quiet_until = float("-inf")

    async def acquire(self, *, interactive: bool = False) -> None:  # noqa: ARG002 - everybody here is a person
        """Wait for a turn to start one request."""
        while (wait := await self._take()) > 0:  # noqa: ASYNC110 - other processes take turns too
            await asyncio.sleep(wait)

    def slow_down(self, pause: float | None = None) -> None:
        """Heed a 429: start nothing for a moment."""
        self._quiet_until = time.monotonic() + (_PAUSE_S if pause is None else pause)

    async def _take(self) -> float:
        """Take a turn, or return how many seconds to wait for the next chance of one."""
        if (quiet := self._quiet_until - time.monotonic()) > 0:
            return quiet
        own = lane.c.company_id == self._company_id
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            query = sa.select(lane.c.people_turns).where(own).with_for_update()
            given = [datetime.fromisoformat(at) for at in await connection.scalar(query) or ()]
            recent = [at for at in given if now - at < _WINDOW]
            if len(recent) >= self._share:
                return (recent[-self._share] + _WINDOW - now).total_seconds()
            turns = [at.isoformat() for at in (*recent, now)]
            await connection.execute(lane.update().where(own).values(people_turns=turns))
        return 0.0
