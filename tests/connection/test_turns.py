"""One rate for one company, however many processes ask: Fortnox does not tell them apart."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.world import StandingClock

from fortnox_sync.connection import company
from fortnox_sync.connection.lane import Lease, TurnsTaken, claim, release, wake
from fortnox_sync.connection.link import Link
from fortnox_sync.connection.tables import company as companies
from fortnox_sync.connection.turns import PeoplesTurns
from fortnox_sync.fortnox import Throttle, http_clients
from fortnox_sync.runtime.database import Database

NOW = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, StandingClock())
    async with made.write() as connection:
        await company.add(made, connection, ["c_1"])
        await connection.execute(companies.update().values(status="active"))
    yield made
    await made.dispose()


def a_process() -> Link:
    return Link(
        "http://fortnox.test/3",
        http_clients(),
        tokens=None,  # type: ignore[arg-type] # no call is made here
        deadline=1,
        new_turns=lambda _: Throttle(3, reserve=0),
    )


async def test_people_in_two_processes_share_their_share(database: Database) -> None:
    one, other = PeoplesTurns(database, "c_1", 4), PeoplesTurns(database, "c_1", 4)
    for turns in (one, other, one, other):
        await turns.acquire(interactive=True)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await other.acquire(interactive=True)


async def test_a_turn_of_a_person_is_free_again_when_the_window_has_passed(database: Database) -> None:
    turns = PeoplesTurns(database, "c_1", 1)
    await turns.acquire(interactive=True)
    assert isinstance(database.clock, StandingClock)
    database.clock.advance(seconds=5.3)

    await asyncio.wait_for(turns.acquire(interactive=True), 1)


async def test_a_worker_counts_the_turns_of_the_one_before_it() -> None:
    one, other = a_process(), a_process()
    for _ in range(3):
        await one.turns("c_1").acquire()
    other.take_over("c_1", one.hand_over("c_1", NOW), NOW)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await other.turns("c_1").acquire()


async def test_a_worker_does_not_count_its_own_turns_twice() -> None:
    only = a_process()
    await only.turns("c_1").acquire()
    only.take_over("c_1", only.hand_over("c_1", NOW), NOW)

    await asyncio.wait_for(only.turns("c_1").acquire(), 1)


async def test_the_lane_carries_the_turns_from_one_worker_to_the_next(database: Database) -> None:
    lane_of = await _claimed(database)
    taken = TurnsTaken("one", (NOW - timedelta(seconds=1), NOW))
    await release(database, lane_of, NOW, taken)

    assert (await _claimed(database)).turns == taken


async def _claimed(database: Database) -> Lease:
    async with database.write() as connection:
        await wake(database, connection, "c_1")
    lease = await claim(database, "worker")
    assert lease is not None
    return lease
