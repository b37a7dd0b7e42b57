"""Beforehand: a voucher is not sent while its day stands in the books already, from here or by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export.adopt import adopt
from fortnox_sync.export.decide import sent_again
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import booked_as, needs_decision
from fortnox_sync.export.hold import wait_only_for
from fortnox_sync.export.marker import carries, carries_any, is_marked, marker_in
from fortnox_sync.export.payload import Payload
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher, VoucherListItem
from fortnox_sync.runtime.telemetry import log

# A turn sends some twenty vouchers, mostly of days in a row: one list serves them all.
_AHEAD = timedelta(days=20)
# A shop whose people book this much on one day has its till's sum among it by hand, or has it not.
_MOST_CANDIDATES = 10


async def stands_already(desk: Desk, voucher: StoredVoucher, year: int) -> bool:
    """Keep a voucher from being sent that Fortnox has already, and tell whether it does.

    One with the voucher's own marker is adopted: it was sent by a database that is lost, or by another
    deployment. One that a person typed, with the same money on the same day, becomes a person's decision.
    """
    listed = await _listed(desk, voucher, year)
    for item in listed:
        if is_marked(voucher.payload.marker, item.comments, item.description):
            booked = await desk.books.client.voucher(item.series, item.number, item.year)
            if booked is not None and carries(booked, voucher.payload.marker):
                return await adopt(desk, voucher.voucher_id, booked)
    if voucher.tries or voucher.reverses is not None or not paid(voucher.payload):
        return False
    by_hand = await _by_hand(desk, voucher, listed)
    if not by_hand or await _was_sent_anyway(desk, voucher.voucher_id):
        return False
    await _ask(desk, voucher, by_hand)
    return True


async def _listed(desk: Desk, voucher: StoredVoucher, year: int) -> tuple[VoucherListItem, ...]:
    """List what stands on a voucher's day in all series, with the days after it, once a turn."""
    day = voucher.payload.transaction_date
    if (year, day) not in desk.stands_on:
        upto = day + _AHEAD
        for days in range(_AHEAD.days + 1):
            desk.stands_on[year, day + timedelta(days=days)] = ()
        for item in await desk.books.client.vouchers(year, None, day, upto):
            key = (year, item.transaction_date)
            desk.stands_on[key] = (*desk.stands_on.get(key, ()), item)
    return desk.stands_on[year, day]


def paid(payload: Payload) -> dict[int, int]:
    """Return what was paid, in öre by the account it went to: cash, card and the like, none that is 0."""
    sums: dict[int, int] = {}
    for row in payload.rows:
        if row.of.startswith("payment:"):
            sums[row.account] = sums.get(row.account, 0) + row.debit.ore - row.credit.ore
    return {account: ore for account, ore in sums.items() if ore}


def holds_as_much(payload: Payload, booked: BookedVoucher) -> bool:
    """Tell whether a person's voucher moves the same money on the same day, to the öre on each account.

    Other accounts are no evidence: a person may split the sales otherwise, and other bookings of the day
    move other money.
    """
    ours = paid(payload)
    theirs = dict.fromkeys(ours, 0)
    for row in booked.rows:
        if not row.removed and row.account in theirs:
            theirs[row.account] += row.debit_ore - row.credit_ore
    return booked.transaction_date == payload.transaction_date and bool(ours) and ours == theirs


async def _by_hand(
    desk: Desk, voucher: StoredVoucher, listed: Iterable[VoucherListItem]
) -> tuple[BookedVoucher, ...]:
    """Read the day's vouchers that are nobody's from here, and keep those that hold as much."""
    unmarked = [one for one in listed if marker_in(one.comments, one.description) is None]
    if not unmarked:
        return ()
    async with desk.database.read() as connection:
        strangers = [one for one in unmarked if not await _is_ours(desk, connection, one)]
    found = []
    for item in strangers[:_MOST_CANDIDATES]:
        booked = await desk.books.client.voucher(item.series, item.number, item.year)
        if booked and not carries_any(booked) and holds_as_much(voucher.payload, booked):
            found.append(booked)
    return tuple(found)


async def _is_ours(desk: Desk, connection: AsyncConnection, item: VoucherListItem) -> bool:
    """Tell whether a number is one of ours whose texts a person reworded."""
    query = sa.select(booking.c.voucher_id).where(
        booking.c.fortnox_company == desk.books.token.fortnox_company,
        booking.c.financial_year == item.year,
        booking.c.series == item.series,
        booking.c.number == item.number,
        booking.c.gone_at.is_(None),
    )
    return (await connection.execute(query)).first() is not None


async def _was_sent_anyway(desk: Desk, voucher_id: str) -> bool:
    """Tell whether a person who was asked before said that it is to be sent."""
    async with desk.database.read() as connection:
        return bool(await sent_again(connection, desk.company_id, voucher_id))


async def _ask(desk: Desk, voucher: StoredVoucher, by_hand: tuple[BookedVoucher, ...]) -> None:
    candidates = tuple(booked_as(one) for one in by_hand)
    fault = needs_decision(voucher, "already_booked_by_hand", candidates)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.NEEDS_DECISION, next_due_at=None)
        await wait_only_for(Faults(desk.database, connection, desk.company_id), fault, voucher)
    log.warning("export.booked_by_hand", company_id=desk.company_id, vouchers=len(candidates))
