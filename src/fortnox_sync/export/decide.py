"""Deciding: where nothing proves whether a voucher is booked, a person who looked in Fortnox says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.book import book
from fortnox_sync.export.findings import rows_differ
from fortnox_sync.export.hold import wait_only_for
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.reverse import NoSuchVoucherError
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Adopt:
    """It is booked: this is the voucher, as it was read just now."""

    booked: BookedVoucher


@dataclass(frozen=True, slots=True)
class SendAgain:
    """It is not booked, and shall be."""


@dataclass(frozen=True, slots=True)
class Dismiss:
    """It shall never be sent; its sales stay with it and are booked in no other voucher."""


Decision = Adopt | SendAgain | Dismiss


@dataclass(frozen=True, slots=True)
class Tried:
    """Where a voucher was tried last: in that company's year it stands, if it stands anywhere."""

    fortnox_company: int
    financial_year: int
    series: str


class NotUndecidedError(Exception):
    """The voucher waits for nobody's decision."""


class NeverSentError(Exception):
    """The voucher was never sent, so nothing in Fortnox can be it."""


class AnothersNumberError(Exception):
    """The number is that of another voucher from here, so it can't be this one."""


async def last_tried(
    database: Database, connection: AsyncConnection, company_id: str, voucher_id: str
) -> Tried | None:
    """Return where an undecided voucher was tried last; None for one on which nothing is to be decided.

    Raises NeverSentError for one that was kept back before its first try.
    """
    found = await Vouchers(database, connection, company_id).find(voucher_id)
    if found is None or found.state is not State.NEEDS_DECISION:
        return None
    tries = await Attempts(database, connection).history(voucher_id)
    if not tries:
        raise NeverSentError(voucher_id)
    last = tries[-1]
    return Tried(last.fortnox_company, last.financial_year, last.series)


async def decide(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    voucher_id: str,
    decision: Decision,
    by: str,
    reason: str,
) -> None:
    """Do as a person decided, and write down who, when, why and beside which evidence."""
    await lane.lock(connection, company_id)
    voucher = await _undecided(database, connection, company_id, voucher_id)
    faults = Faults(database, connection, company_id)
    shown = [one.fault.facts.model_dump(mode="json") for one in await _shown(faults, voucher_id)]
    match decision:
        case Adopt(booked):
            await _adopt(database, connection, company_id, voucher, booked)
        case SendAgain():
            vouchers = Vouchers(database, connection, company_id)
            await vouchers.move(voucher, State.READY, next_due_at=database.clock.now())
            await faults.release("voucher", voucher_id)
        case Dismiss():
            await Vouchers(database, connection, company_id).move(voucher, State.DISMISSED, next_due_at=None)
            await faults.release("voucher", voucher_id)
        case _:
            assert_never(decision)
    if isinstance(decision, Adopt):  # it may have been told as somebody else's, which it no longer is
        await lane.ask_to_reconcile(database, connection, company_id)
    else:
        await lane.wake(database, connection, company_id)
    deed: dict[str, Any] = {"voucher_id": voucher_id, "reason": reason, "shown": shown}
    if isinstance(decision, Adopt):
        deed |= {"series": decision.booked.series, "number": decision.booked.number}
    await audit.record(
        database, connection, company_id, by, f"voucher.decided.{_NAMES[type(decision)]}", **deed
    )


_NAMES: dict[type[Decision], str] = {Adopt: "adopt", SendAgain: "send_again", Dismiss: "dismiss"}


async def sent_again(connection: AsyncConnection, company_id: str, voucher_id: str) -> list[list[Any]]:
    """Return what people were shown each time they said of a voucher that it is to be sent again."""
    query = sa.select(audit.audit.c.details).where(
        audit.audit.c.company_id == company_id,
        audit.audit.c.action == f"voucher.decided.{_NAMES[SendAgain]}",
    )
    details = (await connection.execute(query)).scalars()
    return [one["shown"] for one in details if one["voucher_id"] == voucher_id]


async def _undecided(
    database: Database, connection: AsyncConnection, company_id: str, voucher_id: str
) -> StoredVoucher:
    found = await Vouchers(database, connection, company_id).find(voucher_id)
    if found is None:
        raise NoSuchVoucherError(voucher_id)
    if found.state is not State.NEEDS_DECISION:
        raise NotUndecidedError(voucher_id)
    return found


async def _shown(faults: Faults, voucher_id: str) -> list[Any]:
    return [one for one in await faults.all_open() if any(w.waiting_id == voucher_id for w in one.waiting)]


async def _adopt(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    voucher: StoredVoucher,
    booked: BookedVoucher,
) -> None:
    """Take a voucher of Fortnox for ours; one with other rows is told at once, with both sides."""
    attempts = Attempts(database, connection)
    *_, last = await attempts.history(voucher.voucher_id)
    if await _is_taken(connection, last.fortnox_company, booked):
        raise AnothersNumberError(booked.number)
    await book(database, connection, voucher.voucher_id, last.fortnox_company, booked, "decision")
    is_as_sent = is_same(voucher.payload, booked)
    # As any other it is read back once more then, which also finds a copy and asks for its paper.
    verify_at = database.clock.now() if is_as_sent else None
    await Vouchers(database, connection, company_id).move(voucher, State.BOOKED, next_due_at=verify_at)
    faults = Faults(database, connection, company_id)
    if is_as_sent:
        await faults.release("voucher", voucher.voucher_id)
    else:
        await wait_only_for(faults, rows_differ(voucher, booked), voucher)


async def _is_taken(connection: AsyncConnection, fortnox_company: int, booked: BookedVoucher) -> bool:
    query = sa.select(booking.c.voucher_id).where(
        booking.c.fortnox_company == fortnox_company,
        booking.c.financial_year == booked.year,
        booking.c.series == booked.series,
        booking.c.number == booked.number,
        booking.c.gone_at.is_(None),
    )
    return (await connection.execute(query)).first() is not None
