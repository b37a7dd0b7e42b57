"""Sweeping: one worker at a time serves a lane, in fair turns, and every sweep ends."""

import asyncio
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from tests.little_shop import states, tell_day, tell_days
from tests.world import World, is_booking

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import LeaseLostError
from fortnox_sync.connection.tables import company
from fortnox_sync.connection.tables import lane as lanes
from fortnox_sync.export import turn
from fortnox_sync.export.again import look_again
from fortnox_sync.export.sweep import sweep, worker_name
from fortnox_sync.runtime.database import Database


async def a_company(world: World, company_id: str, **of_lane: object) -> None:
    """Add another active company whose lane is due."""
    now = world.clock.now()
    async with world.service.database.write() as connection:
        await connection.execute(
            company.insert().values(company_id=company_id, status="active", created_at=now)
        )
        await connection.execute(
            lanes.insert().values(company_id=company_id, **{"next_due_at": now, **of_lane})
        )


async def test_many_workers_claim_a_lane_once(shop: World) -> None:
    """Row 19: twenty-five at the same moment, on either database."""
    await tell_day(shop)
    claims = [lane.claim(shop.service.database, f"worker {number}") for number in range(25)]
    taken = [lease for lease in await asyncio.gather(*claims) if lease is not None]

    assert len(taken) == 1


async def test_many_workers_share_out_many_lanes(shop: World) -> None:
    """No lane is served twice and none is forgotten."""
    for number in range(12):
        await a_company(shop, f"c_{number:02d}")
    claims = [lane.claim(shop.service.database, f"worker {number}") for number in range(30)]
    taken = [lease.company_id for lease in await asyncio.gather(*claims) if lease is not None]
    while (more := await lane.claim(shop.service.database, "late")) is not None:
        taken.append(more.company_id)

    assert sorted(taken) == [f"c_{number:02d}" for number in range(12)]


async def test_two_workers_at_once_book_each_voucher_once(shop: World) -> None:
    """Row 19, with rows 22 and 38: whoever comes second finds the lane taken."""
    await tell_days(shop, 4)
    database, counter = shop.service.database, shop.service.counter
    await asyncio.gather(*(sweep(database, counter, worker_name()) for _ in range(6)))

    assert await states(shop) == ["booked"] * 4
    assert len(await shop.posts()) == len(await shop.booked()) == 4


async def test_the_lane_served_longest_ago_comes_first(shop: World) -> None:
    """Row 51: one with much to do waits its turn behind those with little."""
    for number, ago in enumerate((5, 60, 20)):
        await a_company(shop, f"c_{number}", last_served_at=shop.clock.now() - timedelta(minutes=ago))
    await a_company(shop, "c_never")

    order = []
    while (lease := await lane.claim(shop.service.database, "worker")) is not None:
        order.append(lease.company_id)
    assert order == ["c_never", "c_1", "c_2", "c_0"]


async def test_a_lane_with_a_living_lease_is_left_alone_and_a_dead_one_taken_over(shop: World) -> None:
    await tell_day(shop)
    first = await lane.claim(shop.service.database, "the first")
    assert first is not None
    shop.clock.advance(seconds=90)
    assert await lane.claim(shop.service.database, "the second") is None
    shop.clock.advance(seconds=1)
    second = await lane.claim(shop.service.database, "the second")

    assert second is not None
    assert second.epoch > first.epoch


async def test_an_epoch_outruns_a_database_restored_from_yesterday(shop: World) -> None:
    """Row 25: a worker that outlived the restore can't hold the lane by an old number."""
    await tell_day(shop)
    before = await lane.claim(shop.service.database, "worker")
    assert before is not None
    async with shop.service.database.write() as connection:
        await connection.execute(
            sa.update(lanes).values(epoch=1, lease_until=None, owner=None, next_due_at=shop.clock.now())
        )
    shop.clock.advance(seconds=1)
    after = await lane.claim(shop.service.database, "worker")

    assert after is not None
    assert after.epoch > before.epoch


async def test_a_stopping_worker_finishes_what_has_begun_and_begins_nothing_more(shop: World) -> None:
    """Row 23: no answer is thrown away, and nobody waits for the nineteen other vouchers of the turn."""
    await tell_days(shop, 23)
    stopping = asyncio.Event()

    async def ask_to_stop(request: httpx.Request) -> None:
        if is_booking(request):
            stopping.set()

    shop.wire.before.append(ask_to_stop)
    turns = await sweep(shop.service.database, shop.service.counter, worker_name(), stopping)

    assert turns == 1
    assert (await states(shop)).count("booked") == 1
    assert (await states(shop)).count("ready") == 22
    async with shop.service.database.read() as connection:
        assert (await connection.execute(sa.select(lanes.c.owner))).scalar_one() is None

    shop.wire.before.clear()
    await shop.work()
    assert await states(shop) == ["booked"] * 23
    assert len(await shop.posts()) == 23


async def test_a_lane_in_trouble_does_not_stop_the_next(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its turn fails as a whole and it is tried again when the lease is over; the others are served."""

    async def trip(database: Database, lease: lane.Lease) -> None:
        if lease.company_id == "a_broken_one":
            raise ZeroDivisionError
        await look_again(database, lease)

    monkeypatch.setattr(turn, "look_again", trip)
    await a_company(shop, "a_broken_one")
    await tell_day(shop)

    assert await shop.work() <= 3
    assert await states(shop) == ["booked"]
    assert await shop.work() == 0
    shop.clock.advance(seconds=91)
    assert await shop.work() == 1


async def test_a_sweep_with_nothing_due_takes_no_turn(shop: World) -> None:
    assert await shop.work() == 0


async def test_doubled_bells_do_nothing(shop: World) -> None:
    """Row 22: a bell only says look."""
    await tell_day(shop)
    for _ in range(5):
        await shop.work()

    assert len(await shop.posts()) == 1


async def test_whoever_lost_the_lane_holds_renews_and_releases_nothing(shop: World) -> None:
    """Row 19: the epoch tells the sleeper from the one who took over."""
    await tell_day(shop)
    database = shop.service.database
    lost = await lane.claim(database, "the sleeper")
    shop.clock.advance(seconds=91)
    taken = await lane.claim(database, "another worker")
    assert lost is not None
    assert taken is not None

    async with database.write() as connection:
        for step in (lane.hold(connection, lost), lane.renew(database, connection, lost)):
            with pytest.raises(LeaseLostError):
                await step
    with pytest.raises(LeaseLostError):
        await lane.release(database, lost, None)
    async with database.write() as connection:
        await lane.hold(connection, taken)
