"""Pushing: the intent is on disk before Fortnox is asked, once, and the outcome after."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import LeaseLostError
from fortnox_sync.export.attempts import Attempts, Place
from fortnox_sync.export.desk import Desk, year_part
from fortnox_sync.export.payload import Payload
from fortnox_sync.export.preflight import Cleared, items_on, preflight
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import AttemptOutcome, State
from fortnox_sync.fault.classify import Context, classify
from fortnox_sync.fault.kind import Kind, kind_of
from fortnox_sync.fault.model import Fault
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.fortnox import BookedVoucher, FortnoxError, Throttled
from fortnox_sync.runtime.telemetry import log

_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 300.0
_THROTTLED_WAIT_S = 5.0
FIRST_LOOK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of asking: go on with the next voucher, or leave the lane alone for a while."""

    goes_on: bool
    needs_other_token: bool = False


GO_ON = Sent(goes_on=True)
STOP = Sent(goes_on=False)


async def push(desk: Desk, voucher: StoredVoucher) -> Sent:
    """Book one ready voucher, or say why it can't be booked yet."""
    found = await preflight(desk, voucher.payload)
    if not isinstance(found, Cleared):
        await hold(desk, voucher, found)
        return GO_ON
    place = Place(found.year.id, voucher.payload.series, (found.series.next_number or 1) - 1)
    attempt_id, standing = await _intend(desk, voucher, place)
    try:
        answer = await desk.books.client.create_voucher(voucher.payload.draft, place.financial_year)
    except FortnoxError as error:
        return await _not_created(desk, standing, attempt_id, found, error)
    await _created(desk, standing, attempt_id, place, answer.value)
    return GO_ON


async def _intend(desk: Desk, voucher: StoredVoucher, place: Place) -> tuple[str, StoredVoucher]:
    """Commit what is about to be asked: whoever comes after a crash knows where to look."""
    now = desk.now()
    async with desk.database.write() as connection:
        await lane.renew(desk.database, connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        attempt_id = await Attempts(desk.database, connection).intend(
            voucher, desk.lease.epoch, place, desk.books.token, now, now + desk.patience.post_deadline
        )
        await vouchers.move(voucher, State.SENDING, tries=voucher.tries + 1, next_due_at=now)
        standing = await vouchers.find(voucher.voucher_id)
    if standing is None:
        raise LeaseLostError(desk.company_id)
    return attempt_id, standing


async def _created(
    desk: Desk, voucher: StoredVoucher, attempt_id: str, place: Place, booked: BookedVoucher
) -> None:
    """Write down the number; without the lease only the fact that it was seen."""
    try:
        async with desk.database.write() as connection:
            await lane.hold(connection, desk.lease)
            attempts = Attempts(desk.database, connection)
            await attempts.end(attempt_id, AttemptOutcome.CREATED, number=booked.number)
            await attempts.book(voucher.voucher_id, desk.books.token.fortnox_company, booked, "answer")
            vouchers = Vouchers(desk.database, connection, desk.company_id)
            await vouchers.move(voucher, State.BOOKED, next_due_at=desk.now())
            await Faults(desk.database, connection, desk.company_id).release("voucher", voucher.voucher_id)
    except LeaseLostError:
        async with desk.database.write() as connection:
            facts = {"series": booked.series, "number": booked.number, "year": booked.year}
            await Attempts(desk.database, connection).add_fact(attempt_id, "created", **facts)
        raise
    if booked.number != place.watermark + 1:
        log.warning("export.number_jumped", expected=place.watermark + 1, number=booked.number)
    desk.counted(place.series, place.financial_year, booked.number)
    log.info("export.booked", company_id=desk.company_id, series=booked.series, number=booked.number)


async def _not_created(
    desk: Desk, voucher: StoredVoucher, attempt_id: str, cleared: Cleared, error: FortnoxError
) -> Sent:
    """Take the error for what it proves: not sent, refused, or nobody knows."""
    kind = kind_of(error)
    log.warning("export.not_booked", company_id=desk.company_id, kind=kind.value, error=repr(error))
    match kind:
        case Kind.NOT_SENT:
            await _ready_again(desk, voucher, attempt_id, AttemptOutcome.NOT_SENT, _backoff(voucher.tries))
            return STOP
        case Kind.THROTTLED:
            wait = _throttled_wait(error)
            await _ready_again(desk, voucher, attempt_id, AttemptOutcome.REFUSED, wait)
            return STOP
        case Kind.UNAUTHORISED:
            await _ready_again(desk, voucher, attempt_id, AttemptOutcome.REFUSED, timedelta(0))
            return Sent(goes_on=False, needs_other_token=True)
        case Kind.FORBIDDEN | Kind.INVALID | Kind.PERIOD:
            found = await _unusable(desk, cleared.year.id, voucher.payload)
            fault = classify(error, _context(desk, voucher, cleared, *found))
            await _refused(desk, voucher, attempt_id, fault)
            return Sent(goes_on=kind is not Kind.FORBIDDEN)
        case Kind.AMBIGUOUS:
            await _in_doubt(desk, voucher, attempt_id, classify(error, _context(desk, voucher, cleared)))
            return STOP
        case _:
            assert_never(kind)


async def _ready_again(
    desk: Desk, voucher: StoredVoucher, attempt_id: str, outcome: AttemptOutcome, wait: timedelta
) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Attempts(desk.database, connection).end(attempt_id, outcome)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.READY, next_due_at=desk.now() + wait)


async def _refused(desk: Desk, voucher: StoredVoucher, attempt_id: str, fault: Fault) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Attempts(desk.database, connection).end(attempt_id, AttemptOutcome.REFUSED, fault=fault.code)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.HELD, next_due_at=None)
        await Faults(desk.database, connection, desk.company_id).open(fault, [waiting(voucher)])


async def _in_doubt(desk: Desk, voucher: StoredVoucher, attempt_id: str, fault: Fault) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Attempts(desk.database, connection).end(attempt_id, AttemptOutcome.IN_DOUBT)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.IN_DOUBT, next_due_at=desk.now() + FIRST_LOOK)
        await Faults(desk.database, connection, desk.company_id).open(fault, [waiting(voucher)])


async def hold(desk: Desk, voucher: StoredVoucher, fault: Fault) -> None:
    """Keep a voucher back until the cause is gone; others go on."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.HELD, next_due_at=None)
        faults = Faults(desk.database, connection, desk.company_id)
        fault_id = await faults.open(fault, [waiting(voucher)])
        await faults.release("voucher", voucher.voucher_id, but=fault_id)
    log.info("export.held", company_id=desk.company_id, fault=fault.code)


def waiting(voucher: StoredVoucher) -> Waiting:
    """Say what of a voucher waits."""
    payload = voucher.payload
    return Waiting("voucher", voucher.voucher_id, payload.transaction_date, voucher.amount_ore)


def _context(
    desk: Desk,
    voucher: StoredVoucher,
    cleared: Cleared,
    missing: tuple[int, ...] = (),
    inactive: tuple[int, ...] = (),
) -> Context:
    """Gather what is known around a refusal."""
    payload = voucher.payload
    return Context(
        now=desk.now(),
        settled_by_at=desk.books.token.expires_at + desk.patience.settle,
        voucher_id=voucher.voucher_id,
        series=payload.series,
        financial_year=year_part(cleared.year),
        transaction_date=payload.transaction_date,
        accounts={number: items_on(payload, number) for number in payload.accounts},
        missing_accounts=missing,
        inactive_accounts=inactive,
        cost_centers={row.cost_center: row.cost_center for row in payload.rows if row.cost_center},
    )


async def _unusable(desk: Desk, year: int, payload: Payload) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Look afresh which accounts are missing and which are switched off: a refusal need not say."""
    try:
        chart = await desk.chart.accounts(year, timedelta(0))
    except FortnoxError:
        return (), ()
    missing = tuple(n for n in payload.accounts if n not in chart)
    return missing, tuple(n for n in payload.accounts if n in chart and not chart[n].active)


def _backoff(tries: int) -> timedelta:
    """Wait at random up to a bound that doubles with every try, so that workers do not come back as one."""
    bound = min(_FIRST_WAIT_S * 2 ** min(tries, 10), _LONGEST_WAIT_S)
    return timedelta(seconds=random.uniform(0, bound))  # noqa: S311 - jitter is no secret


def _throttled_wait(error: FortnoxError) -> timedelta:
    told = error.retry_after if isinstance(error, Throttled) else None
    return timedelta(seconds=(told or _THROTTLED_WAIT_S) + random.uniform(0, 1))  # noqa: S311 - as above


def soonest(*moments: datetime | None) -> datetime | None:
    """Return the earliest of some moments, if there is any."""
    return min((moment for moment in moments if moment is not None), default=None)
