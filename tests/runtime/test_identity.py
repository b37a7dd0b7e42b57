"""A database knows itself from its copies and from its older self, whatever its role may read."""

import asyncio
import secrets
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from tests.servers import Postgres
from tests.throwaway import run_sql

from fortnox_sync.runtime.database import Database, migrate
from fortnox_sync.runtime.identity import Identity, table

NOW = datetime(2026, 10, 3, tzinfo=UTC)


async def note(database: Database) -> bool:
    async with database.write() as connection:
        return await Identity(database.engine).note(connection, NOW)


async def seen_at(url: str) -> tuple[bool, bool]:
    """Tell how another process sees a database: as noted, or as another one."""
    engine: AsyncEngine = create_async_engine(url, poolclass=NullPool)
    seen = await Identity(engine).look()
    await engine.dispose()
    return seen.is_as_noted, seen.is_another


async def test_what_was_never_noted_is_no_other_database(database_url: str) -> None:
    assert await seen_at(database_url) == (False, False)
    database = Database(database_url)
    assert await note(database) is False
    await database.dispose()
    assert await seen_at(database_url) == (True, False)


async def test_of_many_who_note_another_database_one_is_told(database_url: str) -> None:
    database = Database(database_url)
    await note(database)
    async with database.write() as connection:
        spoiled = {"schema": "1", "table": "1"}
        await connection.execute(table.update().values(parts=spoiled))
    told = await asyncio.gather(*(note(database) for _ in range(6)))
    await database.dispose()
    assert sorted(told) == [False] * 5 + [True]


async def test_migrations_are_no_sign_of_another_database(database_url: str) -> None:
    database = Database(database_url)
    await note(database)
    await database.dispose()
    await asyncio.to_thread(migrate, database_url)
    assert await seen_at(database_url) == (True, False)


@pytest.mark.parametrize("way", ["vacuum", "backup", "moved"])
async def test_a_copy_of_a_sqlite_database_is_another(
    migrated_sqlite: Path, tmp_path: Path, way: str
) -> None:
    """Row 25: each way of copying that the operators' manual names, put in the very place it came from."""
    file, copy = tmp_path / "own.db", tmp_path / "copy.db"
    shutil.copy(migrated_sqlite, file)
    database = Database(f"sqlite+aiosqlite:///{file}")
    await note(database)
    await database.dispose()
    with closing(sqlite3.connect(file)) as own:
        if way == "vacuum":
            own.execute("VACUUM INTO ?", (str(copy),))
        elif way == "backup":
            with closing(sqlite3.connect(copy)) as other:
                own.backup(other)
    if way == "moved":
        shutil.copy(file, copy)
        copy.replace(file)
    else:
        shutil.copy(copy, file)  # into the same file: its inode does not change
    assert await seen_at(f"sqlite+aiosqlite:///{file}") == (False, True)


async def test_a_role_that_may_read_less_compares_what_it_may(
    postgres_server: Postgres, migrated_postgres: str
) -> None:
    """An ordinary role may read everything; one that may not goes without."""
    name, role = f"id_{secrets.token_hex(4)}", f"role_{secrets.token_hex(4)}"
    url = await asyncio.to_thread(postgres_server.create, name, migrated_postgres)
    own = sa.make_url(url)
    for statement in (
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'",
        f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {role}",
    ):
        await asyncio.to_thread(run_sql, own, statement)
    theirs = own.set(username=role, password="secret").render_as_string(hide_password=False)
    database = Database(theirs)
    try:
        async with database.write() as connection:
            identity = Identity(database.engine)
            await identity.note(connection, NOW)
        seen = await identity.look()
        assert seen.now.keys() == {"system", "timeline", "database", "table"}

        await asyncio.to_thread(run_sql, own, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        seen = await Identity(database.engine).look()
        assert seen.now.keys() == {"timeline", "database", "table"}
        assert seen.is_as_noted
    finally:
        await database.dispose()
        await asyncio.to_thread(postgres_server.drop, name)
        await asyncio.to_thread(run_sql, postgres_server.admin_url, f"DROP ROLE {role}")
