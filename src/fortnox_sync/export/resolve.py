"""Resolving: a voucher nobody answered for is looked up, and sent again only once it is proven absent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempt, Attempts, Place
from fortnox_sync.export.book import book
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import (
    Reason,
    already_there_twice,
    needs_decision,
    rows_differ,
    still_in_doubt,
)
from fortnox_sync.export.hold import wait_only_for, waiting
from fortnox_sync.export.marker import carries, carries_any, is_marked
from fortnox_sync.export.papers import want_paper
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import AttemptOutcome, State
from fortnox_sync.export.verdict import FIRST_LOOK
from fortnox_sync.fault.model import Fault
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher
from fortnox_sync.runtime.telemetry import log

# After these looks only the fence decides; each look is a few reads.
_LOOKS = (FIRST_LOOK, timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
# A look at single numbers is for lists that lag; further away the list alone has to do.
_MOST_NUMBERS = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: our voucher, perhaps more than once, and numbers nobody here knows."""

    matches: tuple[BookedVoucher, ...]
    strangers: tuple[int, ...]
    counter_fell: bool


async def doubt_unfinished(desk: Desk) -> None:
    """Take over what was being sent when the lane changed hands: nobody knows what became of it."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        for voucher in await vouchers.in_states([State.SENDING]):
            await Attempts(desk.database, connection).doubt(voucher.voucher_id)
            await vouchers.move(voucher, State.IN_DOUBT, next_due_at=desk.now())


async def resolve(desk: Desk, voucher: StoredVoucher) -> None:
    """Look for a voucher in doubt in every place it was ever tried, and decide on what is proven."""
    async with desk.database.read() as connection:
        attempts = Attempts(desk.database, connection)
        live = await attempts.live(voucher.voucher_id)
        places = await attempts.places(voucher.voucher_id)
    seen = await _look(desk, voucher, places)
    if seen.matches:
        await _found(desk, voucher, live, seen.matches)
    elif live is not None and _is_past_fence(desk, live):
        await _at_the_fence(desk, voucher, live, seen)
    else:
        await _look_later(desk, voucher, live)


def _is_past_fence(desk: Desk, live: Attempt) -> bool:
    """Tell whether the try is dead: its token has expired on Fortnox's own clock, and work has settled."""
    theirs = desk.books.client.fortnox_time
    return theirs is not None and theirs > live.token_expires_at + desk.patience.settle


async def _look(desk: Desk, voucher: StoredVoucher, places: tuple[Place, ...]) -> Seen:
    matches: dict[tuple[int, str, int], BookedVoucher] = {}
    strangers: list[int] = []
    fell = False
    for place in places:
        series = await desk.books.client.voucher_series_one(place.series, place.financial_year)
        last = (series.next_number if series and series.next_number else 1) - 1
        fell = fell or last < place.watermark
        async for booked in _candidates(desk, voucher, place, last):
            if carries(booked, voucher.payload.marker):
                matches[booked.year, booked.series, booked.number] = booked
            elif booked.number > place.watermark and not carries_any(booked):
                strangers.append(booked.number)
    found = tuple(booked for _, booked in sorted(matches.items()))
    return Seen(found, tuple(strangers), fell)


async def _candidates(
    desk: Desk, voucher: StoredVoucher, place: Place, last: int
) -> AsyncIterator[BookedVoucher]:
    """Read every voucher that could be ours: those listed on its date, and each number since the try.

    Lists may lag behind, and a person may have moved the date: one look alone is not trusted.
    """
    client, day = desk.books.client, voucher.payload.transaction_date
    async with desk.database.read() as connection:
        known = await Attempts(desk.database, connection).others_since(
            voucher.voucher_id, desk.books.token.fortnox_company, place
        )
    listed = await client.vouchers(place.financial_year, place.series, day, day)
    marked = {i.number for i in listed if is_marked(voucher.payload.marker, i.comments, i.description)}
    since = [n for n in range(place.watermark + 1, last + 1) if n not in known][:_MOST_NUMBERS]
    for number in sorted(marked.union(since)):
        booked = await client.voucher(place.series, number, place.financial_year)
        if booked is not None:
            yield booked


async def _found(
    desk: Desk, voucher: StoredVoucher, live: Attempt | None, matches: tuple[BookedVoucher, ...]
) -> None:
    """Adopt what was found; one that differs or stands there twice is booked, and told to a person."""
    booked = matches[0]
    problem = _problem_with(voucher, matches)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        attempts = Attempts(desk.database, connection)
        if live is not None:
            await attempts.end(live.attempt_id, AttemptOutcome.CREATED, number=booked.number)
        fortnox_company = desk.books.token.fortnox_company
        await book(desk.database, connection, voucher.voucher_id, fortnox_company, booked, "lookup")
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.BOOKED, next_due_at=None if problem else desk.now())
        faults = Faults(desk.database, connection, desk.company_id)
        fault_id = await faults.open(problem, [waiting(voucher)]) if problem else None
        if problem is not None:
            await lane.ask_to_reconcile(desk.database, connection, desk.company_id)
        if problem is None:
            await attempts.verified(voucher.voucher_id)
            await want_paper(desk, connection, voucher)
            await vouchers.postpone(voucher.voucher_id, None)
        await faults.release("voucher", voucher.voucher_id, but=fault_id)
    log.info("export.found", company_id=desk.company_id, series=booked.series, number=booked.number)


def _problem_with(voucher: StoredVoucher, matches: tuple[BookedVoucher, ...]) -> Fault | None:
    if len(matches) > 1:
        return already_there_twice(voucher, matches)
    return None if is_same(voucher.payload, matches[0]) else rows_differ(voucher, matches[0])


async def _at_the_fence(desk: Desk, voucher: StoredVoucher, live: Attempt, seen: Seen) -> None:
    """Believe in absence only when it was seen twice, a minute apart, after the try had died."""
    now = desk.now()
    if live.unseen_at is None or now - live.unseen_at < desk.patience.again:
        await _wait(desk, voucher, live, live.unseen_at or now, desk.patience.again)
        return
    reason = _why_not_again(voucher, seen)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Attempts(desk.database, connection).end(live.attempt_id, AttemptOutcome.ABSENT)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        faults = Faults(desk.database, connection, desk.company_id)
        # Something took the place of an answer, or of our voucher: look at everything.
        await lane.ask_to_reconcile(desk.database, connection, desk.company_id)
        if reason is None:
            await vouchers.move(voucher, State.READY, absences=voucher.absences + 1, next_due_at=now)
            await faults.release("voucher", voucher.voucher_id)
            return
        await vouchers.move(voucher, State.NEEDS_DECISION, absences=voucher.absences + 1, next_due_at=None)
        await wait_only_for(faults, needs_decision(voucher, reason), voucher)


def _why_not_again(voucher: StoredVoucher, seen: Seen) -> Reason | None:
    """Say what forbids sending a second time without a person, if anything does."""
    if voucher.absences > 0:
        return "absent_twice"
    if seen.counter_fell:
        return "counter_moved"
    return "unknown_voucher" if seen.strangers else None


async def _look_later(desk: Desk, voucher: StoredVoucher, live: Attempt | None) -> None:
    looks = live.looks if live else 0
    if live is None or looks < len(_LOOKS) - 1:
        await _wait(desk, voucher, live, None, _LOOKS[min(looks + 1, len(_LOOKS) - 1)])
        return
    fence = live.token_expires_at + desk.patience.settle
    left = fence - desk.now() + timedelta(seconds=1)
    await _wait(desk, voucher, live, None, max(left, _LOOKS[1]))


async def _wait(
    desk: Desk, voucher: StoredVoucher, live: Attempt | None, unseen_at: datetime | None, pause: timedelta
) -> None:
    """Look again later, and tell what is waited for: a worker that died could not."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        if live is not None:
            await Attempts(desk.database, connection).looked(live.attempt_id, unseen_at)
            faults = Faults(desk.database, connection, desk.company_id)
            await faults.open(still_in_doubt(voucher, live, desk.patience.settle), [waiting(voucher)])
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.postpone(voucher.voucher_id, desk.now() + pause)
