"""Reconciling: what stands in Fortnox is put beside what was booked, and each difference is told to a person.

Only reads are made: nothing in the customer's books changes by this. It costs a list of each series and some
dozens of single vouchers: those booked lately, those about which a fault is open, and in turn all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export.adopt import adopt
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.book import tell_gone
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import already_there_twice, booked_as, is_foreign, rows_differ
from fortnox_sync.export.hold import waiting
from fortnox_sync.export.holes import tell_holes
from fortnox_sync.export.left_out import tell_left_out
from fortnox_sync.export.marker import carries, marker_in
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.standing import Series, Shelf, Standing, to_read
from fortnox_sync.export.state import ADOPTABLE, State
from fortnox_sync.fault.accept import was_accepted
from fortnox_sync.fault.model import Fault, VoucherDuplicate, VoucherForeign, subject
from fortnox_sync.fault.parts import BookedAs
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher, VoucherListItem
from fortnox_sync.runtime.clock import STOCKHOLM, business_day
from fortnox_sync.runtime.telemetry import log

_AT_NIGHT = time(3)


def last_night(now: datetime) -> datetime:
    """Return the last three o'clock in the morning, Swedish time: what was compared before is to be again."""
    tonight = datetime.combine(business_day(now), _AT_NIGHT, STOCKHOLM)
    if tonight > now:
        tonight = datetime.combine(business_day(now) - timedelta(days=1), _AT_NIGHT, STOCKHOLM)
    return tonight.astimezone(UTC)


async def reconcile(desk: Desk) -> None:
    """Look at everything once; what was accepted as it stands is not told again."""
    async with desk.database.read() as connection:
        places = await _shelf(desk, connection).series(desk.now().date())
    strangers: set[BookedAs] = set()
    for series in places:
        items = await desk.books.client.vouchers(series.financial_year, series.code)
        strangers |= await _compare(desk, series, {item.number: item for item in items})
    await _settle(desk, strangers, {series.code for series in places})
    await tell_left_out(desk)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await lane.reconciled(connection, desk.company_id, desk.now())
    log.info("export.reconciled", company_id=desk.company_id)


def _shelf(desk: Desk, connection: AsyncConnection) -> Shelf:
    return Shelf(connection, desk.company_id, desk.books.token.fortnox_company)


async def _compare(desk: Desk, series: Series, listed: Mapping[int, VoucherListItem]) -> set[BookedAs]:
    """Compare one series; return what stands there and no voucher from here is."""
    async with desk.database.read() as connection:
        ours = await _shelf(desk, connection).standing(series)
    for one in to_read(ours, listed, desk.now()):
        await _read_back(desk, series, one)
    async with desk.database.read() as connection:
        known = await _shelf(desk, connection).known(series)
    strangers = [listed[number] for number in sorted(listed.keys() - known)]
    for item in strangers:
        await _look_into(desk, series, item)
    await tell_holes(desk, series, listed)
    return {booked_as(item) for item in strangers}


async def _read(desk: Desk, series: str, number: int, financial_year: int) -> BookedVoucher | None:
    """Read a voucher, and let no other worker take the lane meanwhile."""
    async with desk.database.write() as connection:
        await lane.renew(desk.database, connection, desk.lease)
    return await desk.books.client.voucher(series, number, financial_year)


async def _read_back(desk: Desk, series: Series, one: Standing) -> None:
    """Read a voucher again: it is as it was sent, was changed, or is gone."""
    booked = await _read(desk, series.code, one.number, series.financial_year)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        found = await vouchers.find(one.voucher_id)
        if found is None:
            return
        same = booked is not None and is_same(found.payload, booked)
        if booked is None or not (same or carries(booked, found.payload.marker)):
            # What was booked a moment ago need not be shown everywhere yet.
            if desk.now() - one.booked_at > desk.patience.settle:
                await tell_gone(desk.database, connection, vouchers, one.voucher_id, one.number)
        elif same:
            await Attempts(desk.database, connection).verified(one.voucher_id)
            # A copy stays a copy, however right the first one is.
            faults = Faults(desk.database, connection, desk.company_id)
            await faults.release("voucher", one.voucher_id, but_code="voucher_duplicate")
        else:
            await _tell(desk, connection, rows_differ(found, booked), found)


async def _look_into(desk: Desk, series: Series, item: VoucherListItem) -> None:
    """Say what a number is that no voucher from here has: a copy of one of ours, or somebody else's."""
    marker = marker_in(item.comments, item.description)
    async with desk.database.read() as connection:
        marked = await _shelf(desk, connection).marked(marker) if marker else None
    if marked is not None:
        if marked.voucher_id is not None:
            await _marked_ours(desk, item, marked.voucher_id)
    elif marker or series.is_ours_alone:
        async with desk.database.write() as connection:
            await lane.hold(connection, desk.lease)
            await _tell(desk, connection, is_foreign(item))


async def _marked_ours(desk: Desk, item: VoucherListItem, voucher_id: str) -> None:
    """Deal with a number that carries our marker: adopt it, tell a copy, or what should not be there.

    One that is being sent or in doubt is left to who looks for it.
    """
    async with desk.database.read() as connection:
        found = await Vouchers(desk.database, connection, desk.company_id).find(voucher_id)
    if found is None:
        return
    if found.state in ADOPTABLE:
        booked = await _read(desk, item.series, item.number, item.year)
        if booked is not None and carries(booked, found.payload.marker):
            await adopt(desk, voucher_id, booked)
    elif found.state is State.DISMISSED:
        # A person said that it is never to be sent, and it stands there: theirs to look into.
        async with desk.database.write() as connection:
            await lane.hold(connection, desk.lease)
            await _tell(desk, connection, is_foreign(item))
    else:
        await _tell_copy(desk, item, voucher_id)


async def _tell_copy(desk: Desk, item: VoucherListItem, voucher_id: str) -> None:
    """Tell one more voucher with one marker, beside those told before.

    On one that is not booked decides who looks for it.
    """
    async with desk.database.read() as connection:
        found = await Vouchers(desk.database, connection, desk.company_id).find(voucher_id)
        booking = await Attempts(desk.database, connection).booking_of(voucher_id)
        told = await Faults(desk.database, connection, desk.company_id).open_of("voucher_duplicate")
    if found is None or found.state is not State.BOOKED or booking.gone_at is not None:
        return
    # Copies have one date, and so one financial year.
    year = booking.financial_year
    first = await _read(desk, booking.series, booking.number, year)
    places = {(item.series, item.number)} | _copies_of(told, booking.series, booking.number)
    read = [await _read(desk, *place, year) for place in sorted(places)]
    copies = tuple(one for one in read if one is not None and carries(one, found.payload.marker))
    if first is not None and copies:
        async with desk.database.write() as connection:
            await lane.hold(connection, desk.lease)
            await _tell(desk, connection, already_there_twice(found, (first, *copies)), found)


def _copies_of(told: Iterable[Fault], series: str, number: int) -> set[tuple[str, int]]:
    """Return where the copies of a voucher stand that were told before."""
    return {
        (copy.series, copy.number)
        for fault in told
        if isinstance(fault, VoucherDuplicate)
        and (fault.facts.voucher.series, fault.facts.voucher.number) == (series, number)
        for copy in fault.facts.copies
    }


async def _tell(
    desk: Desk, connection: AsyncConnection, fault: Fault, voucher: StoredVoucher | None = None
) -> None:
    """Open a fault, unless somebody said of just this that it may stand."""
    if await was_accepted(connection, desk.company_id, fault):
        return
    faults = Faults(desk.database, connection, desk.company_id)
    await faults.open(fault, [waiting(voucher)] if voucher else [])


async def _settle(desk: Desk, strangers: set[BookedAs], looked_in: set[str]) -> None:
    """Close what was told of copies and of somebody else's vouchers that are not there any more."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        told = (*await faults.open_of("voucher_foreign"), *await faults.open_of("voucher_duplicate"))
        for fault in told:
            others = _others(fault)
            if {one.series for one in others} <= looked_in and not strangers & others:
                await faults.close(fault.code, subject(fault))


def _others(fault: Fault) -> set[BookedAs]:
    """Name the vouchers that should not be there, as a fault tells them."""
    match fault:
        case VoucherForeign():
            return {fault.facts.voucher}
        case VoucherDuplicate():
            return set(fault.facts.copies)
        case _:
            return set()
