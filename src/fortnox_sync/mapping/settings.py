"""The settings of a company: checked against Fortnox when they are set, and every change written down."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.chart import Chart
from fortnox_sync.connection.link import Link
from fortnox_sync.connection.tokens import NotConnectedError, OtherBooksError
from fortnox_sync.fortnox import FinancialYear, FortnoxError, GrantRefused, Unauthorised, VoucherSeries
from fortnox_sync.mapping.schemas.mappings import SettingsOut
from fortnox_sync.mapping.setup import Setup
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.clock import business_day
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.problems import Problem, not_found


async def check(database: Database, link: Link, company_id: str, said: dict[str, Any]) -> None:
    """Raise a problem for a start date or a series that Fortnox has no place for."""
    if not said.keys() & {"voucher_series", "start_on"}:
        return
    day, code = await _to_check(database, company_id, said)
    try:
        year, series = await link.ask(
            company_id, lambda client: _year_and_series(Chart(database, company_id, client), day, code)
        )
    except NotConnectedError:
        raise Problem(
            HTTPStatus.CONFLICT,
            "not_connected",
            "The company is not connected to Fortnox.",
            "Activate the integration first; start date and series are chosen among what Fortnox has.",
        ) from None
    except (GrantRefused, Unauthorised, OtherBooksError):
        raise Problem(
            HTTPStatus.CONFLICT,
            "authorization_expired",
            "Fortnox no longer lets us in for the company.",
            "Nothing was changed. Authorize the integration again, then choose anew.",
        ) from None
    except FortnoxError:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "fortnox_unavailable",
            "Fortnox can't be asked right now.",
            "Nothing was changed. Try again in a moment.",
            headers={"Retry-After": "10"},
        ) from None
    if year is None:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "financial_year_missing",
            f"There is no financial year in Fortnox that holds {day}.",
            "Choose another start date, or add the year in Fortnox: Inställningar/Bokföring/Räkenskapsår.",
        )
    if code:
        _check_series(code, series, day)


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


def _check_series(code: str, series: VoucherSeries | None, day: date) -> None:
    if series is None:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "voucher_series_missing",
            f"There is no voucher series {code} in the financial year of {day}.",
            "Choose another series, or add it in Fortnox: Inställningar/Bokföring/Verifikationsserier.",
        )
    if not series.manual:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "voucher_series_not_manual",
            f"The voucher series {code} takes no vouchers from outside.",
            "Tick Manuell kontering for it in Fortnox: Inställningar/Bokföring/Verifikationsserier.",
        )


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
