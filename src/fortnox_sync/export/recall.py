"""Recalling: before anything is sent, Fortnox is asked for vouchers that this database should know.

A database restored from a backup has forgotten what was booked since, and a second installation in the same
books never knew it. Fortnox remembers: the counter has gone further than we have, and what stands there has
a marker. What is known here is taken for booked; what is not is told, and nothing is sent past it before a
person has said what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.export.adopt import adopt
from fortnox_sync.export.attempts import Attempts, Place
from fortnox_sync.export.decide import sent_again
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import booked_as, is_foreign, needs_decision
from fortnox_sync.export.hold import wait_only_for, waiting
from fortnox_sync.export.marker import marker_in
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.standing import Series, Shelf
from fortnox_sync.export.state import ADOPTABLE, AttemptOutcome, State
from fortnox_sync.fault.accept import was_accepted
from fortnox_sync.fault.facts import ForeignFacts
from fortnox_sync.fault.parts import BookedAs
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fault.tables import fault as fault_table
from fortnox_sync.fortnox import BookedVoucher
from fortnox_sync.runtime.telemetry import log

# Fortnox's access tokens live an hour (Fortnox docs, authorization).
TOKEN_LIFE = timedelta(hours=1)
# The newest are read one by one, for a text may have been reworded; of more the list has to do.
_MOST_NUMBERS = 40
# A person who has said what it is should soon see that it goes on.
_LOOK_AGAIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Stranger:
    """A voucher with a marker of this service that nobody here gave; a person may have let it stand."""

    booked: BookedVoucher
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a look at the numbers of a series since `since` brought back."""

    since: int
    has_adopted: bool
    strangers: tuple[Stranger, ...]


async def is_clear(desk: Desk, voucher: StoredVoucher, place: Place) -> bool:
    """Tell whether a ready voucher may be sent as far as Fortnox remembers; where not, it is said why."""
    key = (place.financial_year, place.series)
    if key not in desk.recalled:
        desk.recalled[key] = await _look(desk, place)
    found = desk.recalled[key]
    if found.has_adopted:
        return False
    strangers = (*found.strangers, *await _told_before(desk, voucher, place, found))
    return not strangers or await _is_settled(desk, voucher, Place(*key, found.since), strangers)


async def recall(desk: Desk) -> None:
    """Look at every number of every series that we booked in or are about to: all may have been forgotten."""
    for place in sorted(await _places(desk), key=lambda one: (one.financial_year, one.series)):
        found = await _look(desk, place, since=0)
        async with desk.database.read() as connection:
            unsent = await Vouchers(desk.database, connection, desk.company_id).in_states([State.READY])
        for voucher in unsent:
            if voucher.payload.series == place.series and found.strangers:
                await _is_settled(
                    desk, voucher, Place(place.financial_year, place.series, 0), found.strangers
                )
    log.info("export.recalled", company_id=desk.company_id)


async def _places(desk: Desk) -> set[Place]:
    """Name the series to look through, each with the last number it has given out."""
    async with desk.database.read() as connection:
        unsent = await Vouchers(desk.database, connection, desk.company_id).in_states([*ADOPTABLE])
        shelf = Shelf(connection, desk.company_id, desk.books.token.fortnox_company)
        keys = {(one.financial_year, one.code) for one in await shelf.series(desk.now().date())}
    for day, code in {(one.payload.transaction_date, one.payload.series) for one in unsent}:
        if (year := await desk.year_on(day)) is not None:
            keys.add((year.id, code))
    return {Place(year, code, await _last_number(desk, code, year)) for year, code in keys}


async def _last_number(desk: Desk, code: str, year: int) -> int:
    series = await desk.books.client.voucher_series_one(code, year)
    return (series.next_number if series and series.next_number else 1) - 1


async def _look(desk: Desk, place: Place, since: int | None = None) -> Recalled:
    """Read what was numbered in a series since our last try there, and take back what is ours."""
    async with desk.database.read() as connection:
        shelf = Shelf(connection, desk.company_id, desk.books.token.fortnox_company)
        if since is None:
            since, known = await shelf.known_since_last_try(place.financial_year, place.series)
        else:
            known = await shelf.known(Series(place.financial_year, place.series, is_ours_alone=False))
    unknown = [number for number in range(since + 1, place.watermark + 1) if number not in known]
    there = await _read(desk, place, unknown)
    if not there:
        return Recalled(since, has_adopted=False, strangers=())
    ours, strangers = await _told_apart(desk, there)
    for voucher, matches in ours:
        await _take_back(desk, voucher, matches)
    return Recalled(since, has_adopted=bool(ours), strangers=await _tell(desk, strangers))


async def _read(desk: Desk, place: Place, numbers: list[int]) -> list[BookedVoucher]:
    """Read the vouchers among some numbers that carry a marker."""
    client, code, year = desk.books.client, place.series, place.financial_year
    wanted = set(numbers[-_MOST_NUMBERS:])
    if len(numbers) > _MOST_NUMBERS:
        listed = await client.vouchers(year, code)
        wanted |= {one.number for one in listed if marker_in(one.comments, one.description)} & set(numbers)
    found = []
    for number in sorted(wanted):
        async with desk.database.write() as connection:
            await lane.renew(desk.database, connection, desk.lease)
        found.append(await client.voucher(code, number, year))
    return [one for one in found if one is not None and _marker_of(one)]


def _marker_of(booked: BookedVoucher) -> str | None:
    return marker_in(booked.comments, booked.description, *(row.text for row in booked.rows))


async def _told_apart(
    desk: Desk, there: Iterable[BookedVoucher]
) -> tuple[list[tuple[StoredVoucher, tuple[BookedVoucher, ...]]], list[BookedVoucher]]:
    """Tell vouchers of ours that count as not booked from those whose marker nobody here gave."""
    ours: defaultdict[str, list[BookedVoucher]] = defaultdict(list)
    strangers = []
    async with desk.database.read() as connection:
        shelf = Shelf(connection, desk.company_id, desk.books.token.fortnox_company)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        company = await companies.find(connection, desk.company_id)
        for booked in there:
            marked = await shelf.marked(_marker_of(booked) or "")
            if marked is None:
                # What is older than the start date can hold no sales that would be sent.
                if not (company and company.start_on and booked.transaction_date < company.start_on):
                    strangers.append(booked)
            elif marked.voucher_id is not None:
                ours[marked.voucher_id].append(booked)
        found = {voucher_id: await vouchers.find(voucher_id) for voucher_id in ours}
    forgotten = [
        (voucher, tuple(ours[voucher_id]))
        for voucher_id, voucher in found.items()
        # Whoever looks for one in doubt decides on it; one that is booked elsewhere has a copy.
        if voucher is not None and voucher.state in ADOPTABLE
    ]
    return forgotten, strangers


async def _take_back(desk: Desk, voucher: StoredVoucher, matches: tuple[BookedVoucher, ...]) -> None:
    """Take for booked what is; unless it just came very late, more than this one may have been forgotten."""
    number = matches[0].number
    log.error("export.forgotten", company_id=desk.company_id, series=matches[0].series, number=number)
    if voucher.absences == 0:
        await suspect(desk)
    await adopt(desk, voucher.voucher_id, matches[0])
    if len(matches) > 1:
        await ask_to_reconcile(desk)


async def ask_to_reconcile(desk: Desk) -> None:
    """Have the books compared at once, which tells copies."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await lane.ask_to_reconcile(desk.database, connection, desk.company_id)


async def suspect(desk: Desk) -> None:
    """Send nothing more for this company before its books were looked through."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        until = desk.now() + TOKEN_LIFE + desk.patience.settle
        await lane.suspect(desk.database, connection, desk.company_id, until)
    desk.is_suspect = True


async def _tell(desk: Desk, strangers: list[BookedVoucher]) -> tuple[Stranger, ...]:
    """Tell each stranger that nobody let stand; one that is news makes us doubt our memory."""
    if not strangers:
        return ()
    told = []
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        before = {one.facts for one in await faults.open_of("voucher_foreign")}
        for booked in strangers:
            fault = is_foreign(booked)
            is_accepted = await was_accepted(connection, desk.company_id, fault)
            told.append(Stranger(booked, is_accepted))
            if not is_accepted:
                await faults.open(fault)
    news = [one for one in told if not one.is_accepted and is_foreign(one.booked).facts not in before]
    if news:
        log.error("export.unknown_marker", company_id=desk.company_id, vouchers=len(news))
        await suspect(desk)
    return tuple(told)


async def _told_before(
    desk: Desk, voucher: StoredVoucher, place: Place, found: Recalled
) -> tuple[Stranger, ...]:
    """Find strangers told earlier, though we have gone past them, that may hold a voucher's sales."""
    async with desk.database.read() as connection:
        query = (
            sa.select(fault_table.c.facts, fault_table.c.resolved_at)
            .where(fault_table.c.company_id == desk.company_id, fault_table.c.code == "voucher_foreign")
            .order_by(fault_table.c.opened_at)
        )
        rows = (await connection.execute(query)).all()
    seen = {one.booked.number for one in found.strangers}
    open_by_number: dict[int, bool] = {}
    for row in rows:
        facts = ForeignFacts.model_validate(row.facts, strict=False)
        is_of_the_day = facts.transaction_date == voucher.payload.transaction_date
        is_here = facts.voucher.series == place.series and facts.voucher.number not in seen
        if is_here and marker_in(facts.description) and (is_of_the_day or row.resolved_at is None):
            open_by_number[facts.voucher.number] = row.resolved_at is None
    return await _still_strange(desk, place, open_by_number)


async def _still_strange(
    desk: Desk, place: Place, open_by_number: Mapping[int, bool]
) -> tuple[Stranger, ...]:
    """Read strangers again: meanwhile they may be gone, or taken for one of ours."""
    if not open_by_number:
        return ()
    async with desk.database.read() as connection:
        shelf = Shelf(connection, desk.company_id, desk.books.token.fortnox_company)
        known = await shelf.known(Series(place.financial_year, place.series, is_ours_alone=False))
    found = []
    for number, is_open in open_by_number.items():
        booked = None
        if number not in known:
            booked = await desk.books.client.voucher(place.series, number, place.financial_year)
        if booked is not None and _marker_of(booked):
            found.append(Stranger(booked, is_accepted=not is_open))
    return tuple(found)


async def _is_settled(
    desk: Desk, voucher: StoredVoucher, place: Place, strangers: tuple[Stranger, ...]
) -> bool:
    """Tell whether people have said enough of some strangers for a voucher to be sent; else ask them."""
    async with desk.database.read() as connection:
        shown = await _decided_beside(connection, desk.company_id, voucher.voucher_id)
    left = [one for one in strangers if booked_as(one.booked) not in shown]
    alike = [one.booked for one in left if _may_hold_the_same(voucher, one)]
    if alike:
        await _ask(desk, voucher, place, alike)
        return False
    unsaid = [one.booked for one in left if not one.is_accepted]
    if unsaid:
        await _wait(desk, voucher, unsaid)
    return not unsaid


def _may_hold_the_same(voucher: StoredVoucher, stranger: Stranger) -> bool:
    """Tell whether a stranger may hold the sales of a voucher: they are of one day, and nobody said no."""
    if stranger.booked.transaction_date != voucher.payload.transaction_date:
        return False
    return not stranger.is_accepted or is_same(voucher.payload, stranger.booked)


async def _decided_beside(connection: AsyncConnection, company_id: str, voucher_id: str) -> set[BookedAs]:
    """Return what a person was shown who said of a voucher that it is to be sent."""
    shown = [facts for one in await sent_again(connection, company_id, voucher_id) for facts in one]
    return {
        BookedAs.model_validate(one, strict=False) for facts in shown for one in facts.get("candidates") or ()
    }


async def _ask(desk: Desk, voucher: StoredVoucher, place: Place, alike: list[BookedVoucher]) -> None:
    """Have a person decide; where it would have been sent is kept as a try that was not."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        attempts = Attempts(desk.database, connection)
        now = desk.now()
        attempt_id = await attempts.intend(voucher, desk.lease.epoch, place, desk.books.token, now, now)
        await attempts.end(attempt_id, AttemptOutcome.NOT_SENT, error="unknown_voucher")
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.NEEDS_DECISION, tries=voucher.tries + 1, next_due_at=None)
        faults = Faults(desk.database, connection, desk.company_id)
        candidates = tuple(booked_as(one) for one in alike)
        await wait_only_for(faults, needs_decision(voucher, "unknown_voucher", candidates), voucher)


async def _wait(desk: Desk, voucher: StoredVoucher, unsaid: list[BookedVoucher]) -> None:
    """Let everything that is ready wait for what a person says of the strangers."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        await wait_only_for(faults, is_foreign(unsaid[0]), voucher)
        for booked in unsaid[1:]:
            await faults.open(is_foreign(booked), [waiting(voucher)])
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.rest([State.READY], desk.now() + _LOOK_AGAIN)
