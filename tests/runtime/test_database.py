"""One way to read and one way to write, with the same promises on both databases."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from tests.world import START, StandingClock

from fortnox_sync.connection.tables import company
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database, migrate


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Lend a database with one company in it."""
    made = Database(database_url, StandingClock())
    async with made.write() as connection:
        await connection.execute(company.insert().values(company_id="c_1", created_at=START))
    yield made
    await made.dispose()


async def version(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.execute(sa.select(company.c.version))).scalar_one())


async def add_one(database: Database, number: int) -> None:
    """Read a number and write it back one larger, as the database lets two such meet."""
    async with database.write() as connection:
        query = sa.select(company.c.version).where(company.c.company_id == "c_1").with_for_update()
        seen = (await connection.execute(query)).scalar_one()
        await connection.execute(sa.select(sa.literal(number)))
        await connection.execute(company.update().values(version=seen + 1))


async def test_no_update_is_lost_when_twenty_meet(database: Database) -> None:
    await asyncio.gather(*(add_one(database, number) for number in range(20)))
    assert await version(database) == 21


async def test_no_update_is_lost_between_processes(database: Database, database_url: str) -> None:
    other = Database(database_url, StandingClock())
    await asyncio.gather(*(add_one(one, 0) for one in [database, other] * 10))
    await other.dispose()
    assert await version(database) == 21


async def test_sqlite_begins_to_write_at_once(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(statement)

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.write():
        pass
    async with database.read():
        pass
    await database.dispose()

    assert said == ["BEGIN IMMEDIATE", "BEGIN"]


async def test_sqlite_makes_every_commit_reach_the_disk_and_keeps_foreign_keys(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.read() as connection:
        told = [
            (await connection.execute(sa.text(f"PRAGMA {name}"))).scalar_one()
            for name in ("synchronous", "foreign_keys")
        ]
    await database.dispose()
    assert told == [2, 1]


async def test_what_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await write_and_fail(database)
    assert await version(database) == 1


async def write_and_fail(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(company.update().values(version=99))
        raise RuntimeError("after the write")


async def test_a_writer_that_is_cancelled_lets_the_next_one_in(database: Database) -> None:
    began = asyncio.Event()

    async def hang() -> None:
        async with database.write() as connection:
            await connection.execute(company.update().values(version=99))
            began.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await began.wait()
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    await add_one(database, 0)

    assert await version(database) == 2


async def test_no_thread_of_a_cancelled_reader_outlives_the_database(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    before = set(threading.enumerate())
    counted = sa.text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
        "SELECT max(i) FROM n"
    )

    async def count() -> None:
        async with database.read() as connection:
            began.set()
            await connection.execute(counted)

    began = asyncio.Event()
    counting = asyncio.create_task(count())
    await began.wait()
    for _ in range(2):  # impatient: whoever waits for the connection to close is cancelled as well
        counting.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(counting, return_exceptions=True)
    await database.dispose()

    pool = {thread for thread in threading.enumerate() if thread.name.startswith("asyncio_")}
    assert set(threading.enumerate()) - before - pool == set()


async def test_a_snapshot_sees_one_moment(database: Database) -> None:
    async with database.write(snapshot=True) as connection:
        before = (await connection.execute(sa.select(company.c.version))).scalar_one()
        if database.dialect == "postgresql":  # SQLite lets nobody write meanwhile
            await add_one(database, 0)
        after = (await connection.execute(sa.select(company.c.version))).scalar_one()
    assert before == after


SWEDISH_SUMMER = datetime(2026, 7, 1, 14, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))


async def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(company.update().values(created_at=SWEDISH_SUMMER))
    async with database.read() as connection:
        kept = (await connection.execute(sa.select(company.c.created_at))).scalar_one()
    assert (kept, kept.tzinfo) == (SWEDISH_SUMMER, UTC)


async def test_moments_are_compared_as_moments(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(company.update().values(created_at=SWEDISH_SUMMER))
        for later, found in ((timedelta(0), 0), (timedelta(microseconds=1), 1)):
            query = sa.select(company).where(company.c.created_at < SWEDISH_SUMMER.astimezone(UTC) + later)
            assert len((await connection.execute(query)).all()) == found


async def test_a_moment_without_its_zone_is_refused(database: Database) -> None:
    with pytest.raises((SQLAlchemyError, ValueError), match="zone"):
        await set_created_at(database, datetime(2026, 7, 1))  # noqa: DTZ001 - the point


async def set_created_at(database: Database, moment: datetime) -> None:
    async with database.write() as connection:
        await connection.execute(company.update().values(created_at=moment))


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize(("table", "column"), [("audit", "actor"), ("attempt_fact", "kind")])
async def test_what_is_only_ever_added_cannot_be_changed(
    database: Database, statement: str, table: str, column: str
) -> None:
    async with database.write() as connection:
        await audit.record(database, connection, "c_1", "anna", "mapping.changed")
    if table == "attempt_fact":
        await add_fact(database)
    with pytest.raises(SQLAlchemyError, match="append only"):
        await execute(database, statement.format(table, column))
    assert await execute(database, f"SELECT count(*) FROM {table}") == 1  # noqa: S608 - a name of ours


async def test_postgresql_does_not_let_them_be_emptied_either(postgres_url: str) -> None:
    database = Database(postgres_url)
    for table in ("audit", "attempt_fact"):
        with pytest.raises(SQLAlchemyError, match="append only"):
            await execute(database, f"TRUNCATE {table}")
    await database.dispose()


async def execute(database: Database, statement: str) -> Any:
    async with database.write() as connection:
        result = await connection.execute(sa.text(statement))
        return result.scalar() if result.returns_rows else None


async def add_fact(database: Database) -> None:
    """Add a fact about an attempt that is not there: what it hangs on belongs to another room."""
    fact = (
        "INSERT INTO attempt_fact (fact_id, attempt_id, kind, details, seen_at) "
        "VALUES ('f', 'a', 'seen', '{}', '2026-10-03 01:00:00+00:00')"
    )
    if database.dialect == "sqlite":
        with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
            connection.execute(fact)
            connection.commit()
        return
    async with database.write() as connected:
        await connected.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await connected.execute(sa.text(fact))


async def test_migrating_again_changes_nothing(database: Database, database_url: str) -> None:
    assert await database.is_migrated()
    await asyncio.to_thread(migrate, database_url)
    assert await version(database) == 1


async def test_a_database_without_tables_is_not_migrated(tmp_path: Any) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    assert not await database.is_migrated()
    await database.dispose()


async def test_migrating_makes_the_folder_of_a_new_database(tmp_path: Any) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'er' / 'new.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    assert await database.is_migrated()
    await database.dispose()
