"""The intake written by hand for PostgreSQL: asyncpg, prepared statements, arrays instead of rows, and COPY."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from bench.raw import Row, Store, Taken, delivery_row, entry_rows, session_rows, transaction_row, transactions_of
from sqlalchemy import make_url

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
            deliveries = [delivery_row(taken, taken.delivery.sent_at, now) for taken in group]
            new = {row[0] for row in await self._write(_DELIVERIES, deliveries)}
            told = transactions_of(group, new)
            rows = [
                transaction_row(company_id, told_by, one, one.occurred_at, one.business_date)
                for (company_id, _), (told_by, one) in told.items()
            ]
            fresh = {tuple(row) for row in await self._write(_TRANSACTIONS, rows)}
            added = {key: told[key] for key in told if key in fresh}
            entries = [row for (company_id, _), (_, one) in added.items() for row in entry_rows(company_id, one)]
            await self.connection.copy_records_to_table("till_entry", records=entries)
            await self._write(_SESSIONS, session_rows(added))
        return new

    async def _write(self, statement: str, rows: list[Row]) -> list[asyncpg.Record]:
        """Send rows as columns: the statement stays the same, however many there are."""
        return await self.connection.fetch(statement, *zip(*rows, strict=True)) if rows else []


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Connect for as long as the app runs."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    try:
        yield PostgresStore(connection)
    finally:
        await connection.close()
