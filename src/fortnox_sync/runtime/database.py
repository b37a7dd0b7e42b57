"""The database: one way to read, one way to write, the same on PostgreSQL and SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from fortnox_sync.runtime import bulk, sqlite
from fortnox_sync.runtime.bulk import Columns
from fortnox_sync.runtime.clock import Clock, SystemClock

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

Row = Mapping[str, Any]
# Writes, at the end of a transaction, everything that was put off for it.
Late = Callable[["Database", AsyncConnection, Sequence[Any]], Awaitable[None]]


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps it as ISO text, so that it sorts and reads well."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Choose text on SQLite, which has no moments of its own."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(32))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - as the driver wants it
        """Refuse a moment without a zone: it could be anywhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - as the driver gave it
        """Read the moment back in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        moment: datetime = value
        return moment.astimezone(UTC)


# Whatever we ask takes some milliseconds; where PostgreSQL overrates that it compiled for half a second.
_POSTGRES = {"jit": "off"}

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


class Database:
    """A pool of connections and the clock that stamps what is written through them."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        """Prepare the pool; nothing connects until the first use."""
        self.clock: Clock = clock or SystemClock()
        self._uses_own_clock = clock is None
        self._threads = sqlite.Threads()
        self.engine = create_async_engine(url, **_engine_options(url, self._threads))
        self.dialect = self.engine.dialect.name
        self._inserts: dict[tuple[sa.Table, tuple[str, ...], bulk.Rule], bulk.Insert] = {}
        self._put_off: dict[AsyncConnection, dict[Late, list[Any]]] = {}
        # Set at each commit of something put off: who follows along in this process need not wait.
        self.told = asyncio.Event()
        # SQLite has one writer at a time: waiting here is fair and quick, its busy handler is neither.
        self._writer = asyncio.Lock() if self.dialect == "sqlite" else None
        if self.dialect == "sqlite":
            sqlite.prepare(self.engine)
        else:
            sa.event.listen(self.engine.sync_engine, "checkout", _check_alive)

    @asynccontextmanager
    async def read(self, *, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; with `snapshot` all its statements see one moment.

        On SQLite they always do.
        """
        async with self.engine.connect() as connection:
            if snapshot and self.dialect == "postgresql":
                connection = await connection.execution_options(  # noqa: PLW2901 - the same one, told how
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self, *, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that commits at the end; with `snapshot` all its statements see one moment.

        On SQLite it begins IMMEDIATE: a deferred one loses updates or fails at once when two meet.
        """
        if self._writer is None:
            async with self._transaction(snapshot=snapshot) as connection:
                yield connection
            return
        async with self._writer, self._transaction(snapshot=False) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, *, snapshot: bool) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            if snapshot:
                connection = await connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901 - the same one, told how
            if self.dialect == "sqlite":
                connection = await connection.execution_options(writes=True)  # noqa: PLW2901 - as above
            late: dict[Late, list[Any]] = {}
            self._put_off[connection] = late
            try:
                async with connection.begin():
                    yield connection
                    for write, gathered in late.items():
                        await write(self, connection, gathered)
            finally:
                del self._put_off[connection]
        if late:
            self.told.set()

    def put_off(self, connection: AsyncConnection, write: Late, one: Any) -> None:  # noqa: ANN401 - as `write` takes it
        """Keep something for the end of the transaction, where `write` is handed all of it at once.

        What locks rows that every transaction wants belongs there: they are locked last and not for long.
        """
        self._put_off[connection].setdefault(write, []).append(one)

    async def now(self, connection: AsyncConnection) -> datetime:
        """Return the moment by the database's own clock where it has one, so that workers agree."""
        if self.dialect == "postgresql" and self._uses_own_clock:
            moment: datetime = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
            return moment.astimezone(UTC)
        return self.clock.now()

    async def dispose(self) -> None:
        """Close every connection and wait until nothing works on one any more."""
        await self.engine.dispose()
        await self._threads.end()

    async def is_migrated(self) -> bool:
        """Tell whether the tables are those this code was written for, or newer ones.

        Every migration is safe with the code already running, so that processes are replaced one by one.
        """
        async with self.engine.connect() as connection:
            current = await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision()
            )
        known = {one.revision for one in ScriptDirectory.from_config(_alembic_config()).walk_revisions()}
        return current is not None and (current == self._head() or current not in known)

    async def add(self, connection: AsyncConnection, table: sa.Table, values: Columns) -> None:
        """Insert rows, told column by column: the quickest way for many."""
        insert = self._insert(table, values, bulk.as_it_is)
        await (insert.copy if self.dialect == "postgresql" else insert.run)(connection, values)

    async def add_new(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Row]) -> int:
        """Insert rows and leave those alone that are there already; return how many were new."""
        return await self.merge(connection, table, rows, bulk.leave_alone)

    async def merge(
        self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Row], rule: bulk.Rule
    ) -> int:
        """Insert rows; the rule, a module's function, says what becomes of those that are there already."""
        if not rows:
            return 0
        values = {name: [row[name] for row in rows] for name in rows[0]}
        return await self._insert(table, values, rule).run(connection, values)

    def _insert(self, table: sa.Table, values: Columns, rule: bulk.Rule) -> bulk.Insert:
        key = (table, tuple(values), rule)
        if key not in self._inserts:
            self._inserts[key] = bulk.Insert.of(self.engine.dialect, *key)
        return self._inserts[key]

    @staticmethod
    def _head() -> str | None:
        return ScriptDirectory.from_config(_alembic_config()).get_current_head()

    def insert_ignore(self, table: sa.Table) -> Any:  # noqa: ANN401 - the dialects' inserts share no type
        """Begin an INSERT that leaves rows alone which are there already."""
        return self.upsert(table).on_conflict_do_nothing()

    def upsert(self, table: sa.Table) -> Any:  # noqa: ANN401 - as above
        """Begin an INSERT that can say what to do on a conflict."""
        return sqlite_insert(table) if self.dialect == "sqlite" else postgresql.insert(table)


def _engine_options(url: str, threads: sqlite.Threads) -> dict[str, Any]:
    quiet = {"hide_parameters": True}  # an error is logged; what was to be written is nobody's business
    if url.startswith("sqlite"):
        return {**sqlite.engine_options(threads), **quiet}
    return {"pool_size": 10, "max_overflow": 10, "connect_args": {"server_settings": _POSTGRES}, **quiet}


def _check_alive(connection: Any, _record: ConnectionPoolEntry, _: Any) -> None:  # noqa: ANN401 - as the pool has them
    """Find out whether a connection still lives in one round trip: the pool's own ping takes four."""
    try:
        connection.run_async(lambda driver: driver.execute("SELECT 1"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise InvalidatePoolError from error


def _alembic_config() -> Config:
    """Find the migrations: beside the source in a checkout, inside the package when installed."""
    package = Path(__file__).parents[1]
    places = (package / "migrations", package.parents[1] / "migrations")
    config = Config()
    config.set_main_option("script_location", str(next(p for p in places if (p / "env.py").is_file())))
    return config


def _prepare_file(file: Path) -> None:
    """Make sure the database can be written where it shall lie; OSError says why it can't."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def migrate(url: str) -> None:
    """Bring the tables up to what this code needs; safe to run again."""
    file = sa.make_url(url).database
    if url.startswith("sqlite") and file:
        _prepare_file(Path(file))
    config = _alembic_config()
    config.attributes["url"] = url
    command.upgrade(config, "head")
