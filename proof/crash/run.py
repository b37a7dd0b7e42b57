"""Running the part: each arrangement with its processes, its kills and its scenes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial

from proof.crash import kills, scenes
from proof.crash.oracle import BOOKED_ONCE
from proof.crash.stage import Ground, postgres_and_queue, sqlite, staged
from proof.finding import Finding, Tally

_GROUNDS: tuple[Callable[[], AbstractContextManager[Ground]], ...] = (sqlite, postgres_and_queue)
_KILLED, _PLAYED, _BY_LOT = 1000, 2000, 10_000
_SWEEP_S = 3.0
_LONG_ROUNDS = 12


def prove(is_long: bool) -> Iterator[Finding]:  # noqa: FBT001 - every part is asked in this form
    """Kill, stop and starve processes on both arrangements; at length with places and days drawn by lot.

    Side by side, for most of it is waiting: for leases, fences and servers to come back.
    """
    with ThreadPoolExecutor(len(_GROUNDS)) as pool:
        for found in pool.map(partial(_all_on, is_long=is_long), _GROUNDS):
            yield from found


def _all_on(lend: Callable[[], AbstractContextManager[Ground]], *, is_long: bool) -> list[Finding]:
    async def every_one() -> list[Finding]:
        return [one async for one in _on(ground, is_long=is_long)]

    with lend() as ground:
        return asyncio.run(every_one())


async def _on(ground: Ground, *, is_long: bool) -> AsyncIterator[Finding]:
    async with staged(ground, sweep_s=_SWEEP_S if ground.redis_url else 1.0) as stage:
        async for finding in kills.killed(stage, kills.stories(stage), _KILLED):
            yield finding
        async for finding in scenes.play_all(stage, _PLAYED):
            yield finding
        for number in range(_LONG_ROUNDS if is_long else 0):
            seed = random.SystemRandom().randrange(2**32)
            found = [
                one
                async for one in kills.killed(
                    stage, kills.random_stories(stage, seed), _BY_LOT + 100 * number
                )
            ]
            yield _round(ground, seed, found)


def _round(ground: Ground, seed: int, found: list[Finding]) -> Finding:
    """Tell a round by lot in one finding: what is not as expected is told before all else."""
    wrong = [f"{one.what}: {one.found}" for one in found if _is_trouble(one)]
    tally = sum((one.tally for one in found if one.tally), Tally(seeds=(seed,)))
    struck = sum(tally.fail_points.values())
    what = f"places, days and troubles by lot, seed {seed}"
    words = "; ".join(wrong) or BOOKED_ONCE
    return Finding(ground.name, what, BOOKED_ONCE, words, f"{struck} kills, {tally.sales} sales", tally)


def _is_trouble(one: Finding) -> bool:
    """Leave out places that nobody came by: not every lot has a way there."""
    return not one.is_as_expected and one.found != kills.NOBODY
