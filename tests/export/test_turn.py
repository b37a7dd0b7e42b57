"""A turn at a lane: what it does at most, and that a mistake on one thing holds up nothing else."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from tests.little_shop import fault, states, tell_day, tell_days
from tests.world import World

from fortnox_sync.connection import lane
from fortnox_sync.export import plan, push, resolve, turn, verify


def failing_for(real: Any, which: str, error: Exception, *, times: int = 10_000) -> Any:
    """Wrap a step so that it fails, some times, for whatever speaks of `which`."""
    left = [times]

    async def step(*asked: Any, **named: Any) -> Any:
        if left[0] and which in repr(asked):
            left[0] -= 1
            raise error
        return await real(*asked, **named)

    return step


async def serve_once(world: World) -> None:
    lease = await lane.claim(world.service.database, "worker")
    assert lease is not None
    await world.service.counter.serve(lease)


async def test_a_turn_books_at_most_twenty_vouchers(shop: World) -> None:
    """Row 51: the lane is due again at once, behind all others; today's close does not wait for the past."""
    shop.clock.advance(days=20)
    await tell_days(shop, 23)
    await serve_once(shop)
    assert (await states(shop)).count("booked") == 20

    await serve_once(shop)
    assert await states(shop) == ["booked"] * 23
    assert [one["transaction_date"] for one in await shop.booked()] == [
        f"2026-10-{day:02d}" for day in (22, 23, *range(1, 22))
    ]


async def test_a_poison_session_is_set_aside_and_the_others_are_booked(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 36: it is not tried again by itself, and goes on once something changed."""
    poisoned = failing_for(plan.tally.session_sums, "K1-501", ZeroDivisionError("secret"))
    await tell_days(shop, 3)
    with monkeypatch.context() as patch:
        patch.setattr(plan.tally, "session_sums", poisoned)
        assert await shop.work() <= 3
        assert await shop.work() == 0

    told = await fault(shop, "internal_error")
    assert told["fault"]["facts"]["error"] == "ZeroDivisionError"
    assert "secret" not in str(told)
    assert told["waiting"]["dates"] == ["2026-10-02"]
    assert await states(shop) == ["booked", "booked"]

    await shop.ok("PATCH", "/integration/settings", {"language": "en"})
    await shop.work()
    assert await states(shop) == ["booked"] * 3
    assert await shop.faults() == []


async def test_a_poison_voucher_is_held_and_the_others_are_booked(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 36."""
    await tell_days(shop, 3)
    with monkeypatch.context() as patch:
        patch.setattr(push, "preflight", failing_for(push.preflight, "K1-501", ZeroDivisionError()))
        assert await shop.work() <= 3
        await shop.work_for(hours=5)
        assert sorted(await states(shop)) == ["booked", "booked", "held"]

    assert (await fault(shop, "internal_error"))["waiting"]["amount"] == 22400
    await shop.ok("PATCH", "/integration/settings", {"language": "en"})
    await shop.work()
    assert await states(shop) == ["booked"] * 3
    assert await shop.faults() == []


async def test_a_mistake_after_the_answer_is_looked_up_and_not_sent_again(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_days(shop, 2)
    with monkeypatch.context() as patch:
        patch.setattr(push, "_created", failing_for(push._created, "K1-500", KeyError(), times=1))  # noqa: SLF001
        await shop.work()

    assert await states(shop) == ["booked", "booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 2
    assert await shop.faults() == []


@pytest.mark.parametrize("room", [resolve, verify], ids=lambda one: one.__name__.rpartition(".")[2])
async def test_a_mistake_while_looking_does_not_stop_the_others_and_is_tried_again_later(
    shop: World, monkeypatch: pytest.MonkeyPatch, room: Any
) -> None:
    step = room.__name__.rpartition(".")[2]
    await shop.switch("lose_answer_after_booking")
    await tell_days(shop, 3)
    with monkeypatch.context() as patch:
        patch.setattr(turn, step, failing_for(getattr(turn, step), "K1-500", KeyError(), times=1))
        await shop.work()
        shop.clock.advance(seconds=5)
        assert await shop.work() <= 3
    listed = await shop.vouchers()
    assert [one["state"] for one in listed[1:]] == ["booked", "booked"]

    await shop.work_for(minutes=20)

    assert all(one["booking"]["verified_at"] for one in await shop.vouchers())
    assert await shop.faults() == []


async def test_a_database_that_is_away_blames_no_voucher(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows 24 and 26: the turn fails as a whole, and the next after the lease does it all."""
    await tell_days(shop, 2)
    gone = OperationalError("COMMIT", {}, Exception("disk full"))
    with monkeypatch.context() as patch:
        patch.setattr(push, "_intend", failing_for(push._intend, "K1-500", gone, times=1))  # noqa: SLF001
        await shop.work()
    assert await states(shop) == ["ready", "ready"]
    assert await shop.posts() == []
    assert await shop.faults() == []

    shop.clock.advance(seconds=91)
    await shop.work()
    assert await states(shop) == ["booked", "booked"]


async def test_a_held_voucher_that_is_stumbled_over_is_left_alone(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.control("PATCH", "/series/F", {"manual": False})
    await tell_day(shop)
    await shop.work()
    with monkeypatch.context() as patch:
        patch.setattr(turn, "heal", failing_for(turn.heal, "K1-412", KeyError()))
        await shop.work_for(hours=3)

    assert await states(shop) == ["held"]
    assert sorted(await shop.faults()) == ["internal_error", "voucher_series_not_manual"]


async def test_a_lane_without_a_connection_plans_and_waits(shop: World) -> None:
    """What is missing shows at once, whether or not anything can be sent."""
    async with shop.service.database.write() as connection:
        await connection.exec_driver_sql("UPDATE fortnox_grant SET revoked_at = consented_at")
    await tell_day(shop)
    assert await shop.work() == 1

    assert await states(shop) == ["ready"]
    assert await shop.posts() == []
