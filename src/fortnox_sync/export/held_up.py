"""What is held up: the open faults, and everything that waits for each, the whole lane where that is so."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.access import AT_THE_DOOR
from fortnox_sync.export.state import MOVING
from fortnox_sync.export.tables import voucher, voucher_row
from fortnox_sync.fault.repository import Faults, ShownFault, Waits
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.runtime.database import Database


async def open_faults(
    database: Database, connection: AsyncConnection, company_id: str
) -> tuple[ShownFault, ...]:
    """List the open faults, oldest first, in three statements however many there are.

    While Fortnox lets nobody in, all that was to be sent waits for that, unless a fault of its own keeps it.
    """
    found = await Faults(database, connection, company_id).all_shown()
    kept_out = await _kept_out(connection, company_id)
    return tuple(replace(one, waits=one.waits + kept_out) if _shuts_out(one) else one for one in found)


def _shuts_out(one: ShownFault) -> bool:
    """Tell whether a fault stops the lane; a refusal nobody knows may be about one voucher only."""
    is_about_one = one.fault.code == "rejected_by_fortnox" and one.waits != Waits()
    return one.fault.code in AT_THE_DOOR and not is_about_one


async def _kept_out(connection: AsyncConnection, company_id: str) -> Waits:
    """Sum the vouchers on their way by their days, if a fault is open that can stop them all."""
    is_open = sa.and_(fault.c.company_id == company_id, fault.c.resolved_at.is_(None))
    of_its_own = (
        sa.select(1)
        .join(fault, sa.and_(fault.c.fault_id == fault_waiting.c.fault_id, is_open))
        .where(fault_waiting.c.kind == "voucher", fault_waiting.c.waiting_id == voucher.c.voucher_id)
    )
    rows = sa.and_(
        voucher_row.c.voucher_id == voucher.c.voucher_id, voucher_row.c.revision == voucher.c.revision
    )
    query = (
        sa.select(
            voucher.c.transaction_date,
            sa.func.count(voucher.c.voucher_id.distinct()).label("vouchers"),
            sa.func.sum(voucher_row.c.debit).label("amount"),
        )
        .join(voucher_row, rows)
        .where(
            voucher.c.company_id == company_id,
            voucher.c.state.in_([state.value for state in MOVING]),
            sa.exists(sa.select(1).where(is_open, fault.c.code.in_(AT_THE_DOOR))),
            ~sa.exists(of_its_own),
        )
        .group_by(voucher.c.transaction_date)
    )
    days = (await connection.execute(query)).all()
    return Waits(
        vouchers=sum(day.vouchers for day in days),
        dates=frozenset(day.transaction_date for day in days),
        amount_ore=sum(int(day.amount) for day in days),
    )
