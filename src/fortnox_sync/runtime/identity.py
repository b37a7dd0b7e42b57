"""What tells a database from its older self and from its copies, written down in it and read anew.

A backup takes along what was written down; what is read anew belongs to the server or the file. Where both
differ, this is not the database that was there before: it may have forgotten what happened since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import InternalError, NotSupportedError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fortnox_sync.runtime.database import Json, UtcDateTime, metadata
from fortnox_sync.runtime.telemetry import log

table = sa.Table(
    "database_identity",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("parts", Json, nullable=False),
    sa.Column("noted_at", UtcDateTime, nullable=False),
    sa.CheckConstraint('"only" = 1', "one_row"),
)

Parts = dict[str, str]

_POSTGRES = {
    # Another cluster; and the same one after a recovery to a moment or a failover.
    "system": "SELECT CAST(system_identifier AS text) FROM pg_control_system()",
    "timeline": "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)",
    # A dump that was restored into the same cluster: into another database, or into tables made anew.
    "database": "SELECT CAST(oid AS text) FROM pg_database WHERE datname = current_database()",
    "table": "SELECT CAST(pg_relation_filenode('database_identity') AS text)",
}
# Whatever SQLite copies a database with (VACUUM INTO, .backup, .restore) counts its schema cookie on.
_SQLITE = {"schema": "SELECT CAST(schema_version AS text) FROM pragma_schema_version"}
_UNREADABLE = (ProgrammingError, NotSupportedError, InternalError)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read anew, and what is written down, if anything is."""

    now: Parts
    noted: Parts | None

    @property
    def is_another(self) -> bool:
        """Tell whether a part of both differs."""
        noted = self.noted or {}
        return any(noted[part] != self.now[part] for part in self.now.keys() & noted.keys())

    @property
    def is_as_noted(self) -> bool:
        """Tell whether all that could be read is written down just so."""
        return self.noted is not None and self.now.items() <= self.noted.items()


class Identity:
    """The identity of the database behind an engine; one look costs one statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the engine; what its role may read is found out at the first look."""
        self._engine = engine
        self._readable: dict[str, str] | None = None

    async def look(self) -> Seen:
        """Read it anew, and what is written down."""
        async with self._engine.connect() as connection, connection.begin():
            return await self.look_through(connection)

    async def look_through(self, connection: AsyncConnection) -> Seen:
        """Look inside the caller's transaction."""
        if self._readable is None:
            self._readable = await self._find_readable()
        parts: list[sa.ColumnElement[Any]] = [
            sa.literal_column(f"({query})").label(part) for part, query in self._readable.items()
        ]
        noted = sa.select(table.c.parts).scalar_subquery().label("noted")
        row = (await connection.execute(sa.select(*parts, noted))).mappings().one()
        now = {part: row[part] for part in self._readable if row[part] is not None}
        return Seen(now | self._of_file(), row["noted"])

    async def note(self, connection: AsyncConnection, at: datetime) -> bool:
        """Write down what is read now; tell whether something else was written down before.

        Of several who note at the same time only one is told.
        """
        await connection.execute(
            self._insert().values(only=1, parts={}, noted_at=at).on_conflict_do_nothing()
        )
        await connection.execute(sa.select(table.c.only).with_for_update())
        seen = await self.look_through(connection)
        parts = {**(seen.noted or {}), **seen.now}
        await connection.execute(table.update().values(parts=parts, noted_at=at))
        return seen.is_another

    async def _find_readable(self) -> dict[str, str]:
        """Find out what this role may ask: a managed server need not tell everything."""
        readable = {}
        for part, query in (_SQLITE if self._engine.dialect.name == "sqlite" else _POSTGRES).items():
            try:
                async with self._engine.connect() as connection:
                    await connection.exec_driver_sql(query)
            except _UNREADABLE as error:
                log.warning("identity.unreadable", part=part, reason=type(error.orig).__name__)
            else:
                readable[part] = query
        return readable

    def _of_file(self) -> Parts:
        """Name the file itself: one that was put in its place is another, whatever it holds."""
        file = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or not file or not Path(file).is_file():
            return {}
        return {"file": str(Path(file).stat().st_ino)}

    def _insert(self) -> Any:  # noqa: ANN401 - the dialects' inserts share no type
        is_sqlite = self._engine.dialect.name == "sqlite"
        return sqlite_insert(table) if is_sqlite else postgresql.insert(table)
