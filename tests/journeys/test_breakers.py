"""What is amiss beyond one voucher stops more than one: a lane, the host, or all sending."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.little_shop import fault, states, tell_day, tell_days
from tests.world import World

from fortnox_sync.connection.tables import company
from fortnox_sync.connection.tables import lane as lanes
from fortnox_sync.export import push
from fortnox_sync.export.breaker import doubts
from fortnox_sync.export.tables import attempt, voucher


async def an_unanswered_try(world: World, number: int, seconds_ago: float) -> None:
    """Write down what is left of a try in another company that Fortnox never answered."""
    at = world.clock.now() - timedelta(seconds=seconds_ago)
    company_id, voucher_id = f"c_{number}", f"v_{number}_{seconds_ago}"
    async with world.service.database.write() as connection:
        known = sa.select(company.c.company_id).where(company.c.company_id == company_id)
        if (await connection.execute(known)).first() is None:
            await connection.execute(company.insert().values(company_id=company_id, created_at=at))
            await connection.execute(lanes.insert().values(company_id=company_id))
        await connection.execute(
            voucher.insert().values(
                voucher_id=voucher_id,
                company_id=company_id,
                origin=voucher_id,
                part="day",
                register_id="K1",
                state="dismissed",
                series="F",
                transaction_date=at.date(),
                description="",
                comments="",
                marker=f"#KX{number}{seconds_ago}"[:16],
                payload_hash="",
                created_at=at,
            )
        )
        await connection.execute(
            attempt.insert().values(
                attempt_id=f"a_{voucher_id}",
                voucher_id=voucher_id,
                no=1,
                epoch=1,
                fortnox_company=number,
                financial_year=2,
                series="F",
                watermark=0,
                token_expires_at=at,
                payload_hash="",
                started_at=at,
                deadline_at=at,
                outcome="absent",
                unanswered_at=at,
                ended_at=at,
            )
        )


async def stopped_until(world: World) -> Any:
    async with world.service.database.read() as connection:
        return (await doubts(connection, world.company, world.clock.now())).stopped_until


async def forget_tries(world: World) -> None:
    """Leave the books to the oracle as if the other companies had never been."""
    async with world.service.database.write() as connection:
        others = sa.select(voucher.c.voucher_id).where(voucher.c.company_id != world.company)
        await connection.execute(attempt.delete().where(attempt.c.voucher_id.in_(others)))
        await connection.execute(voucher.delete().where(voucher.c.company_id != world.company))


async def test_five_lanes_without_answers_stop_all_sending_until_one_is_long_ago(shop: World) -> None:
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
