"""Many rows at a time, as each database takes them best: row by row costs more than the database does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

# Rows, column by column.
Columns = Mapping[str, Sequence[Any]]
# Says what becomes of rows that are there already: takes and returns an INSERT of either dialect.
Rule = Callable[[Any], Any]
# Rows a step of SQLite: at each step Python's lock changes hands, which takes longer than a row.
_BLOCK = 25


def as_it_is(insert: Any) -> Any:  # noqa: ANN401 - the dialects' inserts share no type
    """Make it an error that a row is there already."""
    return insert


def leave_alone(insert: Any) -> Any:  # noqa: ANN401 - as above
    """Leave rows as they are that are there already."""
    return insert.on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT into some columns of a table, whose text is the same however many rows there are."""

    text: str
    table: str
    columns: tuple[str, ...]
    binds: tuple[Callable[[Any], Any] | None, ...]

    @classmethod
    def of(cls, dialect: Dialect, table: sa.Table, names: Sequence[str], rule: Rule) -> Insert:
        """Write the statement: of arrays for PostgreSQL, of one row for SQLite."""
        begun = _from_arrays(table, names) if dialect.name == "postgresql" else sqlite.insert(table)
        compiled: Any = rule(begun).compile(dialect=dialect, column_keys=list(names))
        columns = tuple(compiled.positiontup)
        types = (table.c[name].type.dialect_impl(dialect) for name in columns)
        binds = tuple(one.bind_processor(dialect) for one in types)
        return cls(str(compiled), table.name, columns, binds)

    async def run(self, connection: AsyncConnection, values: Columns) -> int:
        """Insert the rows; return how many were written."""
        told = self._bound(values)
        if connection.dialect.name == "postgresql":
            return (await connection.exec_driver_sql(self.text, tuple(told))).rowcount
        return await self._run_in_blocks(connection, list(zip(*told, strict=True)))

    async def _run_in_blocks(self, connection: AsyncConnection, rows: list[tuple[Any, ...]]) -> int:
        even = len(rows) - len(rows) % _BLOCK
        blocks = [tuple(chain(*rows[start : start + _BLOCK])) for start in range(0, even, _BLOCK)]
        written = 0
        for text, parameters in ((self._of_a_block, blocks), (self.text, rows[even:])):
            if parameters:
                written += (await connection.exec_driver_sql(text, parameters)).rowcount
        return written

    @property
    def _of_a_block(self) -> str:
        row = f"({', '.join('?' * len(self.columns))})"
        return self.text.replace(row, ", ".join([row] * _BLOCK), 1)

    async def copy(self, connection: AsyncConnection, values: Columns) -> None:
        """Stream the rows into PostgreSQL, several times as fast as any INSERT."""
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if not driver.is_in_transaction():  # SQLAlchemy begins with its first statement, and COPY is none
            await connection.execute(sa.select(1))
        records = zip(*self._bound(values), strict=True)
        try:
            await driver.copy_records_to_table(self.table, columns=self.columns, records=records)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DBAPIError(f"COPY {self.table}", None, error) from error

    def _bound(self, values: Columns) -> Iterator[Sequence[Any]]:
        """Yield the values of each column as the driver wants them."""
        for name, bind in zip(self.columns, self.binds, strict=True):
            yield values[name] if bind is None else [bind(value) for value in values[name]]


def _from_arrays(table: sa.Table, names: Sequence[str]) -> postgresql.Insert:
    arrays = (sa.bindparam(name, type_=postgresql.ARRAY(_plain(table.c[name].type))) for name in names)
    rows = sa.func.unnest(*arrays).table_valued(*names).render_derived()
    return postgresql.insert(table).from_select(list(names), sa.select(*rows.c))


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Leave lengths to the table: a cast to a shorter text would cut it off without a word."""
    return sa.Text() if isinstance(kind, sa.String) else kind
