"""The intake written by hand for PostgreSQL: asyncpg, prepared statements over arrays, and COPY."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import asyncpg
from sqlalchemy import make_url

from bench.raw import (
    Row,
    Store,
    Taken,
    delivery_row,
    entry_rows,
    session_rows,
    transaction_row,
    transactions_of,
)

_DELIVERIES = """
    INSERT INTO delivery (delivery_id, source, webhook_id, type, company_id, body, body_hash, sent_at,
        received_at, status)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[],
        $7::text[], $8::timestamptz[], $9::timestamptz[], $10::text[])
    ON CONFLICT DO NOTHING RETURNING delivery_id"""
_TRANSACTIONS = """
    INSERT INTO till_transaction (company_id, transaction_id, session_id, register_id, receipt_number,
        business_date, occurred_at, kind, text, content_hash, delivery_id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::date[],
        $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[])
    ON CONFLICT DO NOTHING RETURNING company_id, transaction_id"""
_SESSIONS = """
    INSERT INTO till_session (company_id, session_id, register_id, business_date, changes)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[])
    ON CONFLICT (company_id, session_id) DO UPDATE SET changes = till_session.changes + excluded.changes"""


@dataclass(frozen=True, slots=True)
class PostgresStore:
    """One connection that writes one group after the other."""

    connection: asyncpg.Connection

    async def __call__(self, group: list[Taken]) -> set[str]:
        """Write the group in one transaction."""
        now = datetime.now(UTC)
        async with self.connection.transaction():
            deliveries = [delivery_row(taken, now, _as_it_is) for taken in group]
            new = {row[0] for row in await self._write(_DELIVERIES, deliveries)}
            told = transactions_of(group, new)
            rows = [transaction_row(key[0], *told[key], _as_it_is) for key in told]
            added = {tuple(row) for row in await self._write(_TRANSACTIONS, rows)}
            fresh = {key: told[key] for key in told if key in added}
            entries = [row for key in fresh for row in entry_rows(key[0], fresh[key][1])]
            await self.connection.copy_records_to_table("till_entry", records=entries)
            await self._write(_SESSIONS, session_rows(fresh, _as_it_is))
        return new

    async def _write(self, statement: str, rows: list[Row]) -> list[asyncpg.Record]:
        """Send rows as columns: the statement stays the same, however many there are."""
        return await self.connection.fetch(statement, *zip(*rows, strict=True)) if rows else []


def _as_it_is(day: date) -> date:
    return day


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Connect for as long as the app runs."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    try:
        yield PostgresStore(connection)
    finally:
        await connection.close()
