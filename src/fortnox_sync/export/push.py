"""Pushing: the intent is on disk before Fortnox is asked, once, and the outcome after."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.connection.chart import year_part
from fortnox_sync.connection.lane import LeaseLostError
from fortnox_sync.export.attempts import Attempts, Place
from fortnox_sync.export.beforehand import stands_already
from fortnox_sync.export.book import book
from fortnox_sync.export.clocks import are_together
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.hold import hold, next_look_at, told, wait_only_for
from fortnox_sync.export.items import at_till
from fortnox_sync.export.payload import Payload
from fortnox_sync.export.preflight import Cleared, preflight
from fortnox_sync.export.recall import is_clear
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import AttemptOutcome, State
from fortnox_sync.export.verdict import Verdict, verdict_on
from fortnox_sync.fault.classify import Context
from fortnox_sync.fault.kind import Kind, kind_of
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher, FortnoxError
from fortnox_sync.runtime.telemetry import log

# A lane may change hands after 90 s; a try that has not left by now ends as not sent.
LATEST = timedelta(seconds=20)


async def push(desk: Desk, voucher: StoredVoucher) -> bool:
    """Book one ready voucher, or say why it can't be booked yet; tell whether the next may follow.

    A refused token is raised once it is written down: the caller fetches another, if there is one.
    """
    found = await preflight(desk, voucher)
    if not isinstance(found, Cleared):
        await hold(desk, voucher, found)
        return True
    place = Place(found.year.id, voucher.payload.series, (found.series.next_number or 1) - 1)
    if not (await are_together(desk, voucher) and await is_clear(desk, voucher, place)):
        return False
    if await stands_already(desk, voucher, found.year.id):
        return True
    is_fresh = _freshness(desk)
    attempt_id, standing = await _intend(desk, voucher, place)
    try:
        answer = await desk.books.client.create_voucher(
            voucher.payload.draft, place.financial_year, may_leave=is_fresh
        )
    except FortnoxError as error:
        return await _not_created(desk, standing, attempt_id, found, error)
    await _created(desk, standing, attempt_id, place, answer.value)
    return True


def _freshness(desk: Desk) -> Callable[[], bool]:
    """Say from now on whether an intent is fresh: whoever slept on it must not send what others look for.

    A machine that is suspended stops the one clock, a clock that is set moves the other.
    """
    began, started = desk.now(), time.monotonic()

    def is_fresh() -> bool:
        slept = timedelta(seconds=time.monotonic() - started)
        return max(slept, desk.now() - began) < LATEST

    return is_fresh


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
    return attempt_id, replace(voucher, state=State.SENDING, tries=voucher.tries + 1)


@asynccontextmanager
async def _outcome(desk: Desk, attempt_id: str, seen: str, **facts: Any) -> AsyncIterator[AsyncConnection]:  # noqa: ANN401 - what was seen
    """Open the transaction of an outcome; without the lease only the fact is written, and no state."""
    try:
        async with desk.database.write() as connection:
            await lane.hold(connection, desk.lease)
            yield connection
    except LeaseLostError:
        async with desk.database.write() as connection:
            await Attempts(desk.database, connection).add_fact(attempt_id, seen, **facts)
        raise


async def _created(
    desk: Desk, voucher: StoredVoucher, attempt_id: str, place: Place, booked: BookedVoucher
) -> None:
    """Write down the number; one that jumped is looked into when the voucher is read back."""
    facts = {"series": booked.series, "number": booked.number, "year": booked.year}
    async with _outcome(desk, attempt_id, "created", **facts) as connection:
        attempts = Attempts(desk.database, connection)
        await attempts.end(attempt_id, AttemptOutcome.CREATED, number=booked.number)
        fortnox_company = desk.books.token.fortnox_company
        await book(desk.database, connection, voucher.voucher_id, fortnox_company, booked, "answer")
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.move(voucher, State.BOOKED, next_due_at=desk.now())
        await Faults(desk.database, connection, desk.company_id).release("voucher", voucher.voucher_id)
        if booked.number != place.watermark + 1:
            await lane.ask_to_reconcile(desk.database, connection, desk.company_id)
    if booked.number != place.watermark + 1:
        log.warning("export.number_jumped", expected=place.watermark + 1, number=booked.number)
    desk.counted(place.series, place.financial_year, booked.number)
    log.info("export.booked", company_id=desk.company_id, series=booked.series, number=booked.number)


async def _not_created(
    desk: Desk, voucher: StoredVoucher, attempt_id: str, cleared: Cleared, error: FortnoxError
) -> bool:
    kind = kind_of(error)
    log.warning("export.not_booked", company_id=desk.company_id, kind=kind.value, error=repr(error))
    verdict = verdict_on(kind, error, desk.now(), voucher.tries, is_last_token=desk.has_other_token)
    context = _context(desk, voucher, cleared, verdict)
    if verdict.state is State.HELD:
        missing, inactive = await _unusable(desk, cleared.year.id, voucher.payload)
        known = await at_till(desk, voucher)
        context = replace(
            context,
            accounts=known.items,
            cost_centers=known.cost_centers,
            missing_accounts=missing,
            inactive_accounts=inactive,
        )
    await _write_down(desk, voucher, attempt_id, verdict, error, context)
    if kind is Kind.UNAUTHORISED:
        raise error
    return verdict.goes_on


async def _write_down(
    desk: Desk,
    voucher: StoredVoucher,
    attempt_id: str,
    verdict: Verdict,
    error: FortnoxError,
    context: Context,
) -> None:
    """Commit what the try proved, and let who would fare no better rest as well."""
    async with _outcome(desk, attempt_id, verdict.outcome.value, error=type(error).__name__) as connection:
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        faults = Faults(desk.database, connection, desk.company_id)
        await Attempts(desk.database, connection).end(attempt_id, verdict.outcome, error=type(error).__name__)
        due_at = verdict.due_at
        if verdict.is_told:
            fault = await told(faults, error, context)
            due_at = due_at or next_look_at(fault, desk.now())
            await wait_only_for(faults, fault, voucher)
        await vouchers.move(voucher, verdict.state, next_due_at=due_at)
        if verdict.rests_until is not None:
            await vouchers.rest([State.READY], verdict.rests_until)


def _context(desk: Desk, voucher: StoredVoucher, cleared: Cleared, verdict: Verdict) -> Context:
    """Gather what is known around a try."""
    payload = voucher.payload
    return Context(
        now=desk.now(),
        next_try_at=verdict.due_at,
        settled_by_at=desk.books.token.expires_at + desk.patience.settle,
        voucher_id=voucher.voucher_id,
        series=payload.series,
        financial_year=year_part(cleared.year),
        transaction_date=payload.transaction_date,
    )


async def _unusable(desk: Desk, year: int, payload: Payload) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Look afresh which accounts are missing and which are switched off: a refusal need not say."""
    try:
        chart = await desk.chart.accounts(year, timedelta(0))
    except FortnoxError:
        return (), ()
    missing = tuple(n for n in payload.accounts if n not in chart)
    return missing, tuple(n for n in payload.accounts if n in chart and not chart[n].active)
