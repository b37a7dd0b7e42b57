"""/3/voucherseries: the series of each financial year; only the manual ones are open to integrations."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from fortnox_sync.simulator import forms, refusals, shapes
from fortnox_sync.simulator.caller import Bookkeeper
from fortnox_sync.simulator.forms import READ_ONLY, Writable
from fortnox_sync.simulator.lists import answer, answer_list, asked_year, check_query, in_order
from fortnox_sync.simulator.registers import FinancialYear, Series

router = APIRouter(prefix="/3", include_in_schema=False)

_SERIES: forms.Form = {
    "Code": Writable("code", forms.text(10), required=True),
    "Description": Writable("description", forms.text(200)),
    "Manual": Writable("manual", forms.flag),
    "NextVoucherNumber": READ_ONLY,
    "Year": READ_ONLY,
    "@url": READ_ONLY,
}


def _url(caller: Bookkeeper, series: Series, year: FinancialYear) -> str:
    return caller.url(f"voucherseries/{series.code}?financialyear={year.id}")


def _answer(caller: Bookkeeper, series: Series, year: FinancialYear, status: int = 200) -> Response:
    shape = shapes.series(series, _url(caller, series, year), year.id)
    # Only the single reading tells the next number (public OpenAPI description).
    shape["NextVoucherNumber"] = caller.company.seen_next_number(year.id, series.code, caller.now)
    return answer({"VoucherSeries": shape}, status)


def _find(caller: Bookkeeper, year: FinancialYear, code: str) -> Series:
    series = caller.company.series[year.id].get(code)
    if series is None:
        raise refusals.SERIES_NOT_FOUND.error()
    return series


@router.get("/voucherseries")
async def list_series(caller: Bookkeeper) -> Response:
    """List a year's series, by code."""
    check_query(caller)
    year = asked_year(caller)
    found = [series for _, series in sorted(caller.company.series[year.id].items())]
    return answer_list(
        caller,
        "VoucherSeriesCollection",
        in_order(caller, found, {}),
        lambda series: shapes.series(series, _url(caller, series, year), year.id),
    )


@router.get("/voucherseries/{code}")
async def read_series(code: str, caller: Bookkeeper) -> Response:
    """Read one series with its next number."""
    caller.refuse_unless_known("financialyear", "financialyeardate")
    year = asked_year(caller)
    return _answer(caller, _find(caller, year, code), year)


@router.post("/voucherseries")
async def add_series(caller: Bookkeeper) -> Response:
    """Add a series to one year."""
    caller.refuse_unless_known("financialyear")
    year = asked_year(caller)
    body = forms.open_envelope(await caller.request.body(), "VoucherSeries")
    values: dict[str, Any] = forms.read(_SERIES, body)
    series = Series(**values)
    if series.code in caller.company.series[year.id]:
        raise refusals.ALREADY_EXISTS.error(key=series.code)
    caller.company.series[year.id][series.code] = series
    return _answer(caller, series, year, HTTPStatus.CREATED)


@router.put("/voucherseries/{code}")
async def change_series(code: str, caller: Bookkeeper) -> Response:
    """Change the fields that were sent, never the code."""
    caller.refuse_unless_known("financialyear")
    year = asked_year(caller)
    series = _find(caller, year, code)
    body = forms.open_envelope(await caller.request.body(), "VoucherSeries")
    values: dict[str, Any] = forms.read(_SERIES, body, partial=True)
    changed = replace(series, **{**values, "code": series.code})
    caller.company.series[year.id][series.code] = changed
    return _answer(caller, changed, year)
