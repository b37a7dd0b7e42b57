"""One company in Fortnox: its registers, its books, its licences and how its Fortnox behaves today."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fortnox_sync.simulator import refusals
from fortnox_sync.simulator.books import Books, Voucher
from fortnox_sync.simulator.chart import STANDARD_CHART, STANDARD_SERIES
from fortnox_sync.simulator.registers import (
    Account,
    CostCenter,
    FileConnection,
    FinancialYear,
    Lock,
    Series,
    StoredFile,
    User,
)

View = Literal["lists", "single", "counter"]


class Conditions(BaseModel):
    """Where sources disagree or days differ: how this company's Fortnox answers until told otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year_by: Literal["preselected", "date"] = Field(
        "preselected", description="where a POST without financialyear goes"
    )
    error_casing: Literal["documented", "lower", "capitals"] = "documented"
    code_as_text: bool = False
    missing_scope_status: Literal[400, 403] = 400
    retry_after: bool = Field(default=False, description="whether a 429 carries Retry-After")
    rate_limit: int = Field(25, ge=0, description="calls in any 5 s; 0 lifts the limit")
    licence_checked_at_token: bool = Field(
        default=False, description="whether the token endpoint refuses a company without Integration licence"
    )
    stale_seconds: float = Field(0, ge=0, description="how long a new voucher stays unseen")
    stale_views: tuple[View, ...] = ("lists", "single", "counter")


@dataclass(slots=True)
class Company:
    """A company; everything in it lives in memory."""

    database_number: int
    name: str
    organisation_number: str
    years: dict[int, FinancialYear] = field(default_factory=dict)
    preselected_year: int = 0
    accounts: dict[int, dict[int, Account]] = field(default_factory=dict)
    series: dict[int, dict[str, Series]] = field(default_factory=dict)
    cost_centers: dict[str, CostCenter] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    licences: frozenset[str] = frozenset({"bookkeeping", "integration"})
    locks: tuple[Lock, ...] = ()
    books: Books = field(default_factory=Books)
    files: dict[str, StoredFile] = field(default_factory=dict)
    connections: dict[str, FileConnection] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)

    def year(self, year_id: int) -> FinancialYear:
        """Look up a financial year."""
        if year_id not in self.years:
            raise refusals.YEAR_NOT_FOUND.error()
        return self.years[year_id]

    def year_of(self, day: date) -> FinancialYear | None:
        """Find the financial year that holds a day."""
        return next((year for year in self.years.values() if year.holds(day)), None)

    def open_year(
        self,
        from_on: date,
        to_on: date,
        *,
        year_id: int | None = None,
        accounts: Iterable[Account] = STANDARD_CHART,
        series: Iterable[Series] = STANDARD_SERIES,
    ) -> FinancialYear:
        """Open a financial year with a chart and series of its own."""
        new_id = year_id or max(self.years, default=0) + 1
        year = FinancialYear(new_id, from_on, to_on)
        self.years[new_id] = year
        self.accounts[new_id] = {account.number: account for account in accounts}
        self.series[new_id] = {one.code: one for one in series}
        return year

    def lock_on(self, day: date) -> Lock | None:
        """Find a lock that closes a day; the message says "t.o.m.", so the end date itself is closed."""
        return next((lock for lock in self.locks if day <= lock.end_on), None)

    def sees(self, view: View, voucher: Voucher, now: datetime) -> bool:
        """Tell whether a view has caught up with a voucher."""
        if view not in self.conditions.stale_views:
            return True
        return voucher.booked_at + timedelta(seconds=self.conditions.stale_seconds) <= now

    def seen(self, view: View, year_id: int, now: datetime) -> list[Voucher]:
        """List a year's vouchers as a view shows them now, by series and number."""
        vouchers = (one for one in self.books if one.key.year_id == year_id and self.sees(view, one, now))
        return sorted(vouchers, key=lambda voucher: voucher.key)

    def seen_next_number(self, year_id: int, series: str, now: datetime) -> int:
        """Tell a series' next number as its counter shows it now."""
        number = self.books.next_number(year_id, series)
        if not self.conditions.stale_seconds:
            return number
        unseen = (
            one.key.number
            for one in self.books
            if one.key[:2] == (year_id, series) and not self.sees("counter", one, now)
        )
        return min(unseen, default=number)
