"""Correcting: what a fault found in the books is turned round, or sales that were deleted are booked again.

A voucher in the books is never changed (BFL 5 kap. 5 §). What was changed by a person is turned round as it
stands by now, and its sales are booked anew; a copy that Fortnox made is entered here as what it is, and
turned round; what is gone has nothing to be turned round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.backlog import plan_again
from fortnox_sync.export.book import book
from fortnox_sync.export.marker import carries, new_marker
from fortnox_sync.export.payload import Payload, freeze
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.reverse import holds_sales, let_go, locked, reverse
from fortnox_sync.export.state import State
from fortnox_sync.fault.accept import NoSuchFaultError
from fortnox_sync.fault.model import Fault, VoucherChanged, VoucherDeleted, VoucherDuplicate
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedRow, BookedVoucher
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database


class NotCorrectableError(Exception):
    """The fault can't be corrected so.

    `code` says why: not_about_a_voucher, settled, changed_meanwhile, nothing_left or
    holds_no_sales.
    """

    def __init__(self, code: str) -> None:
        """Say why."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read in Fortnox before it is turned round: numbers of one series in one year."""

    voucher_id: str
    financial_year: int
    series: str
    numbers: tuple[int, ...]


async def to_read(
    database: Database, connection: AsyncConnection, company_id: str, fault_id: str
) -> Reading | None:
    """Return what a reversal has to look at first; None for a fault that is settled already."""
    fault, waiting = await _fault(database, connection, company_id, fault_id)
    if not isinstance(fault, VoucherChanged | VoucherDuplicate):
        raise NotCorrectableError("not_about_a_voucher")
    if not waiting:
        return None
    booking = await Attempts(database, connection).booking_of(waiting[0])
    copies = fault.facts.copies if isinstance(fault, VoucherDuplicate) else (fault.facts.voucher,)
    return Reading(waiting[0], booking.financial_year, booking.series, tuple(one.number for one in copies))


async def turn_round(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    fault_id: str,
    read: Sequence[BookedVoucher],
    by: str,
    reason: str,
) -> tuple[str, ...]:
    """Reverse what was just read in Fortnox, and return the ids of the mirrors that the worker then books."""
    fault, waiting = await _fault(database, connection, company_id, fault_id)
    if not waiting or not read:
        raise NotCorrectableError("settled")
    vouchers = Vouchers(database, connection, company_id)
    standing = await locked(connection, company_id, vouchers, waiting[0])
    await _check_still_waits(database, connection, company_id, fault_id, waiting[0])
    if not all(carries(one, standing.payload.marker) for one in read):
        raise NotCorrectableError("changed_meanwhile")
    mirrors = []
    for one in read:
        if all(row.removed for row in one.rows):
            raise NotCorrectableError("nothing_left")
        if isinstance(fault, VoucherChanged):
            await vouchers.revise(standing, _as_found(standing.payload, one, standing.payload.marker))
            turned = standing.voucher_id
        else:
            turned = await _enter_copy(database, connection, vouchers, standing, one)
        mirrors.append(await reverse(database, connection, company_id, turned, by, reason, as_found=True))
    await Faults(database, connection, company_id).release("voucher", standing.voucher_id)
    await _record(database, connection, company_id, by, "fault.reversed", fault_id, reason, mirrors=mirrors)
    return tuple(mirrors)


async def book_again(
    database: Database, connection: AsyncConnection, company_id: str, fault_id: str, by: str, reason: str
) -> None:
    """Have the sales of vouchers deleted in Fortnox booked again, by today's choices."""
    fault, waiting = await _fault(database, connection, company_id, fault_id)
    if not isinstance(fault, VoucherDeleted):
        raise NotCorrectableError("not_about_a_voucher")
    if not waiting:
        raise NotCorrectableError("settled")
    vouchers, faults = Vouchers(database, connection, company_id), Faults(database, connection, company_id)
    for voucher_id in waiting:
        standing = await locked(connection, company_id, vouchers, voucher_id)
        await _check_still_waits(database, connection, company_id, fault_id, voucher_id)
        if not await holds_sales(connection, voucher_id):
            raise NotCorrectableError("holds_no_sales")
        await let_go(database, connection, voucher_id)
        await plan_again(connection, company_id, [standing.origin])
        await faults.release("voucher", voucher_id)
    await lane.wake(database, connection, company_id)
    await _record(
        database, connection, company_id, by, "fault.booked_again", fault_id, reason, vouchers=waiting
    )


async def _fault(
    database: Database, connection: AsyncConnection, company_id: str, fault_id: str
) -> tuple[Fault, tuple[str, ...]]:
    """Return a fault and the vouchers that wait for it; none wait for one that is closed."""
    faults = Faults(database, connection, company_id)
    found = await faults.find(fault_id)
    if found is None:
        raise NoSuchFaultError(fault_id)
    fault, is_open = found
    return fault, await faults.vouchers_of(fault_id) if is_open else ()


async def _check_still_waits(
    database: Database, connection: AsyncConnection, company_id: str, fault_id: str, voucher_id: str
) -> None:
    """Look once more behind the lock: of two clicks at once the second finds it settled."""
    _, waiting = await _fault(database, connection, company_id, fault_id)
    if voucher_id not in waiting:
        raise NotCorrectableError("settled")


async def _enter_copy(
    database: Database,
    connection: AsyncConnection,
    vouchers: Vouchers,
    of: StoredVoucher,
    booked: BookedVoucher,
) -> str:
    """Enter a copy as a voucher of its own that holds no sales, under the number it has."""
    attempts = Attempts(database, connection)
    fortnox_company = (await attempts.booking_of(of.voucher_id)).fortnox_company
    part = f"copy:{booked.series}:{booked.number}:{booked.year}"
    payload = _as_found(of.payload, booked, new_marker())
    voucher_id = await vouchers.add(of.origin, part, of.register_id, payload, State.BOOKED)
    await book(database, connection, voucher_id, fortnox_company, booked, "copy")
    await attempts.verified(voucher_id)
    await vouchers.postpone(voucher_id, None)
    return voucher_id


def _as_found(ours: Payload, booked: BookedVoucher, marker: str) -> Payload:
    """Freeze what stands in Fortnox; what a row is the sum of is known where we sent it so."""
    known = {(row.account, row.cost_center or ""): row.of for row in ours.rows}
    rows = [_row(row, known) for row in booked.rows if not row.removed and row.debit_ore != row.credit_ore]
    return freeze(booked.series, booked.transaction_date, ours.title, marker, rows)


def _row(row: BookedRow, known: dict[tuple[int, str], str]) -> VoucherRow:
    of = known.get((row.account, row.cost_center or ""), "found:fortnox")
    debit = Money(row.debit_ore - row.credit_ore)
    on_debit, on_credit = (debit, Money(0)) if debit.ore > 0 else (Money(0), -debit)
    return VoucherRow(row.account, row.cost_center or None, on_debit, on_credit, of, "")


async def _record(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    by: str,
    action: str,
    fault_id: str,
    reason: str,
    **more: Any,  # noqa: ANN401 - what was done
) -> None:
    await audit.record(database, connection, company_id, by, action, fault_id=fault_id, reason=reason, **more)
