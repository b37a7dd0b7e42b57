"""The servers of the tests: found in a told order, one database for each test, nothing left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from sqlalchemy import Connection, func, inspect, make_url, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests import servers, throwaway
from tests.servers import NoServerError, Postgres

ROOT = Path(__file__).parents[1]


def row_counts(connection: Connection) -> dict[str, int]:
    """Every table with the number of its rows."""
    names = inspect(connection).get_table_names()
    return {name: connection.scalars(select(func.count()).select_from(table(name))).one() for name in names}


async def counts(url: str) -> dict[str, int]:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        return await connection.run_sync(row_counts)


async def note(url: str) -> None:
    """Leave a table that the next test must not find."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))


async def test_a_database_is_migrated_and_empty(database_url: str) -> None:
    tables = await counts(database_url)
    assert tables.pop("alembic_version") == 1
    assert not any(tables.values())


@pytest.mark.parametrize("_turn", ["first", "second"])
async def test_every_test_has_a_database_of_its_own(database_url: str, _turn: str) -> None:
    assert "left_behind" not in await counts(database_url)
    await note(database_url)
    assert "left_behind" in await counts(database_url)


def test_the_database_is_of_the_kind_that_was_asked_for(sqlite_url: str, postgres_url: str) -> None:
    assert make_url(sqlite_url).drivername == "sqlite+aiosqlite"
    assert make_url(postgres_url).drivername == "postgresql+asyncpg"


async def test_a_database_can_be_dropped_while_somebody_is_connected(postgres_server: Postgres) -> None:
    url = await asyncio.to_thread(postgres_server.create, "still_open")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        await asyncio.to_thread(postgres_server.drop, "still_open")
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT 1"))
    asked = "SELECT count(*) FROM pg_database WHERE datname = 'still_open'"
    assert await asyncio.to_thread(throwaway.run_sql, postgres_server.admin_url, asked) == 0


@pytest.mark.parametrize("_turn", ["first", "second"])
def test_every_test_finds_redis_empty(redis_url: str, _turn: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


@pytest.mark.parametrize("find", [servers.find_postgres, servers.find_redis])
def test_a_named_server_that_does_not_answer_is_said_in_one_sentence(find: servers.Finder) -> None:
    port = throwaway.free_port()
    environ = {
        "TEST_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{port}/postgres",
        "TEST_REDIS_URL": f"redis://127.0.0.1:{port}",
    }
    with pytest.raises(NoServerError, match=r"^TEST_\w+_URL cannot be used: .+$"):
        find(environ)


def test_a_named_server_comes_before_installed_ones(postgres_server: Postgres, redis_server: str) -> None:
    named = postgres_server.admin_url.set(drivername="postgres").render_as_string(hide_password=False)
    found = servers.find_postgres({"TEST_DATABASE_URL": named})
    assert found.told.endswith("(TEST_DATABASE_URL)")
    assert named not in found.told
    with found.open() as url:
        assert make_url(url).drivername == "postgresql+asyncpg"
    assert "TEST_REDIS_URL" in servers.find_redis({"TEST_REDIS_URL": redis_server}).told


def test_workers_empty_different_logical_databases(redis_server: str) -> None:
    named = {"TEST_REDIS_URL": redis_server}
    with (
        servers.find_redis(named | {"PYTEST_XDIST_WORKER": "gw0"}).open() as first,
        servers.find_redis(named | {"PYTEST_XDIST_WORKER": "gw1"}).open() as second,
    ):
        assert first != second


@pytest.mark.parametrize("chosen", ["postgresql", "mysql", "sqlite, postgresql"])
def test_a_choice_of_backends_that_is_none_is_refused(chosen: str) -> None:
    with pytest.raises(NoServerError, match="FORTNOX_SYNC_TEST_BACKENDS is"):
        servers.backends({"FORTNOX_SYNC_TEST_BACKENDS": chosen})


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho the reason\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(throwaway.StartError, match="the reason"), throwaway.redis(program):
        pytest.fail("it cannot have started")


def test_a_killed_test_process_leaves_no_server_and_no_directory(tmp_path: Path) -> None:
    script = (
        "import os, time; from tests import servers\n"
        "with servers.find_redis({}).open() as url:\n"
        "    print(url, flush=True); time.sleep(60)\n"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)  # noqa: S603
    with child:
        assert child.stdout
        url = child.stdout.readline().strip()
        assert answers(url)
        assert len(list(tmp_path.iterdir())) == 1
        child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (answers(url) or list(tmp_path.iterdir())):
        time.sleep(0.05)
    assert not answers(url)
    assert not list(tmp_path.iterdir())


def answers(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
