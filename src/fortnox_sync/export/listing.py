"""Vouchers page by page, each with its booking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking, voucher
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Listed:
    """A voucher and where it is booked, if it is."""

    voucher: StoredVoucher
    booking: Any
    reversed_by: str | None


async def page(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    state: State | None,
    export_id: str | None,
    limit: int,
    after: str | None,
) -> tuple[Listed, ...]:
    """Return up to `limit` vouchers made after one of them; ids sort by the time they were made."""
    found = await Vouchers(database, connection, company_id).page(state, export_id, limit, after)
    return await _listed(connection, found)


async def listed(
    database: Database, connection: AsyncConnection, company_id: str, voucher_id: str
) -> Listed | None:
    """Return one voucher."""
    found = await Vouchers(database, connection, company_id).find(voucher_id)
    return (await _listed(connection, [found]))[0] if found else None


async def _listed(connection: AsyncConnection, found: Sequence[StoredVoucher]) -> tuple[Listed, ...]:
    ids = [one.voucher_id for one in found]
    query = sa.select(booking).where(booking.c.voucher_id.in_(ids))
    bookings = {row.voucher_id: row for row in await connection.execute(query)}
    turned = sa.select(voucher.c.reverses, voucher.c.voucher_id).where(voucher.c.reverses.in_(ids))
    mirrors = {row.reverses: row.voucher_id for row in await connection.execute(turned)}
    return tuple(Listed(one, bookings.get(one.voucher_id), mirrors.get(one.voucher_id)) for one in found)
