"""The migrations make the tables that the code speaks of, with every constraint the promise rests on."""

import importlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from fortnox_sync.runtime.database import metadata

ROOT = Path(__file__).parents[2]
EXPECTED = "expected"


def _every_table_is_known() -> None:
    """Import whatever declares tables, so that none is compared by not being there."""
    source = ROOT / "src"
    for path in sorted(source.rglob("*.py")):
        if "sa.Table(" in path.read_text("utf-8"):
            importlib.import_module(".".join(path.relative_to(source).with_suffix("").parts))


@pytest.fixture
async def migrated(database_url: str) -> AsyncIterator[AsyncConnection]:
    """Lend a connection to a migrated database."""
    _every_table_is_known()
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


def test_alembic_has_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


async def test_alembic_would_change_nothing(migrated: AsyncConnection) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert await migrated.run_sync(differences) == []


async def test_every_constraint_is_the_one_in_the_models(migrated: AsyncConnection) -> None:
    """Alembic compares neither checks nor the conditions of indexes, and sales stay single by those."""
    attach = "ATTACH ':memory:' AS" if migrated.dialect.name == "sqlite" else "CREATE SCHEMA"
    await migrated.exec_driver_sql(f"{attach} {EXPECTED}")
    beside = await migrated.execution_options(schema_translate_map={None: EXPECTED})
    await beside.run_sync(metadata.create_all)

    made, modelled = await migrated.run_sync(lambda c: (_constraints(c, None), _constraints(c, EXPECTED)))

    assert made == modelled


def _constraints(connection: sa.Connection, schema: str | None) -> dict[str, Any]:
    inspect = sa.inspect(connection)
    kinds: dict[str, Callable[..., Any]] = {
        "checks": inspect.get_check_constraints,
        "uniques": inspect.get_unique_constraints,
        "indexes": inspect.get_indexes,
        "keys": inspect.get_foreign_keys,
    }
    return {
        f"{kind} of {table.name}": sorted(
            _spelled(connection.dialect.name, one) for one in look(table.name, schema=schema)
        )
        for table in metadata.sorted_tables
        for kind, look in kinds.items()
    }


def _spelled(dialect: str, constraint: dict[str, Any]) -> str:
    """Spell a constraint without the schema it stands in, and its condition as text."""
    told = {key: value for key, value in constraint.items() if key not in {"referred_schema", "comment"}}
    options = {key: str(value) for key, value in (told.get("dialect_options") or {}).items()}
    return f"{dialect} {sorted({**told, 'dialect_options': options}.items())}"


def test_bookings_outlive_the_table_that_is_made_anew_for_them(tmp_path: Path) -> None:
    """SQLite can drop no constraint, so migration 0005 copies: every booking must come along."""
    path = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = f"sqlite+aiosqlite:///{path}"
    command.upgrade(config, "0004")
    at = "2026-10-03 01:00:00.000000"
    with closing(sqlite3.connect(path)) as books, books:
        books.execute("INSERT INTO company (company_id, created_at) VALUES ('c', ?)", (at,))
        books.execute(
            "INSERT INTO voucher (voucher_id, company_id, origin, part, register_id, state, series, "
            "transaction_date, description, comments, marker, payload_hash, created_at) "
            "VALUES ('v', 'c', 'K1-412', 'takings', 'K1', 'booked', 'F', '2026-10-02', '', '', '#KX', '', ?)",
            (at,),
        )
        books.execute("INSERT INTO booking VALUES ('v', 4711, 2, 'F', 118, 'answer', ?, NULL)", (at,))
    command.upgrade(config, "head")

    with closing(sqlite3.connect(path)) as books:
        assert books.execute("SELECT * FROM booking").fetchall() == [
            ("v", 4711, 2, "F", 118, "answer", at, None, None)
        ]
