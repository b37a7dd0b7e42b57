"""Redis only rings: with it wiped, or away, a day is booked by the very next sweep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from redis.asyncio import Redis
from tests.little_shop import states, tell_day
from tests.throwaway import free_port
from tests.world import World

from fortnox_sync.runtime.bell import QUEUE, ArqBell, LocalBell
from fortnox_sync.worker import Bells, work


@dataclass
class Silent(LocalBell):
    """A bell that no ring reaches: after the first sweep something happens, the second is the last."""

    happens: Callable[[], Awaitable[None]]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    sweeps: int = 0

    async def ring(self) -> None:
        pass

    async def wait(self, seconds: float) -> None:  # noqa: ARG002 - it is over when we say so
        self.sweeps += 1
        if self.sweeps == 1:
            await self.happens()
        else:
            self.stopping.set()


async def work_for_two_sweeps(shop: World, redis_url: str, happens: Callable[[], Awaitable[None]]) -> None:
    settings = shop.service.settings.model_copy(update={"redis_url": redis_url})
    bells, silent = Bells(1), Silent(happens)
    bells.each = [silent]
    async with asyncio.timeout(30):
        await work(replace(shop.service, settings=settings), bells, silent.stopping)
    assert silent.sweeps == 2


@pytest.mark.parametrize("is_away", [True, False], ids=["away", "wiped"])
async def test_a_day_nobody_could_ring_for_is_booked_by_the_next_sweep(
    shop: World, redis_url: str, *, is_away: bool
) -> None:
    """Row 21."""
    url = f"redis://127.0.0.1:{free_port()}/0" if is_away else redis_url

    async def tell_and_wipe() -> None:
        assert await states(shop) == []
        await tell_day(shop)
        bell = ArqBell(url)
        await bell.ring()
        await bell.close()
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
            assert await redis.exists(QUEUE) == 0

    await work_for_two_sweeps(shop, url, tell_and_wipe)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1
