"""Rows 1 to 5, 21 and 38: processes are killed at every named place, and started again each time."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from proof.crash.fail_points import ANY, NEVER_SENT, RING, STORIES, Story, Trouble
from proof.crash.oracle import BOOKED_ONCE, judged
from proof.crash.process import Deed, Order, Struck
from proof.crash.shop import Shop, TillGaveUpError, comes_within, open_shop
from proof.crash.stage import Stage
from proof.finding import Finding, Tally

NOBODY = "nobody came by"
_OPENED_AT_ONCE = 4
_COME_BY_WITHIN_S = 60.0
_POST = "POST /3/vouchers"
_ALWAYS = 1000
_GOES_ON_AFTER_S = 2.0
# A comparison reads each day's voucher, at most 19 in 5 s (Fortnox's rate); one that waits for its turn must
# not outlast a lease of two and a half seconds, which is ninety in earnest.
_MOST_DAYS_EVER = 12
_TROUBLES: dict[Trouble, dict[str, Any]] = {
    Trouble.SLOW: {"switch": "delay", "operation": _POST, "after_seconds": 1, "times": _ALWAYS},
    Trouble.ANSWER_LOST: {"switch": "lose_answer_after_booking", "times": _ALWAYS},
    Trouble.REQUEST_LOST: {"switch": "drop_request", "operation": _POST},
}
# A random story kills this often at most, and sells this long.
_MOST_KILLS, _MOST_DAYS = 5, 4
_STORIES_AT_ONCE = 10


def stories(stage: Stage) -> tuple[Story, ...]:
    """Leave out what an arrangement does not have: nobody rings without a queue."""
    if stage.ground.redis_url is not None:
        return STORIES
    return tuple(replace(one, points=tuple(p for p in one.points if p is not RING)) for one in STORIES)


def random_stories(stage: Stage, seed: int) -> tuple[Story, ...]:
    """Draw stories by lot: the same seed draws the same ones."""
    lot = random.Random(seed)  # noqa: S311 - a lottery that can be drawn again, not a secret
    return tuple(_random_story(stage, lot, number) for number in range(_STORIES_AT_ONCE))


def _random_story(stage: Stage, lot: random.Random, number: int) -> Story:
    base = lot.choice(stories(stage))
    others = {
        point for one in stories(stage) if one.trouble is None and not one.has_click for point in one.points
    }
    pool = sorted({*base.points, *others} - set(NEVER_SENT), key=lambda point: point.name)
    drawn = lot.sample(pool, lot.randint(1, _MOST_KILLS))
    if base.trouble is not Trouble.REQUEST_LOST and lot.random() < 1 / 2:
        drawn.append(lot.choice(NEVER_SENT))
    return replace(base, what=f"by lot {number}", points=tuple(drawn), days=lot.randint(1, _MOST_DAYS))


async def killed(stage: Stage, told: Sequence[Story], first_number: int) -> AsyncIterator[Finding]:
    """Let every story befall a shop of its own, all at the same time, and tell what became of each."""
    shops = await open_shops(stage, len(told), first_number)
    cast = list(zip(told, shops, strict=True))
    orders = {shop.number: _orders(story, shop) for story, shop in cast}
    for story, shop in cast:
        if story.trouble is not None:
            await shop.switch(**_TROUBLES[story.trouble])
    await stage.under([one for of_shop in orders.values() for one in of_shop])
    await asyncio.gather(*(_sell(story, shop) for story, shop in cast))
    ends = await asyncio.gather(*(_end_of(stage, story, orders[shop.number], shop) for story, shop in cast))
    for (story, shop), (words, tally) in zip(cast, ends, strict=True):
        struck = {one.order: one for one in stage.struck()}
        for order in orders[shop.number]:
            yield _finding(stage, story, order, struck.get(order), words)
        yield _summary(stage, story, words, tally)
    await stage.without_workers()


def _orders(story: Story, shop: Shop) -> list[Order]:
    return [Order(point, ANY if point.is_anybodys else shop.company_id) for point in story.points]


async def open_shops(stage: Stage, number: int, first: int) -> list[Shop]:
    """Open some shops, a few at a time."""
    few = asyncio.Semaphore(_OPENED_AT_ONCE)

    async def opened(one: int) -> Shop:
        async with few:
            return await open_shop(stage, first + one)

    return list(await asyncio.gather(*(opened(one) for one in range(number))))


async def _sell(story: Story, shop: Shop) -> None:
    for day in range(story.days):
        sold, close = shop.a_day()
        await shop.tell_sales(sold)
        if story.has_click and day == 0:
            await shop.click_until_taken()
        await shop.tell(close)


async def _end_of(stage: Stage, story: Story, orders: Sequence[Order], shop: Shop) -> tuple[str, Tally]:
    """Wait until everything that was to befall a shop has, and until all of it is certain."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_go_on(story, shop, enough))
        for order in orders:
            await stage.wait_until_struck(order, _COME_BY_WITHIN_S)
        enough.set()
    await shop.nothing_wrong_any_more()
    struck = [one.at for one in stage.struck() if one.order in orders]
    return await judged(shop, struck, is_owner_there=True)


async def _go_on(story: Story, shop: Shop, enough: asyncio.Event) -> None:
    """Keep the shop's processes coming by: more days to sell, books to compare."""
    while not await comes_within(enough, _GOES_ON_AFTER_S):  # as people do
        if story.is_compared:
            await shop.click_reconcile()
        elif story.days > 1 and shop.days < _MOST_DAYS_EVER:
            with suppress(TillGaveUpError):  # that day is missing then, and is told as lost
                await shop.sell_day()


def _finding(stage: Stage, story: Story, order: Order, struck: Struck | None, words: str) -> Finding:
    what = f"row {order.point.row}: killed at {order.point.name}"
    found = words if struck else NOBODY
    tally = of_struck([struck]) if struck else None
    return Finding(stage.ground.name, what, BOOKED_ONCE, found, story.what, tally)


def _summary(stage: Stage, story: Story, words: str, tally: Tally) -> Finding:
    waited = f", certain after {max(tally.to_certainty_s):.1f} s" if tally.to_certainty_s else ""
    decided = f", {tally.needed_a_person} decided by a person" if tally.needed_a_person else ""
    what = f"{story.what}: {len(story.points)} kills"
    return Finding(
        stage.ground.name, what, BOOKED_ONCE, words, f"{tally.sales} sales{waited}{decided}", tally
    )


def of_struck(struck: Sequence[Struck]) -> Tally:
    """Count what befell whom."""
    kills = Counter(one.order.point.name for one in struck if one.order.deed is Deed.KILL)
    return Tally(faults=Counter(one.order.deed.value for one in struck), fail_points=kills)
