"""Events are numbered in the order of their commits, so that a reader who resumes misses none."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.standing import StandingClock

from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.events import Event, tell


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, StandingClock())
    yield made
    await made.dispose()


async def told(database: Database, company: str = "c_1", after: int = 0) -> list[Event]:
    async with database.read() as connection:
        return list(await events.since(connection, {company: after}))


async def test_each_company_counts_for_itself_from_one(database: Database) -> None:
    for number in range(3):
        async with database.write() as connection:
            tell(database, connection, "c_2", "fault.opened", fault_id=str(number))
            tell(database, connection, "c_1", "fault.opened", fault_id=str(number))
    for company in ("c_1", "c_2"):
        found = await told(database, company)
        assert [(one.seq, one.facts["fault_id"]) for one in found] == [(1, "0"), (2, "1"), (3, "2")]


async def test_what_a_transaction_tells_twice_is_one_event(database: Database) -> None:
    async with database.write() as connection:
        tell(database, connection, "c_1", "mapping.changed")
        tell(database, connection, "c_1", "voucher.changed", voucher_id="v", state="ready")
        tell(database, connection, "c_1", "mapping.changed")
    assert [(one.seq, one.kind) for one in await told(database)] == [
        (1, "voucher.changed"),
        (2, "mapping.changed"),
    ]


async def test_a_transaction_that_fails_tells_nothing_and_takes_no_number(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            tell(database, connection, "c_1", "mapping.changed")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.write() as connection:
        tell(database, connection, "c_1", "integration.changed")
    assert [(one.seq, one.kind) for one in await told(database)] == [(1, "integration.changed")]


async def test_a_transaction_that_only_reads_has_nothing_to_tell(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(KeyError):
            tell(database, connection, "c_1", "mapping.changed")


async def test_however_much_is_told_it_takes_two_statements(database: Database) -> None:
    asked: list[str] = []
    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    async with database.write() as connection:
        for number in range(50):
            tell(database, connection, f"c_{number % 7}", "fault.opened", fault_id=str(number))
    assert len([one for one in asked if not one.startswith(("BEGIN", "COMMIT"))]) == 2


async def test_old_events_are_let_go_and_the_counting_goes_on(database: Database) -> None:
    clock = database.clock
    assert isinstance(clock, StandingClock)
    for _ in range(2):
        async with database.write() as connection:
            tell(database, connection, "c_1", "mapping.changed")
        clock.moment += events.KEPT - timedelta(days=1)
    assert await events.prune(database) == 1
    assert [one.seq for one in await told(database)] == [2]
    clock.moment += timedelta(days=2)
    assert await events.prune(database) == 1
    async with database.write() as connection:
        tell(database, connection, "c_1", "mapping.changed")
    assert [one.seq for one in await told(database)] == [3]


async def test_a_reader_that_resumes_misses_nothing_that_many_write_at_once(postgres_url: str) -> None:
    """Twelve writers hold their transactions open for as long as chance will have it, in every order."""
    databases = [Database(postgres_url) for _ in range(3)]
    number_of_writers, each = 12, 15
    seen: list[int] = []
    is_done = asyncio.Event()

    async def write(writer: int) -> None:
        database = databases[writer % len(databases)]
        for number in range(each):
            async with database.write() as connection:
                tell(database, connection, "c_1", "fault.opened", fault_id=f"{writer}/{number}")
                if number % 3 == 0:
                    tell(database, connection, "c_0", "fault.opened", fault_id=f"{writer}/{number}")
                await connection.execute(sa.text("SELECT pg_sleep(random() * 0.01)"))

    async def read() -> None:
        is_last = False
        while not is_last:
            is_last = is_done.is_set()
            seen.extend(one.seq for one in await told(databases[0], after=seen[-1] if seen else 0))
            await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(one) for one in range(number_of_writers)))
    is_done.set()
    await reading
    found = await told(databases[0])
    for database in databases:
        await database.dispose()

    assert seen == list(range(1, number_of_writers * each + 1))
    assert len({one.facts["fault_id"] for one in found}) == number_of_writers * each


async def _somebody_waits(database: Database) -> bool:
    """Tell whether a session of this database waits for another's lock; asked anew each time."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    async with database.read() as connection:
        return bool(await connection.scalar(sa.text(f"{query} AND wait_event_type = 'Lock'")))


async def test_a_number_is_not_given_before_the_one_below_it_is_committed(postgres_url: str) -> None:
    """The counter stays locked until the commit: who comes second waits, however long the first takes."""
    database = Database(postgres_url)
    is_numbered, may_commit = asyncio.Event(), asyncio.Event()

    async def dawdle(*_: object) -> None:
        is_numbered.set()
        await may_commit.wait()

    async def slow() -> None:
        async with database.write() as connection:
            tell(database, connection, "c_1", "mapping.changed")
            database.put_off(connection, dawdle, None)

    async def quick() -> None:
        async with database.write() as connection:
            tell(database, connection, "c_1", "integration.changed")

    first = asyncio.create_task(slow())
    await is_numbered.wait()
    second = asyncio.create_task(quick())
    while not await _somebody_waits(database):  # noqa: ASYNC110 - PostgreSQL tells only who asks
        await asyncio.sleep(0.01)
    assert not second.done()
    assert await told(database) == []
    may_commit.set()
    await asyncio.gather(first, second)
    kinds = [(one.seq, one.kind) for one in await told(database)]
    await database.dispose()
    assert kinds == [(1, "mapping.changed"), (2, "integration.changed")]
