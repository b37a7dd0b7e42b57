"""The statement of a period: what the till took beside what stands in Fortnox, for an accountant to file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.connection.company import Company
from fortnox_sync.export.day_state import DayState
from fortnox_sync.export.days import Day, Gross, days_of, total
from fortnox_sync.export.period import Period
from fortnox_sync.export.statement_queries import StatementQueries, names_of
from fortnox_sync.export.z_ranges import ZNumbers, z_numbers_of

_SETTLED = frozenset({DayState.BOOKED, DayState.EMPTY})


class VoucherKind(StrEnum):
    """What a voucher books: takings, drawer movements, a purchase, another's reversal, or a copy of one."""

    TAKINGS = "takings"
    DRAWER = "drawer"
    PURCHASE = "purchase"
    REVERSAL = "reversal"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Books:
    """The Fortnox company that was booked in."""

    number: int
    name: str
    organisation_number: str


@dataclass(frozen=True, slots=True)
class AccountSum:
    """An account's sums over the period's booked vouchers, in öre; `name` as the year's chart has it."""

    number: int
    name: str | None
    debit: int
    credit: int

    @property
    def net(self) -> int:
        """Return debit less credit."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Entered:
    """A booked voucher; `faults` say that Fortnox holds something else now, `gone_at` that it was deleted."""

    voucher_id: str
    series: str
    number: int
    financial_year: int
    transaction_date: date
    text: str
    amount: int
    session_id: str
    register_id: str
    z_number: int | None
    kind: VoucherKind
    reverses: str | None
    booked_at: datetime
    verified_at: datetime | None
    gone_at: datetime | None
    faults: tuple[str, ...]

    @property
    def is_verified(self) -> bool:
        """Tell whether it was read back, and still is as it was sent for all that is known."""
        return self.verified_at is not None and self.gone_at is None and not self.faults


@dataclass(frozen=True, slots=True)
class VatSum:
    """Sales at one rate, in öre: as the till reported them, and as they were booked."""

    vat_rate: str
    till_gross: int
    till_vat: int
    booked_net: int
    booked_vat: int

    @property
    def till_net(self) -> int:
        """Return what was sold without VAT."""
        return self.till_gross - self.till_vat


@dataclass(frozen=True, slots=True)
class Statement:
    """All that an accountant files of a period."""

    company: Company
    books: Books | None
    period: Period
    made_at: datetime
    gross: Gross
    accounts: tuple[AccountSum, ...]
    vat: tuple[VatSum, ...]
    z_numbers: tuple[ZNumbers, ...]
    vouchers: tuple[Entered, ...]
    days: tuple[Day, ...]

    @property
    def unbooked(self) -> tuple[Day, ...]:
        """Return the sessions that are not, or not all, in the books."""
        return tuple(day for day in self.days if day.state not in _SETTLED or day.gross.difference)

    @property
    def debit(self) -> int:
        """Return the sum of all debits, which equals that of all credits."""
        return sum(one.debit for one in self.accounts)

    @property
    def credit(self) -> int:
        """Return the sum of all credits."""
        return sum(one.credit for one in self.accounts)

    @property
    def verified(self) -> int:
        """Count the vouchers that were read back from Fortnox and still are as they were sent."""
        return sum(one.is_verified for one in self.vouchers)


async def statement_of(
    connection: AsyncConnection, company: Company, period: Period, now: datetime
) -> Statement:
    """Draw up the statement of a period, in a fixed number of database statements."""
    queries = StatementQueries(connection, company.company_id, period)
    days = await days_of(connection, company, period)
    vouchers = await _vouchers(queries)
    return Statement(
        company=company,
        books=_books(await queries.books()),
        period=period,
        made_at=now,
        gross=total(days),
        accounts=await _accounts(queries, frozenset(one.financial_year for one in vouchers)),
        vat=_vat(days, await queries.open_sales(), await queries.vat()),
        z_numbers=z_numbers_of(days, {r.register_id: r.z_number for r in await queries.earlier_z_numbers()}),
        vouchers=vouchers,
        days=days,
    )


def _books(row: Any) -> Books | None:  # noqa: ANN401 - a row of the table
    if row is None:
        return None
    return Books(row.fortnox_company, row.fortnox_company_name, row.organisation_number)


async def _accounts(queries: StatementQueries, years: frozenset[int]) -> tuple[AccountSum, ...]:
    names = names_of(await queries.charts(), years)
    return tuple(
        AccountSum(row.account, names.get(row.account), int(row.debit), int(row.credit))
        for row in await queries.accounts()
    )


async def _vouchers(queries: StatementQueries) -> tuple[Entered, ...]:
    faults: defaultdict[str, set[str]] = defaultdict(set)
    for row in await queries.faults():
        faults[row.waiting_id].add(row.code)
    return tuple(
        Entered(
            voucher_id=row.voucher_id,
            series=row.series,
            number=row.number,
            financial_year=row.financial_year,
            transaction_date=row.transaction_date,
            text=row.description,
            amount=int(row.amount or 0),
            session_id=row.origin,
            register_id=row.register_id,
            z_number=row.z_number,
            kind=VoucherKind(row.part.partition(":")[0]),
            reverses=row.reverses,
            booked_at=row.booked_at,
            verified_at=row.verified_at,
            gone_at=row.gone_at,
            faults=tuple(sorted(faults[row.voucher_id])),
        )
        for row in await queries.vouchers()
    )


def _vat(days: Iterable[Day], open_sales: Iterable[Any], booked: Iterable[Any]) -> tuple[VatSum, ...]:
    """Put the till's sums per rate beside the booked ones, the highest rate first."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in _reported(days):
        sums[VatRate.parse(one["vat_rate"]).key].update(till_gross=one["gross"], till_vat=one["vat"])
    for row in open_sales:
        sums[row.vat_rate].update(till_gross=int(row.gross), till_vat=int(row.vat))
    for row in booked:
        what, _, rate = row.of.partition("@")[0].partition(":")
        sums[rate][f"booked_{'net' if what == 'sales' else 'vat'}"] += int(row.credit)
    return tuple(
        VatSum(rate, of["till_gross"], of["till_vat"], of["booked_net"], of["booked_vat"])
        for rate, of in sorted(sums.items(), key=lambda one: VatRate.parse(one[0]), reverse=True)
    )


def _reported(days: Iterable[Day]) -> Iterable[Mapping[str, Any]]:
    """Yield the sums per rate of all Z reports."""
    return (one for day in days if day.totals is not None for one in day.totals["sales"])
