"""Reversing: a booked voucher is mirrored, and its transactions are planned again by today's choices.

A posted voucher is never changed; a correction must be easy to find from it (BFL 5 kap. 5 §). So the mirror
names what it corrects, and what replaces it does too. It all is one commit: claims let go, mirror ready,
session to plan. In the books the mirror comes first: nothing of the session is sent until it is booked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.connection import lane
from fortnox_sync.export import runs
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.backlog import lock_sessions, plan_again
from fortnox_sync.export.marker import new_marker, unmarked
from fortnox_sync.export.payload import Payload, freeze
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking, claim, voucher
from fortnox_sync.fault.repository import Faults
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database


class NoSuchVoucherError(Exception):
    """The company has no such voucher."""


class NotReversibleError(Exception):
    """The voucher can't be reversed.

    `code` says why: not_booked, is_reversal, already_reversed, gone or changed_in_fortnox.
    """

    def __init__(self, code: str) -> None:
        """Say why."""
        super().__init__(code)
        self.code = code


async def reverse(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    voucher_id: str,
    by: str,
    reason: str,
    *,
    as_found: bool = False,
) -> str:
    """Reverse a booked voucher and return the id of its mirror, which the worker then books.

    One that a person changed in Fortnox is reversed only `as_found`, entered as it stands there by now: the
    mirror of what was sent would leave the change in the books.
    """
    vouchers = Vouchers(database, connection, company_id)
    standing = await _reversible(connection, company_id, vouchers, voucher_id)
    held_by = await Faults(database, connection, company_id).holding("voucher", voucher_id)
    if not as_found and any(one.code == "voucher_changed" for one in held_by):
        raise NotReversibleError("changed_in_fortnox")
    booked = await Attempts(database, connection).booking_of(voucher_id)
    payload = mirror(standing.payload, f"{booked.series} {booked.number}", reason)
    export_id = await runs.add(database, connection, company_id, runs.Kind.REVERSAL, by)
    part = f"reversal:{voucher_id}"
    mirror_id = await vouchers.add(
        standing.origin,
        part,
        standing.register_id,
        payload,
        State.READY,
        export_id,
        reverses=voucher_id,
    )
    await let_go(database, connection, voucher_id)
    await plan_again(connection, company_id, [standing.origin])
    await lane.wake(database, connection, company_id)
    deed = {"voucher_id": voucher_id, "mirror_id": mirror_id, "reason": reason}
    await audit.record(database, connection, company_id, by, "voucher.reversed", **deed)
    return mirror_id


async def locked(
    connection: AsyncConnection, company_id: str, vouchers: Vouchers, voucher_id: str
) -> StoredVoucher:
    """Return the voucher with its session and lane locked, in the order planning locks them."""
    found = await vouchers.find(voucher_id)
    if found is None:
        raise NoSuchVoucherError(voucher_id)
    await lock_sessions(connection, company_id, [found.origin])
    await lane.lock(connection, company_id)
    return await vouchers.find(voucher_id) or found


async def _reversible(
    connection: AsyncConnection, company_id: str, vouchers: Vouchers, voucher_id: str
) -> StoredVoucher:
    standing = await locked(connection, company_id, vouchers, voucher_id)
    if standing.reverses is not None:
        raise NotReversibleError("is_reversal")
    if standing.state is not State.BOOKED:
        raise NotReversibleError("not_booked")
    if await _is_reversed(connection, voucher_id):
        raise NotReversibleError("already_reversed")
    if await _is_gone(connection, voucher_id):
        raise NotReversibleError("gone")
    return standing


async def _is_gone(connection: AsyncConnection, voucher_id: str) -> bool:
    query = sa.select(booking.c.gone_at).where(booking.c.voucher_id == voucher_id)
    return (await connection.execute(query)).scalar_one() is not None


async def _is_reversed(connection: AsyncConnection, voucher_id: str) -> bool:
    query = sa.select(voucher.c.voucher_id).where(voucher.c.reverses == voucher_id)
    return (await connection.execute(query)).one_or_none() is not None


def mirror(payload: Payload, booked_as: str, reason: str) -> Payload:
    """Turn every row round, on the same day and in the same series: the period then holds neither."""
    title = f"Rättelse av {booked_as}, {payload.title}: {unmarked(reason)}"
    rows = tuple(_turned(row, payload.marker) for row in payload.rows)
    return freeze(payload.series, payload.transaction_date, title, new_marker(), rows)


def _turned(row: VoucherRow, marker: str) -> VoucherRow:
    """Change sides; the marker stays with what it marks, or the two would look like one booked twice."""
    text = row.text.removesuffix(marker).rstrip()
    return replace(row, debit=row.credit, credit=row.debit, text=text)


async def let_go(database: Database, connection: AsyncConnection, voucher_id: str) -> None:
    """Free the sales of a voucher for another one."""
    await connection.execute(
        claim.update()
        .where(claim.c.voucher_id == voucher_id, claim.c.released_at.is_(None))
        .values(released_at=database.clock.now())
    )


async def holds_sales(connection: AsyncConnection, voucher_id: str) -> bool:
    """Tell whether sales are booked by a voucher: not by a mirror, a copy, or what was reversed."""
    query = sa.select(claim.c.transaction_id).where(
        claim.c.voucher_id == voucher_id, claim.c.released_at.is_(None)
    )
    return (await connection.execute(query.limit(1))).first() is not None


@dataclass(frozen=True, slots=True)
class Replaced:
    """A reversed voucher whose transactions are to be booked anew: its part, and where it stands."""

    part: str
    series: str
    number: int


async def replaced(connection: AsyncConnection, company_id: str, session_id: str) -> tuple[Replaced, ...]:
    """List the reversed vouchers of a session whose transactions no later voucher has taken over yet."""
    turned, later = voucher.alias("turned"), claim.alias("later")
    is_replaced = sa.exists(
        sa.select(1).where(
            later.c.company_id == company_id,
            later.c.transaction_id == claim.c.transaction_id,
            later.c.voucher_id > claim.c.voucher_id,  # ids sort by the time they were made
        )
    )
    waits = sa.exists(sa.select(1).where(claim.c.voucher_id == voucher.c.voucher_id, ~is_replaced))
    query = (
        sa.select(voucher.c.part, booking.c.series, booking.c.number)
        .join(turned, turned.c.reverses == voucher.c.voucher_id)
        .join(booking, booking.c.voucher_id == voucher.c.voucher_id)
        .where(voucher.c.company_id == company_id, voucher.c.origin == session_id, waits)
        .order_by(booking.c.number)
    )
    rows: Any = await connection.execute(query)
    return tuple(Replaced(row.part, row.series, row.number) for row in rows)
