"""Servers and databases for every test: an empty, migrated database of its own, and an emptied Redis."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
from sqlalchemy import make_url
from tests import servers
from tests.servers import NoServerError, Postgres, Source

POSTGRES = pytest.StashKey[Source | None]()
REDIS = pytest.StashKey[Source | None]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Find the servers before any test, or end with a sentence; let named ones through the shut network."""
    try:
        with_postgres = "postgresql" in servers.backends(os.environ)
        config.stash[POSTGRES] = servers.find_postgres(os.environ) if with_postgres else None
        config.stash[REDIS] = _find_redis(required=with_postgres)
    except NoServerError as missing:
        raise pytest.UsageError(str(missing)) from missing
    found = [source for source in (config.stash[POSTGRES], config.stash[REDIS]) if source]
    config.option.allow_hosts = ",".join(
        [config.option.allow_hosts or "", *(source.host for source in found)]
    )


def _find_redis(*, required: bool) -> Source | None:
    try:
        return servers.find_redis(os.environ)
    except NoServerError:
        if required:
            raise
        return None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which servers the tests run against and why, and what is left out."""
    postgres, bell = config.stash[POSTGRES], config.stash[REDIS]
    return [
        postgres.told
        if postgres
        else "PostgreSQL: its tests are LEFT OUT (FORTNOX_SYNC_TEST_BACKENDS=sqlite)",
        bell.told
        if bell
        else "Redis: none found, its tests are LEFT OUT (FORTNOX_SYNC_TEST_BACKENDS=sqlite)",
    ]


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[Postgres]:
    """Lend a PostgreSQL in which the tests may make databases."""
    source = pytestconfig.stash[POSTGRES]
    if source is None:
        pytest.skip("PostgreSQL is left out: FORTNOX_SYNC_TEST_BACKENDS=sqlite")
    with source.open() as url:
        yield Postgres(make_url(url))


@pytest.fixture(scope="session")
def redis_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """Lend the URL of a logical Redis database that belongs to this process of the tests."""
    source = pytestconfig.stash[REDIS]
    if source is None:
        pytest.skip("No Redis was found, and FORTNOX_SYNC_TEST_BACKENDS=sqlite lets that pass")
    with source.open() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Lend the URL of an empty Redis."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "fortnox_sync.db"
    _migrate(f"sqlite+aiosqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the copy is of this file alone
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Postgres) -> Iterator[str]:
    """Make a migrated, empty PostgreSQL database to use as a template, and tell its name."""
    name = _new_name()
    _migrate(postgres_server.create(name))
    yield name
    postgres_server.drop(name)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Lend the URL of a migrated, empty SQLite database."""
    copy = shutil.copy(migrated_sqlite, tmp_path / "fortnox_sync.db")
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres_server: Postgres, migrated_postgres: str) -> Iterator[str]:
    """Lend the URL of a migrated, empty PostgreSQL database, dropped after the test."""
    name = _new_name()
    yield postgres_server.create(name, template=migrated_postgres)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Lend the URL of a migrated, empty database: the test runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


def _new_name() -> str:
    """Make up a database name that no other process of the tests has taken."""
    return f"fortnox_sync_test_{secrets.token_hex(6)}"


def _migrate(url: str) -> None:
    """Late, so that the tests of pure rooms do not wait for the database's modules."""
    from fortnox_sync.runtime.database import migrate  # noqa: PLC0415

    migrate(url)
