"""/3/financialyears and what the API tells about the company itself, its locks and the person logged in."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from fortnox_sync.simulator import forms, refusals, shapes
from fortnox_sync.simulator.caller import Bookkeeper, CompanyReader, ProfileReader, SettingsReader
from fortnox_sync.simulator.chart import STANDARD_CHART
from fortnox_sync.simulator.forms import READ_ONLY, Writable
from fortnox_sync.simulator.lists import answer, answer_list, asked_day, check_query, in_order
from fortnox_sync.simulator.registers import FinancialYear

router = APIRouter(prefix="/3", include_in_schema=False)

_YEAR: forms.Form = {
    "FromDate": Writable("from_on", forms.day, required=True),
    "ToDate": Writable("to_on", forms.day, required=True),
    "AccountChartType": Writable("chart", forms.text(100)),
    "AccountingMethod": Writable("method", forms.text(20)),
    "Id": READ_ONLY,
    "@url": READ_ONLY,
}


def _shape(caller: Bookkeeper, year: FinancialYear) -> shapes.Shape:
    return shapes.financial_year(year, caller.url(f"financialyears/{year.id}"))


@router.get("/financialyears")
async def list_years(caller: Bookkeeper) -> Response:
    """List the financial years, or with ?date= (not financialyeardate) the one that holds a day."""
    check_query(caller, "date")
    day = asked_day(caller, "date")
    years = [year for year in caller.company.years.values() if day is None or year.holds(day)]
    ordered = in_order(caller, years, {"id": lambda year: year.id})
    return answer_list(caller, "FinancialYears", ordered, lambda year: _shape(caller, year))


@router.get("/financialyears/{year_id}")
async def read_year(year_id: str, caller: Bookkeeper) -> Response:
    """Read one financial year."""
    year = caller.company.year(int(year_id) if year_id.isdecimal() else 0)
    return answer({"FinancialYear": _shape(caller, year)})


@router.post("/financialyears")
async def open_year(caller: Bookkeeper) -> Response:
    """Open the year after the latest.

    It takes over the chart, but only the standard series: integrators report that series of one's own, and
    their manual tick, are missing in a new year.
    """
    company = caller.company
    body = forms.open_envelope(await caller.request.body(), "FinancialYear")
    values: dict[str, Any] = forms.read(_YEAR, body)
    latest = max(company.years.values(), key=lambda year: year.to_on, default=None)
    follows = latest is None or values["from_on"] == latest.to_on + timedelta(days=1)
    if not follows or values["to_on"] < values["from_on"]:
        raise refusals.YEAR_NOT_FOLLOWING.error()
    accounts = company.accounts[latest.id].values() if latest else STANDARD_CHART
    year = company.open_year(values["from_on"], values["to_on"], accounts=accounts)
    return answer({"FinancialYear": _shape(caller, year)}, HTTPStatus.CREATED)


@router.get("/companyinformation")
async def read_company_information(caller: CompanyReader) -> Response:
    """Tell which company this is."""
    return answer({"CompanyInformation": shapes.company_information(caller.company)})


@router.get("/settings/company")
async def read_company_settings(caller: SettingsReader) -> Response:
    """Tell more about the company."""
    return answer({"CompanySettings": shapes.company_settings(caller.company)})


@router.get("/settings/lockedperiod")
async def read_locked_period(caller: SettingsReader) -> Response:
    """Tell up to when the books are locked; automatic locks do not show here, as integrators report."""
    ends = [lock.end_on for lock in caller.company.locks if not lock.automatic]
    return answer({"LockedPeriod": {"EndDate": max(ends).isoformat() if ends else None}})


@router.get("/me")
async def read_me(caller: ProfileReader) -> Response:
    """Tell who is logged in; what a service account shows here was not found."""
    consent = caller.token.consent
    user = None if consent.service else caller.company.users.get(consent.email)
    me = {
        "Id": consent.email if user else "service",
        "Name": user.name if user else "Servicekonto",
        "Email": user.email if user else "",
        "Locale": "sv_SE",
        "SysAdmin": user.sysadmin if user else True,
    }
    return answer({"Me": me})
