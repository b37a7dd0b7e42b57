"""Holes: numbers in a series of our own under which nothing stands, and that nothing told here explains."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.connection.chart import year_part
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import numbers_missing
from fortnox_sync.export.standing import Series, Shelf
from fortnox_sync.export.tables import booking, voucher
from fortnox_sync.fault.accept import was_accepted
from fortnox_sync.fault.model import subject
from fortnox_sync.fault.parts import FinancialYear
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fault.tables import fault as fault_table
from fortnox_sync.fortnox import VoucherListItem
from fortnox_sync.runtime.telemetry import log


def holes(given: Collection[int], listed: Collection[int]) -> tuple[int, ...]:
    """Return the numbers below our highest that were never given to us and that nothing stands under."""
    return tuple(n for n in range(1, max(given, default=0)) if n not in given and n not in listed)


async def tell_holes(desk: Desk, series: Series, listed: Mapping[int, VoucherListItem]) -> None:
    """Tell the numbers nobody can account for, once as they are; a series without any closes what was told.

    What was ours there is told as deleted, and what was told as a copy or as somebody else's was deleted by
    whoever corrected it. The rest is odd: people can delete only a series' last voucher (Fortnox help),
    so the vendor may have restored the books, or the list lags.
    """
    year = await desk.year_on(listed[max(listed)].transaction_date) if listed else None
    if year is None or not series.is_ours_alone:
        return
    told_as = year_part(year)
    fortnox_company = desk.books.token.fortnox_company
    async with desk.database.read() as connection:
        given = await Shelf(connection, desk.company_id, fortnox_company).given(series)
        explained = await _explained(connection, fortnox_company, series.code, told_as)
    # The list is older than what is known here: beyond its end nothing is missing yet.
    gone = holes(given, listed)
    missing = tuple(number for number in gone if number < max(listed) and number not in explained)
    fault = numbers_missing(series.code, told_as, missing)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        if not missing or await was_accepted(connection, desk.company_id, fault):
            await faults.close(fault.code, subject(fault))
            return
        await faults.open(fault)
    log.warning(
        "export.numbers_missing",
        company_id=desk.company_id,
        series=series.code,
        first=missing[0],
        numbers=len(missing),
    )


async def _explained(
    connection: AsyncConnection, fortnox_company: int, code: str, year: FinancialYear
) -> set[int]:
    """Return the numbers of a series that were told as copies or as somebody else's, to whichever till."""
    tills = (
        sa.select(voucher.c.company_id)
        .join(booking, booking.c.voucher_id == voucher.c.voucher_id)
        .where(booking.c.fortnox_company == fortnox_company)
    )
    query = sa.select(fault_table.c.facts).where(
        fault_table.c.company_id.in_(tills),
        fault_table.c.code.in_(("voucher_foreign", "voucher_duplicate")),
    )
    told = [
        one
        for facts in (await connection.execute(query)).scalars()
        for one in (facts["voucher"], *facts.get("copies", ()))
    ]
    # What stands in Fortnox is told with the calendar year of its date.
    days = (year.from_date, year.to_date)
    years = {year.label, *(str(day.year) for day in days if day is not None)}
    return {
        one["number"] for one in told if one["series"] == code and one["financial_year"]["label"] in years
    }
