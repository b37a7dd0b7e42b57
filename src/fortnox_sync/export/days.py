"""Days at a glance: each till session of a period, what the till took, what is booked, and what is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.company import Company, Status
from fortnox_sync.export.day_queries import DayQueries
from fortnox_sync.export.day_state import DayFacts, DayState, day_state
from fortnox_sync.export.period import Period
from fortnox_sync.export.state import State


@dataclass(frozen=True, slots=True)
class Gross:
    """What customers paid, in öre: sales with VAT and all else on a receipt, refunds taken off.

    It is the sum of the payments of all `sale` transactions, and so equals their sales gross plus events
    (gift cards sold, tips, rounding). Cash differences, drawer movements and purchases are not in it.
    `till` is the Z report's figure once there is one: its payments, less those that the ledger knows to be
    of drawer movements, purchases and cash counts, which a Z report does not tell apart. Without a Z report
    it is the ledger's. `booked` holds the payments of transactions that are in a booked voucher; one that was
    reversed holds none any more.
    """

    till: int = 0
    ledger: int = 0
    booked: int = 0

    @property
    def difference(self) -> int:
        """Return what the till took that is not in Fortnox."""
        return self.till - self.booked

    def __add__(self, other: Gross) -> Gross:
        return Gross(self.till + other.till, self.ledger + other.ledger, self.booked + other.booked)


@dataclass(frozen=True, slots=True)
class Counts:
    """Transactions of every kind: as the Z report counts them, received, in a live voucher, and booked."""

    reported: int | None = None
    received: int = 0
    claimed: int = 0
    booked: int = 0


@dataclass(frozen=True, slots=True)
class DayVoucher:
    """A voucher of a session and where it stands in Fortnox, if it does."""

    voucher_id: str
    part: str
    state: State
    series: str
    number: int | None
    financial_year: int | None
    booked_at: datetime | None
    verified_at: datetime | None
    reverses: str | None
    reversed_by: str | None
    gone_at: datetime | None
    holds_sales: bool
    paper: str | None

    @property
    def counts_as(self) -> State | None:
        """Return what it means for its day: a deleted one is put aside, and nothing once booked again."""
        if self.gone_at is None:
            return self.state
        return State.DISMISSED if self.holds_sales else None


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd that holds nothing up."""

    kind: str
    subject: str
    facts: Mapping[str, Any]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A till session; `faults` are the codes of the open faults that it or its vouchers wait for."""

    business_date: date
    register_id: str
    register_name: str | None
    session_id: str
    z_number: int | None
    revision: int | None
    closed_at: datetime | None
    state: DayState
    gross: Gross
    transactions: Counts
    vouchers: tuple[DayVoucher, ...]
    warnings: tuple[Oddity, ...]
    faults: tuple[str, ...]
    totals: Mapping[str, Any] | None = field(repr=False)


async def days_of(connection: AsyncConnection, company: Company, period: Period) -> tuple[Day, ...]:
    """List the sessions of a period by date and register, in the same six statements however many."""
    queries = DayQueries(connection, company.company_id, period)
    sums = {row.session_id: row for row in await queries.payments()}
    counted = {row.session_id: row for row in await queries.transactions()}
    vouchers = _by_session((row.origin, _voucher(row)) for row in await queries.vouchers())
    waits = _by_session((row.waiting_id, row.code) for row in await queries.waiting())
    warnings = _by_session((row.session_id, _oddity(row)) for row in await queries.warnings())
    days = []
    for row in await queries.sessions():
        mine, odd = tuple(vouchers[row.session_id]), tuple(warnings[row.session_id])
        counts = _counts(row, counted.get(row.session_id))
        facts = _facts(row, company, counts, mine, waits)
        days.append(_day(row, _gross(row, sums.get(row.session_id)), counts, facts, mine, odd))
    return tuple(days)


def total(days: Iterable[Day]) -> Gross:
    """Sum the gross of some sessions."""
    return sum((day.gross for day in days), Gross())


def by_state(days: Iterable[Day]) -> dict[DayState, tuple[Day, ...]]:
    """Sort sessions by their state, the states in their order."""
    listed = tuple(days)
    found = {state: tuple(day for day in listed if day.state is state) for state in DayState}
    return {state: some for state, some in found.items() if some}


def _by_session(pairs: Iterable[tuple[str, Any]]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for session_id, one in pairs:
        found[session_id].append(one)
    return found


def _facts(
    row: Any,  # noqa: ANN401 - a row of the query
    company: Company,
    counts: Counts,
    vouchers: tuple[DayVoucher, ...],
    waits: Mapping[str, list[str]],
) -> DayFacts:
    is_closed = row.closed_at is not None
    is_asked_for = row.export_id is not None
    return DayFacts(
        is_closed=is_closed,
        is_before_start=company.start_on is not None and row.business_date < company.start_on,
        is_active=company.status is Status.ACTIVE,
        has_more_to_plan=is_asked_for or (is_closed and row.planned_changes < row.changes),
        unclaimed=counts.received - counts.claimed,
        vouchers=frozenset(one.counts_as for one in vouchers if one.counts_as is not None),
        waits_for=frozenset(waits.get(row.session_id, ())),
        vouchers_wait_for=frozenset(code for one in vouchers for code in waits.get(one.voucher_id, ())),
    )


def _day(
    row: Any,  # noqa: ANN401 - a row of the query
    gross: Gross,
    counts: Counts,
    facts: DayFacts,
    vouchers: tuple[DayVoucher, ...],
    warnings: tuple[Oddity, ...],
) -> Day:
    return Day(
        business_date=row.business_date,
        register_id=row.register_id,
        register_name=row.register_name,
        session_id=row.session_id,
        z_number=row.z_number,
        revision=row.revision,
        closed_at=row.closed_at,
        state=day_state(facts),
        gross=gross,
        transactions=counts,
        vouchers=vouchers,
        warnings=warnings,
        faults=tuple(sorted(facts.waits_for | facts.vouchers_wait_for)),
        totals=row.totals,
    )


def _gross(session: Any, sums: Any) -> Gross:  # noqa: ANN401 - rows of the queries
    ledger, other, booked = (sums.gross, sums.other, sums.booked) if sums is not None else (0, 0, 0)
    till = int(ledger) if session.totals is None else _reported(session.totals) - int(other)
    return Gross(till=till, ledger=int(ledger), booked=int(booked))


def _reported(totals: Mapping[str, Any]) -> int:
    return sum(one["amount"] for one in totals["payments"])


def _counts(session: Any, counted: Any) -> Counts:  # noqa: ANN401 - rows of the queries
    if counted is None:
        return Counts(reported=session.transaction_count)
    return Counts(session.transaction_count, counted.received, counted.claimed, int(counted.booked))


def _voucher(row: Any) -> DayVoucher:  # noqa: ANN401 - a row of the query
    return DayVoucher(
        voucher_id=row.voucher_id,
        part=row.part,
        state=State(row.state),
        series=row.series,
        number=row.number,
        financial_year=row.financial_year,
        booked_at=row.booked_at,
        verified_at=row.verified_at,
        reverses=row.reverses,
        reversed_by=row.reversed_by,
        gone_at=row.gone_at,
        holds_sales=row.holds_sales,
        paper=row.paper,
    )


def _oddity(row: Any) -> Oddity:  # noqa: ANN401 - a row of the query
    return Oddity(kind=row.kind, subject=row.subject, facts=row.facts, seen_at=row.seen_at)
