"""Letting go of rows in batches: each is a short transaction, so that nobody waits long behind one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from fortnox_sync.runtime.database import Database

AT_ONCE = 500
# Between two batches other processes get their turn to write: SQLite has no queue for them.
_PAUSE_S = 0.02


async def delete(
    database: Database, table: sa.Table, due: sa.ColumnElement[bool], at_once: int = AT_ONCE
) -> int:
    """Delete what is due; return how many rows that were."""
    return await _change(database, table, table.delete(), due, at_once)


async def update(
    database: Database,
    table: sa.Table,
    due: sa.ColumnElement[bool],
    at_once: int = AT_ONCE,
    **values: Any,  # noqa: ANN401 - columns
) -> int:
    """Change what is due so that it is due no more; return how many rows that were."""
    return await _change(database, table, table.update().values(values), due, at_once)


async def _change(
    database: Database,
    table: sa.Table,
    change: sa.Delete | sa.Update,
    due: sa.ColumnElement[bool],
    at_once: int,
) -> int:
    key = tuple(table.primary_key.columns)
    # What another worker is letting go of just now is its own; the next hour sees what is left.
    some = sa.select(*key).where(due).limit(at_once).with_for_update(skip_locked=True, of=table)
    changed = 0
    while True:
        async with database.write() as connection:
            rows: Sequence[Any] = (await connection.execute(some)).all()
            if rows:
                which = sa.tuple_(*key).in_([tuple(row) for row in rows])
                await connection.execute(change.where(which))
        changed += len(rows)
        if len(rows) < at_once:
            return changed
        await asyncio.sleep(_PAUSE_S)
