"""Looking up what Fortnox has for a person at a screen: asked anew where needed, else as it was read last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.chart import (
    EVERY_YEAR,
    FRESH,
    Chart,
    Kept,
    Kind,
    kept_lists,
    lock_in,
    year_of,
    years_in,
)
from fortnox_sync.connection.company import Company
from fortnox_sync.connection.link import Link
from fortnox_sync.connection.tokens import NotConnectedError, OtherBooksError
from fortnox_sync.fault.facts import WaitFacts, YearFacts
from fortnox_sync.fault.model import Fault, FinancialYearMissing, FortnoxUnavailable
from fortnox_sync.fortnox import FinancialYear, FortnoxClient, FortnoxError
from fortnox_sync.mapping.new_account import Added, add
from fortnox_sync.mapping.refusal import asked, fault_of, not_connected, refusal
from fortnox_sync.runtime.clock import business_day
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.language import Language
from fortnox_sync.web.problems import Problem, not_found

_OF_A_YEAR: frozenset[Kind] = frozenset({"accounts", "voucher_series"})
_TOLD_WITH: dict[Kind, tuple[Kind, ...]] = {
    "accounts": ("financial_years", "accounts"),
    "voucher_series": ("financial_years", "voucher_series"),
    "cost_centers": ("cost_centers",),
    "financial_years": ("financial_years", "locked_until"),
    "locked_until": ("locked_until",),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A list Fortnox has, its year if it belongs to one, and the same list of other years.

    `fault` says why it could not be read anew, where it is older than it should be.
    """

    year: FinancialYear | None
    kept: Kept
    others: tuple[Kept, ...]
    locked_until: date | None
    fault: Fault | None


class LookUp:
    """Looks up lists of one company in the financial year of a day."""

    def __init__(
        self, database: Database, link: Link, company: Company, day: date | None, language: Language
    ) -> None:
        """Take the day asked about; without one it is the day that is booked next."""
        self._database, self._link, self._language = database, link, language
        self._company = company
        today = business_day(database.clock.now())
        self.day = day or max(today, company.start_on or today)

    @classmethod
    async def of(
        cls, database: Database, link: Link, company_id: str, day: date | None, language: Language
    ) -> LookUp:
        """Look up for a company by its id; raises a problem for one that has not been seen."""
        async with database.read() as connection:
            company = await companies.find(connection, company_id)
        if company is None:
            raise not_found("The company has not been seen yet.")
        return cls(database, link, company, day, language)

    async def find(self, kind: Kind, *, refresh: bool = False) -> Found:
        """Return a list no older than an hour, or one read just now; an older one if Fortnox can't be asked.

        Raises a problem where there is none at all, or no financial year holds the day.
        """
        fault = await self._read_anew(kind, timedelta(0) if refresh else FRESH)
        async with self._database.read() as connection:
            kept = await kept_lists(connection, self._company.company_id, _TOLD_WITH[kind])
        return self._choose(kind, kept, fault)

    async def _read_anew(self, kind: Kind, no_older_than: timedelta) -> Fault | None:
        """See to it that a list is young enough; return what kept us from it."""
        company_id = self._company.company_id

        async def read(client: FortnoxClient) -> None:
            await _read(Chart(self._database, company_id, client), kind, self.day, no_older_than)

        try:
            await self._link.ask(company_id, read)
        except NotConnectedError:
            raise not_connected(self._language) from None
        except (FortnoxError, OtherBooksError) as error:
            return fault_of(error, self._now())
        return None

    def _choose(self, kind: Kind, kept: Sequence[Kept], fault: Fault | None) -> Found:
        years = next((years_in(one) for one in kept if one.kind == "financial_years"), ())
        year = year_of(years, self.day) if kind in _OF_A_YEAR else None
        lists = {one.year: one for one in kept if one.kind == kind}
        if kind in _OF_A_YEAR and year is None:
            raise self.refused(fault or self._year_missing())
        own = lists.pop(year.id if year else EVERY_YEAR, None)
        if own is None:
            raise self.refused(fault or FortnoxUnavailable(facts=WaitFacts(began_at=self._now())))
        lock = next((lock_in(one) for one in kept if one.kind == "locked_until"), None)
        return Found(year, own, tuple(lists.values()), lock, fault)

    async def add_account(self, number: int, description: str) -> tuple[FinancialYear, Added]:
        """Add an account to the chart of the day's year.

        Raises a problem where Fortnox says no or can't be asked, and NumberTakenError for a number in use.
        """
        company_id = self._company.company_id

        async def work(client: FortnoxClient) -> tuple[FinancialYear, Added]:
            year = await Chart(self._database, company_id, client).year_on(self.day)
            if year is None:
                raise self.refused(self._year_missing())
            return year, await add(client, number, description, year.id)

        return await asked(self._link, company_id, work, self._language, self._now())

    def refused(self, fault: Fault) -> Problem:
        """Return the problem that a fault is for whoever asked."""
        return refusal(fault, self._language, self._now())

    def _year_missing(self) -> Fault:
        return FinancialYearMissing(facts=YearFacts(year=self.day.year, transaction_date=self.day))

    def _now(self) -> datetime:
        return self._database.clock.now()


async def _read(chart: Chart, kind: Kind, day: date, no_older_than: timedelta) -> None:
    match kind:
        case "financial_years":
            await chart.years(no_older_than)
            await chart.locked_until(no_older_than)
        case "locked_until":
            await chart.locked_until(no_older_than)
        case "cost_centers":
            await chart.cost_centers(no_older_than)
        case "accounts":
            if year := await chart.year_on(day, no_older_than):
                await chart.accounts(year.id, no_older_than)
        case "voucher_series":
            if year := await chart.year_on(day, no_older_than):
                await chart.series(year.id, no_older_than)
        case _:
            assert_never(kind)
