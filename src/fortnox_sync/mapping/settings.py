"""The settings of a company: checked against Fortnox when they are set, and every change written down."""

from __future__ import annotations

from datetime import date
from typing import Any

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.chart import Chart, year_part
from fortnox_sync.connection.link import Link
from fortnox_sync.fault.facts import SeriesFacts, YearFacts
from fortnox_sync.fault.model import (
    Fault,
    FinancialYearMissing,
    VoucherSeriesMissing,
    VoucherSeriesNotManual,
)
from fortnox_sync.fortnox import FinancialYear, FortnoxClient, VoucherSeries
from fortnox_sync.mapping.refusal import asked, refusal
from fortnox_sync.mapping.schemas.mappings import SettingsOut
from fortnox_sync.mapping.setup import Setup
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.clock import business_day
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.language import Language
from fortnox_sync.web.problems import not_found


async def check(
    database: Database, link: Link, company_id: str, said: dict[str, Any], language: Language
) -> None:
    """Raise a problem for a start date or a series that Fortnox has no place for."""
    if not said.keys() & {"voucher_series", "start_on"}:
        return
    day, code = await _to_check(database, company_id, said)

    async def look(client: FortnoxClient) -> tuple[FinancialYear | None, VoucherSeries | None]:
        return await _year_and_series(Chart(database, company_id, client), day, code)

    now = database.clock.now()
    year, series = await asked(link, company_id, look, language, now)
    obstacle = _obstacle(day, code, year, series)
    if obstacle is not None:
        raise refusal(obstacle, language, now)


def _obstacle(
    day: date, code: str | None, year: FinancialYear | None, series: VoucherSeries | None
) -> Fault | None:
    """Say what Fortnox lacks for a day and a series."""
    if year is None:
        return FinancialYearMissing(facts=YearFacts(year=day.year, transaction_date=day))
    if not code:
        return None
    facts = SeriesFacts(series=code, financial_year=year_part(year))
    if series is None:
        return VoucherSeriesMissing(facts=facts)
    return None if series.manual else VoucherSeriesNotManual(facts=facts)


async def _year_and_series(
    chart: Chart, day: date, code: str | None
) -> tuple[FinancialYear | None, VoucherSeries | None]:
    year = await chart.year_on(day)
    return year, (await chart.series(year.id)).get(code) if year and code else None


async def _to_check(database: Database, company_id: str, said: dict[str, Any]) -> tuple[date, str | None]:
    """Return what is to be checked: the series in the year booked first, the start date's, else today's."""
    async with database.read() as connection:
        company = await companies.find(connection, company_id)
    if company is None:
        raise not_found("The company has not been seen yet.")
    day = said.get("start_on") or company.start_on or business_day(database.clock.now())
    return day, said.get("voucher_series") or company.voucher_series


async def change(database: Database, company_id: str, said: dict[str, Any], actor: str) -> SettingsOut:
    """Write settings and go on with whatever was waiting for them."""
    async with database.write() as connection:
        if await companies.find(connection, company_id, lock=True) is None:
            raise not_found("The company has not been seen yet.")
        if said:
            await companies.change(database, connection, company_id, **said)
            plain = {key: str(value) for key, value in said.items()}
            await audit.record(database, connection, company_id, actor, "settings.changed", **plain)
        await Setup(database, connection, company_id).settle()
        company = await companies.find(connection, company_id)
    if company is None:
        raise not_found("The company has not been seen yet.")
    return SettingsOut(
        start_on=company.start_on,
        voucher_series=company.voucher_series,
        language=company.language,
        setup_completed=company.setup_completed,
    )
