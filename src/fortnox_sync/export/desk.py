"""The desk a worker serves a lane from: the lease it holds, the books it has open, what it has looked up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from fortnox_sync.connection.chart import Chart
from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.link import Books
from fortnox_sync.fortnox import FinancialYear, VoucherListItem, VoucherSeries
from fortnox_sync.runtime.database import Database

if TYPE_CHECKING:
    from fortnox_sync.export.recall import Recalled


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before believing a "not found" (exactly-once: time is cheap, duplicates are not)."""

    settle: timedelta = timedelta(minutes=15)
    again: timedelta = timedelta(seconds=60)
    post_deadline: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class Desk:
    """Everything one turn at a lane needs; made anew for every turn."""

    database: Database
    lease: Lease
    books: Books
    patience: Patience
    attaches: bool = False
    has_other_token: bool = False
    # The lane may have forgotten vouchers, so nothing is sent.
    is_suspect: bool = False
    # Set when the process is asked to stop: what has begun is finished, nothing more begins.
    stopping: asyncio.Event | None = None
    counters: dict[tuple[int, str], VoucherSeries | None] = field(default_factory=dict)
    recalled: dict[tuple[int, str], Recalled] = field(default_factory=dict)
    stands_on: dict[tuple[int, date], tuple[VoucherListItem, ...]] = field(default_factory=dict)
    _seen: dict[tuple[int, str], int] = field(default_factory=dict)
    _years: dict[date, FinancialYear | None] = field(default_factory=dict)
    _locked: list[date | None] = field(default_factory=list)

    @property
    def company_id(self) -> str:
        """Return whose lane it is."""
        return self.lease.company_id

    @property
    def chart(self) -> Chart:
        """Return what Fortnox lists for the company."""
        return Chart(self.database, self.company_id, self.books.client)

    def now(self) -> datetime:
        """Return the moment."""
        return self.database.clock.now()

    @property
    def is_closing(self) -> bool:
        """Tell whether nothing more may begin, for the process is asked to stop."""
        return self.stopping is not None and self.stopping.is_set()

    async def year_on(self, day: date) -> FinancialYear | None:
        """Return the financial year of a day, looked up once a turn."""
        if day not in self._years:
            self._years[day] = await self.chart.year_on(day)
        return self._years[day]

    async def know_accounts(self, day: date) -> None:
        """Know the chart of accounts of a day: it says which accounts demand a cost centre."""
        year = await self.year_on(day)
        if year is not None:
            await self.chart.accounts(year.id)

    async def series(self, code: str, year: int) -> VoucherSeries | None:
        """Return a series with its next number, looked up once a turn and counted on from there."""
        if (year, code) not in self.counters:
            self.counters[year, code] = await self.books.client.voucher_series_one(code, year)
        return self.counters[year, code]

    async def locked_until(self) -> date | None:
        """Return the day up to which the books are locked, looked up once a turn."""
        if not self._locked:
            self._locked.append(await self.books.client.locked_until())
        return self._locked[0]

    async def last_number(self, code: str, year: int) -> int:
        """Return the last number a series has given out, looked up once a turn, after what was sent in it."""
        if (year, code) not in self._seen:
            series = await self.books.client.voucher_series_one(code, year)
            self._seen[year, code] = (series.next_number if series and series.next_number else 1) - 1
        return self._seen[year, code]

    def counted(self, code: str, year: int, number: int) -> None:
        """Remember the last number given out, so that the counter need not be asked for every voucher."""
        known = self.counters.get((year, code))
        if known is not None:
            self.counters[year, code] = VoucherSeries(
                known.code, known.description, known.manual, number + 1, known.year
            )
