"""Vouchers page by page, each with its booking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Listed:
    """A voucher and where it is booked, if it is."""

    voucher: StoredVoucher
    booking: Any


async def page(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    state: State | None,
    limit: int,
    after: str | None,
) -> tuple[Listed, ...]:
    """Return up to `limit` vouchers made after one of them; ids sort by the time they were made."""
    found = await Vouchers(database, connection, company_id).page(state, limit, after)
    query = sa.select(booking).where(booking.c.voucher_id.in_([one.voucher_id for one in found]))
    bookings = {row.voucher_id: row for row in await connection.execute(query)}
    return tuple(Listed(one, bookings.get(one.voucher_id)) for one in found)
