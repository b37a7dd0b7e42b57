"""Several processes on one database: they share nothing else, and each day is booked once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.little_shop import states, tell_day, tell_days
from tests.standing import a_service
from tests.world import World

from fortnox_sync.bootstrap import Service

PROCESSES = 6


@asynccontextmanager
async def another_process(shop: World) -> AsyncIterator[Service]:
    """Put a service together that has its own connections to the same database."""
    made = a_service(shop.service.settings, shop.clock, shop.service.transports)
    try:
        yield made
    finally:
        await made.database.dispose()


async def test_two_processes_at_once_book_each_day_once(shop: World) -> None:
    """Rows 19 and 38: none fails, whoever meets whom."""
    await tell_days(shop, 4)
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(another_process(shop)) for _ in range(PROCESSES)]
        told = tell_day(shop, session="K2-500", day="2026-10-03")
        await asyncio.gather(*(one.sweep() for one in others), told)
        await asyncio.gather(*(one.sweep() for one in others))

    assert await states(shop) == ["booked"] * 5
    assert len(await shop.posts()) == len(await shop.booked()) == 5
