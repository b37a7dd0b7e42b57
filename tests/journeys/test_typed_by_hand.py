"""A day that somebody typed by hand is asked about, and done with as the person says."""

from tests.export.typed import a_typed_day, decide
from tests.little_shop import states
from tests.world import World


async def test_sent_anyway_it_is_booked_and_not_asked_about_again(shop: World) -> None:
    await a_typed_day(shop)
    assert (await decide(shop, "send_again")).status_code == 200
    await shop.work_for(minutes=20)
    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 1
    assert await shop.faults() == []


async def test_dismissed_it_is_never_sent(shop: World) -> None:
    await a_typed_day(shop)
    assert (await decide(shop, "dismiss")).status_code == 200
    await shop.work_for(hours=2)
    assert await states(shop) == ["dismissed"]
    assert await shop.posts() == []
    assert await shop.faults() == []
