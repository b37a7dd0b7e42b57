"""What Fortnox lists for a company: years, series, accounts, cost centres; kept with their age."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import fortnox_list
from fortnox_sync.fault import parts
from fortnox_sync.fortnox import Account, CostCenter, FinancialYear, FortnoxClient, VoucherSeries
from fortnox_sync.runtime.database import Database

Kind = Literal["financial_years", "voucher_series", "accounts", "cost_centers", "locked_until"]
FRESH = timedelta(hours=1)
EVERY_YEAR = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A list as Fortnox gave it last, and when; `year` is 0 for what belongs to no financial year."""

    kind: Kind
    year: int
    items: list[dict[str, Any]]
    fetched_at: datetime
    is_outdated: bool

    def is_younger_than(self, age: timedelta, now: datetime) -> bool:
        """Tell whether nobody needs to ask Fortnox again."""
        return not self.is_outdated and self.fetched_at > now - age


@dataclass(frozen=True, slots=True)
class Lock:
    """Up to and including which day the books are locked."""

    end_on: date


T = TypeVar("T", FinancialYear, VoucherSeries, Account, CostCenter, Lock)


class Chart:
    """One company's lists: from the database while young enough, else read from Fortnox and kept."""

    def __init__(self, database: Database, company_id: str, client: FortnoxClient) -> None:
        """Bind to a company and its opened books."""
        self._database, self._company_id, self._client = database, company_id, client

    async def year_on(self, day: date, no_older_than: timedelta = FRESH) -> FinancialYear | None:
        """Return the financial year of a day; one that is not in the list is asked for again."""
        found = year_of(await self.years(no_older_than), day)
        return found or year_of(await self.years(timedelta(0)), day)

    async def years(self, no_older_than: timedelta = FRESH) -> tuple[FinancialYear, ...]:
        """Return the financial years."""
        rows = await self._list("financial_years", EVERY_YEAR, self._client.financial_years, no_older_than)
        return tuple(_year(row) for row in rows)

    async def accounts(self, year: int, no_older_than: timedelta = FRESH) -> dict[int, Account]:
        """Return the accounts of a year by number."""
        rows = await self._list("accounts", year, lambda: self._client.accounts(year), no_older_than)
        return {row["number"]: Account(**row) for row in rows}

    async def series(self, year: int, no_older_than: timedelta = FRESH) -> dict[str, VoucherSeries]:
        """Return the voucher series of a year by code."""
        rows = await self._list(
            "voucher_series", year, lambda: self._client.voucher_series(year), no_older_than
        )
        return {row["code"]: VoucherSeries(**row) for row in rows}

    async def cost_centers(self, no_older_than: timedelta = FRESH) -> dict[str, CostCenter]:
        """Return the cost centres by code."""
        rows = await self._list("cost_centers", EVERY_YEAR, self._client.cost_centers, no_older_than)
        return {row["code"]: CostCenter(**row) for row in rows}

    async def locked_until(self, no_older_than: timedelta = FRESH) -> date | None:
        """Return up to and including which day the books are locked."""
        rows = await self._list("locked_until", EVERY_YEAR, self._locks, no_older_than)
        return _lock(rows)

    async def _locks(self) -> tuple[Lock, ...]:
        end_on = await self._client.locked_until()
        return (Lock(end_on),) if end_on else ()

    async def _list(
        self,
        kind: Kind,
        year: int,
        fetch: Callable[[], Awaitable[tuple[T, ...]]],
        no_older_than: timedelta,
    ) -> list[dict[str, Any]]:
        async with self._database.read() as connection:
            kept = await _kept(connection, self._company_id, kind, year)
        if kept is not None and kept.is_younger_than(no_older_than, self._database.clock.now()):
            return kept.items
        items = [_plain(item) for item in await fetch()]
        async with self._database.write() as connection:
            await self._keep(connection, kind, year, items)
        return items

    async def _keep(
        self, connection: AsyncConnection, kind: Kind, year: int, items: list[dict[str, Any]]
    ) -> None:
        said = {"items": items, "fetched_at": self._database.clock.now(), "is_outdated": False}
        insert = self._database.upsert(fortnox_list).values(
            company_id=self._company_id, kind=kind, financial_year=year, **said
        )
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["company_id", "kind", "financial_year"], set_=said)
        )


async def _kept(connection: AsyncConnection, company_id: str, kind: Kind, year: int) -> Kept | None:
    query = _lists(company_id, [kind]).where(fortnox_list.c.financial_year == year)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Kept(*row)


def _lists(
    company_id: str, kinds: Sequence[Kind]
) -> sa.Select[Kind, int, list[dict[str, Any]], datetime, bool]:
    kept = fortnox_list.c
    return sa.select(kept.kind, kept.financial_year, kept["items"], kept.fetched_at, kept.is_outdated).where(
        kept.company_id == company_id, kept.kind.in_(kinds)
    )


async def kept_lists(connection: AsyncConnection, company_id: str, kinds: Sequence[Kind]) -> tuple[Kept, ...]:
    """Return the lists of some kinds as they were last read, of every year and however old."""
    query = _lists(company_id, kinds).order_by(fortnox_list.c.financial_year)
    return tuple(Kept(*row) for row in await connection.execute(query))


async def newest_chart(connection: AsyncConnection, company_id: str) -> Kept | None:
    """Return the chart of accounts that was read last, of whichever year; None before the first."""
    kept = await kept_lists(connection, company_id, ["accounts"])
    return max(kept, key=lambda one: one.fetched_at, default=None)


def active_in(chart: Kept | None) -> dict[int, bool] | None:
    """Tell which accounts a chart has and whether each is active; None where no chart was read."""
    return None if chart is None else {row["number"]: row["active"] for row in chart.items}


async def outdate(connection: AsyncConnection, company_id: str) -> None:
    """Have every list read anew when it is next needed; until then the old ones tell what they can."""
    await connection.execute(
        fortnox_list.update().where(fortnox_list.c.company_id == company_id).values(is_outdated=True)
    )


async def demanding_accounts(connection: AsyncConnection, company_id: str) -> frozenset[int]:
    """Return the accounts that Fortnox refuses without a cost centre, as last listed for any year."""
    query = sa.select(fortnox_list.c["items"]).where(
        fortnox_list.c.company_id == company_id, fortnox_list.c.kind == "accounts"
    )
    lists = (await connection.execute(query)).scalars()
    return frozenset(
        row["number"] for rows in lists for row in rows if row["cost_center_setting"] == "MANDATORY"
    )


def _plain(item: FinancialYear | VoucherSeries | Account | CostCenter | Lock) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(item).items()
    }


def _year(row: dict[str, Any]) -> FinancialYear:
    return FinancialYear(row["id"], date.fromisoformat(row["from_on"]), date.fromisoformat(row["to_on"]))


def years_in(kept: Kept) -> tuple[FinancialYear, ...]:
    """Read a kept list of financial years."""
    return tuple(_year(row) for row in kept.items)


def accounts_in(kept: Kept) -> tuple[Account, ...]:
    """Read a kept chart of accounts."""
    return tuple(Account(**row) for row in kept.items)


def series_in(kept: Kept) -> tuple[VoucherSeries, ...]:
    """Read a kept list of voucher series."""
    return tuple(VoucherSeries(**row) for row in kept.items)


def cost_centers_in(kept: Kept) -> tuple[CostCenter, ...]:
    """Read a kept list of cost centres."""
    return tuple(CostCenter(**row) for row in kept.items)


def lock_in(kept: Kept) -> date | None:
    """Read a kept lock: the day up to and including which the books were locked."""
    return _lock(kept.items)


def _lock(rows: list[dict[str, Any]]) -> date | None:
    return max((date.fromisoformat(row["end_on"]) for row in rows), default=None)


def year_of(years: Sequence[FinancialYear], day: date) -> FinancialYear | None:
    """Return the financial year a day belongs to."""
    return next((year for year in years if year.from_on <= day <= year.to_on), None)


def year_part(year: FinancialYear) -> parts.FinancialYear:
    """Say a financial year as people do: `2026`, or `2025/2026` for a broken one."""
    first, last = year.from_on.year, year.to_on.year
    label = str(first) if first == last else f"{first}/{last}"
    return parts.FinancialYear(label=label, from_date=year.from_on, to_date=year.to_on)
