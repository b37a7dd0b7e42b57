"""Memory: a database that was restored or exchanged is noticed, and sends nothing before its gaps are closed.

It is another one when its identity differs from the one written down in it, and an older one when it has an
epoch that this process has gone past. Then every lane is suspect: its books are looked through at once, and
once more when whatever token may have been used without our knowing is dead and its work has settled.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.recall import TOKEN_LIFE, recall
from fortnox_sync.export.reconcile import reconcile
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.identity import Identity
from fortnox_sync.runtime.telemetry import log


class Memory:
    """What this process remembers of its database: which one it is, and how far its lanes had come."""

    def __init__(self, database: Database, settle: timedelta) -> None:
        """Remember nothing yet; `settle` is how long work goes on after its token has died."""
        self._database, self._settle = database, settle
        self._identity = Identity(database.engine)
        self._epochs: dict[str, int] = {}

    async def check(self) -> None:
        """See whether the database is still the one it was, in one statement; if not, suspect every lane."""
        if (await self._identity.look()).is_as_noted:
            return
        async with self._database.write() as connection:
            is_another = await self._identity.note(connection, self._database.clock.now())
            if is_another:
                await lane.suspect_all(self._database, connection, self._until())
        if is_another:
            log.error("database.another", suspect_until=self._until().isoformat())

    async def beside(self, lease: Lease) -> Lease:
        """Put a lease beside the last one this process had of its lane: epochs only ever grow."""
        last = self._epochs.get(lease.company_id, 0)
        if lease.before >= last:
            self._epochs[lease.company_id] = lease.epoch
            return lease
        log.error("database.older", company_id=lease.company_id, epoch=lease.before, remembered=last)
        until = self._until()
        async with self._database.write() as connection:
            await lane.suspect_all(self._database, connection, until)
        self._epochs = {lease.company_id: lease.epoch}
        return replace(lease, suspect_until=until)

    def _until(self) -> datetime:
        return self._database.clock.now() + TOKEN_LIFE + self._settle


async def look_through(desk: Desk, suspect_until: datetime) -> None:
    """Close the gaps of a lane's memory, as far as Fortnox shows them; after the fence, let it send again."""
    await recall(desk)
    await reconcile(desk)
    if desk.books.client.fortnox_time is None:
        await desk.locked_until()
    theirs = desk.books.client.fortnox_time
    if theirs is None or theirs <= suspect_until:
        return
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        if await lane.suspect_until(connection, desk.company_id) == suspect_until:
            await lane.trust(connection, desk.company_id)
    log.warning("lane.trusted", company_id=desk.company_id)
