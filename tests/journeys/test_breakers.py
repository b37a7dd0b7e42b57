"""What is amiss beyond one voucher stops more than one: a lane, the host, or all sending."""

from typing import Any

import httpx
import pytest
from tests.export.unanswered import an_unanswered_try, forget_tries, stopped_until
from tests.little_shop import fault, states, tell_day, tell_days
from tests.world import World

from fortnox_sync.export import push


async def test_five_lanes_without_answers_stop_all_sending_for_a_while(shop: World) -> None:
    for number, seconds in enumerate((200, 250, 10, 20, 30)):
        await an_unanswered_try(shop, number, seconds)
    await tell_days(shop, 2)
    await shop.work()
    assert await states(shop) == ["ready", "ready"]
    assert await shop.posts() == []

    await shop.work_for(seconds=49)
    assert await shop.posts() == []
    await shop.work_for(seconds=2)

    assert await states(shop) == ["booked", "booked"]
    await forget_tries(shop)


async def test_four_lanes_stop_nobody_however_often_each_is_left_without(shop: World) -> None:
    for seconds, number in enumerate((1, 1, 1, 2, 3, 4)):
        await an_unanswered_try(shop, number, seconds)
    assert await stopped_until(shop) is None
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["booked"]
    await forget_tries(shop)


async def test_looking_goes_on_while_sending_is_stopped(shop: World) -> None:
    """The voucher in doubt is found, and read back."""
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["in_doubt"]
    for number in range(4):
        await an_unanswered_try(shop, number, 1)
    assert await stopped_until(shop) is not None

    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(seconds=10)

    assert sorted(await states(shop)) == ["booked", "ready"]
    assert len(await shop.posts()) == 1
    await shop.work_for(minutes=5)
    assert await states(shop) == ["booked", "booked"]
    await forget_tries(shop)


async def test_a_host_out_of_reach_is_left_alone_by_every_lane(shop: World) -> None:
    """Five misses in a row: for half a minute nothing knocks, and a voucher loses nothing by it."""
    knocks: list[str] = []

    async def refuse(request: httpx.Request) -> None:
        if request.url.path.startswith("/3/"):
            knocks.append(request.url.path)
            raise httpx.ConnectError("no")

    shop.wire.before.append(refuse)
    await tell_days(shop, 2)
    await shop.work_for(minutes=3)
    in_three_minutes = len(knocks)
    assert await shop.faults() == ["fortnox_unavailable"]
    assert in_three_minutes <= 5 + 4

    shop.wire.before.clear()
    await shop.work_for(minutes=2)
    assert await states(shop) == ["booked", "booked"]
    assert await shop.faults() == []


@pytest.mark.parametrize("seconds", [600, -600, 3600])
async def test_nothing_is_sent_while_the_clocks_are_far_apart(shop: World, seconds: int) -> None:
    """Row 37: no loss, and the operator is told; it goes on by itself."""
    await shop.simulator.post("/_simulator/clock", json={"advance_seconds": seconds})
    await tell_days(shop, 2)
    await shop.work_for(minutes=10)

    assert await states(shop) == ["ready", "ready"]
    assert await shop.posts() == []
    assert (await fault(shop, "internal_error"))["fault"]["facts"]["error"] == "ClocksApartError"

    await shop.simulator.post("/_simulator/clock", json={"advance_seconds": -seconds})
    await shop.work_for(minutes=2)
    assert await states(shop) == ["booked", "booked"]
    assert await shop.faults() == []


async def test_a_passing_mistake_of_ours_is_over_at_the_next_try(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 36: it is tried again after one and four minutes, and held only then."""
    times: list[Any] = []
    real = push.preflight

    async def stumble(*asked: Any) -> Any:
        times.append(shop.clock.now())
        if len(times) < 3:
            raise ZeroDivisionError
        return await real(*asked)

    monkeypatch.setattr(push, "preflight", stumble)
    await tell_day(shop)
    await shop.work_for(minutes=10)

    assert [(later - times[0]).total_seconds() for later in times] == [0, 60, 300]
    assert await states(shop) == ["booked"]
    assert await shop.faults() == []
