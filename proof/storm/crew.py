"""The crew: two workers, of which one at a time serves the shop; one that dies is replaced."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import sqlalchemy as sa
from tests.standing import a_service
from tests.story import NotForever
from tests.wire import KilledError
from tests.world import World

from fortnox_sync.bootstrap import Service
from fortnox_sync.connection.tables import lane
from fortnox_sync.export.sweep import sweep, worker_name
from fortnox_sync.export.tables import booking, claim, voucher
from fortnox_sync.export.turn import Counter
from proof.storm.aboard import aboard
from proof.storm.commits import expose
from proof.storm.weather import Weather

_LEASE_S = 91.0
_MOST_TURNS = 40
_RINGS_TWICE = 0.1


@dataclass
class Crew:
    """Whoever works for the shop in this weather."""

    world: World
    weather: Weather
    _workers: list[Service] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._workers = [self._hire(), self._hire()]

    def _hire(self) -> Service:
        service = a_service(self.world.service.settings, self.world.clock, self.world.service.transports)
        expose(service.database, self.weather)
        return service

    async def work(self) -> None:
        """Answer a ring: mostly one worker comes, now and then both at once."""
        if self.weather.strikes(_RINGS_TWICE):
            self.weather.struck("rung twice at once")
            await asyncio.gather(self._sweep(0), self._sweep(1))
        else:
            await self._sweep(0)

    async def others(self) -> None:
        """Let the second worker do what it finds while the first one sleeps."""
        await self._sweep(1)

    async def _sweep(self, which: int) -> None:
        service = self._workers[which]
        try:
            with aboard():
                counted = NotForever(service.counter, _MOST_TURNS)
                await sweep(service.database, cast(Counter, counted), worker_name(), counted)
        except KilledError:
            await service.database.dispose()
            self._workers[which] = self._hire()
        except sa.exc.OperationalError:
            return  # as a worker's loop has it: the next sweep finds what this one left

    async def wait(self) -> None:
        """Let time pass until a lane is due again, or its lease over."""
        async with self.world.service.database.read() as connection:
            one = (await connection.execute(sa.select(lane))).one()
        moments = [one.next_due_at] if one.next_due_at else []
        if one.owner:
            moments.append(one.lease_until)
        now = self.world.clock.now()
        self.world.clock.moment = max(now, min(moments, default=now))
        self.world.clock.advance(seconds=1)

    async def undecided(self) -> list[tuple[str, str]]:
        """List the vouchers that wait for a person, with their markers."""
        query = sa.select(voucher.c.voucher_id, voucher.c.marker).where(voucher.c.state == "needs_decision")
        async with self.world.service.database.read() as connection:
            return [(row.voucher_id, row.marker) for row in await connection.execute(query)]

    async def has_booked(self, sales: int) -> bool:
        """Tell whether every sale is in a voucher that was booked and read back, or needs none."""
        query = (
            sa.select(sa.func.count())
            .select_from(claim)
            .join(voucher, voucher.c.voucher_id == claim.c.voucher_id)
            .join(booking, booking.c.voucher_id == claim.c.voucher_id, isouter=True)
            .where(claim.c.released_at.is_(None))
            .where(sa.or_(booking.c.verified_at.is_not(None), voucher.c.state == "empty"))
        )
        async with self.world.service.database.read() as connection:
            return (await connection.execute(query)).scalar_one() == sales

    async def leave(self) -> None:
        """Go ashore."""
        for service in self._workers:
            await service.database.dispose()
