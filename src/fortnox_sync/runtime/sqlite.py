"""SQLite as we use it: transactions in our own hands, every commit on the disk, no thread left behind."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from threading import Thread
from typing import Any
from weakref import WeakSet

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_TIMEOUT_S = 30
_LONGEST_END_S = 5.0
# sqlite.org/wal.html: a corruption bug in WAL mode up to 3.51.2; below 3.51.3 we keep the rollback journal.
_SAFE_WAL = (3, 51, 3)


class Threads:
    """The threads that aiosqlite works in, one a connection.

    A connection whose user was cancelled is told to stop and left alone. Its thread still answers the event
    loop, so the loop may not be closed before the thread has ended: measured as an error in that thread.
    """

    def __init__(self) -> None:
        """Know of none yet."""
        self._threads: WeakSet[Thread] = WeakSet()

    def connect(self, *args: Any, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401 - as SQLAlchemy hands them on
        """Make a connection whose thread is remembered and never keeps the process alive."""
        connection = aiosqlite.connect(*args, **options)
        thread = connection._thread  # noqa: SLF001 - SQLAlchemy reaches for it as well: it is shown nowhere else
        thread.daemon = True
        self._threads.add(thread)
        return connection

    async def end(self) -> None:
        """Wait until every thread that was told to stop has stopped, but not for ever."""
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        latest = time.monotonic() + _LONGEST_END_S
        for thread in list(self._threads):
            if thread.is_alive():
                thread.join(max(0.0, latest - time.monotonic()))


def engine_options(threads: Threads) -> dict[str, Any]:
    """Return what an engine on SQLite is made with."""
    return {
        "connect_args": {"timeout": _BUSY_TIMEOUT_S, "async_creator_fn": threads.connect},
        "pool_size": 8,
    }


def prepare(engine: AsyncEngine) -> None:
    """See to it that every connection and every transaction begins as it should."""
    sa.event.listen(engine.sync_engine, "connect", _connected)
    sa.event.listen(engine.sync_engine, "begin", _begin)


def _connected(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - a driver's connection
    """Take transactions into our own hands and make every commit reach the disk."""
    connection.isolation_level = None
    journal = "WAL" if sqlite3.sqlite_version_info >= _SAFE_WAL else "DELETE"
    for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
