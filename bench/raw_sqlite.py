"""The intake written by hand for SQLite: one thread, and one call into it for a whole group."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import make_url

from bench.raw import (
    Store,
    Taken,
    delivery_row,
    entry_rows,
    session_rows,
    transaction_row,
    transactions_of,
)

_DELIVERY = """
    INSERT INTO delivery (delivery_id, source, webhook_id, type, company_id, body, body_hash, sent_at,
        received_at, status)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_TRANSACTION = """
    INSERT INTO till_transaction (company_id, transaction_id, session_id, register_id, receipt_number,
        business_date, occurred_at, kind, text, content_hash, delivery_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_ENTRIES = """
    INSERT INTO till_entry (company_id, session_id, transaction_id, position, register_id, kind, type,
        item_id, vat_rate, cost_center_id, amount, vat)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SESSIONS = """
    INSERT INTO till_session (company_id, session_id, register_id, business_date, changes)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (company_id, session_id) DO UPDATE SET changes = till_session.changes + excluded.changes"""


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """One connection in one thread, which writes one group after the other."""

    connection: sqlite3.Connection
    thread: ThreadPoolExecutor

    async def __call__(self, group: list[Taken]) -> set[str]:
        """Write the group in one transaction."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, self._write, group)

    def _write(self, group: list[Taken]) -> set[str]:
        now = datetime.now(UTC)
        write = self.connection.execute
        write("BEGIN IMMEDIATE")
        try:
            new = {
                one.delivery_id for one in group if write(_DELIVERY, delivery_row(one, now, _iso)).rowcount
            }
            told = transactions_of(group, new)
            fresh = {
                key: told[key]
                for key in told
                if write(_TRANSACTION, transaction_row(key[0], *told[key], _iso)).rowcount
            }
            entries = (row for key in fresh for row in entry_rows(key[0], fresh[key][1]))
            self.connection.executemany(_ENTRIES, entries)
            self.connection.executemany(_SESSIONS, session_rows(fresh, _iso))
        except BaseException:
            write("ROLLBACK")
            raise
        write("COMMIT")
        return new


def _iso(day: date) -> str:
    return day.isoformat(timespec="microseconds") if isinstance(day, datetime) else day.isoformat()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Connect for as long as the app runs, with the journal and the synchronising of the service."""
    with ThreadPoolExecutor(1) as thread, closing(_connect(url)) as connection:
        yield SqliteStore(connection, thread)


def _connect(url: str) -> sqlite3.Connection:
    file = make_url(url).database or ""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    journal = "WAL" if sqlite3.sqlite_version_info >= (3, 51, 3) else "DELETE"
    for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
