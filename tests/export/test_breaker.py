"""The breaker counts lanes, not tries, and knows by itself when it ends."""

from datetime import timedelta

import pytest
from tests.export.unanswered import an_unanswered_try, forget_tries, stopped_until
from tests.world import World

from fortnox_sync.export.breaker import WINDOW


@pytest.mark.parametrize(
    ("seconds_ago", "fifth"),
    [
        ((10, 20, 30, 40), None),
        ((10, 20, 30, 40, 299), 299),
        ((1, 2, 3, 4, 5, 6), 5),
        ((1, 2, 3, 4, 301), None),
    ],
)
async def test_it_ends_when_the_fifth_of_its_lanes_is_long_ago(
    shop: World, seconds_ago: tuple[int, ...], fifth: int | None
) -> None:
    for number, seconds in enumerate(seconds_ago):
        await an_unanswered_try(shop, number, seconds)

    ends_at = shop.clock.now() - timedelta(seconds=fifth) + WINDOW if fifth else None
    assert await stopped_until(shop) == ends_at
    await forget_tries(shop)
