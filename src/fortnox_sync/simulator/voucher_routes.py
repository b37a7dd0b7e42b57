"""/3/vouchers: list, read and book (Fortnox docs, vouchers). There is no PUT, and DELETE is not offered."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from fortnox_sync.simulator import booking, checks, refusals, shapes
from fortnox_sync.simulator.books import Voucher, VoucherKey
from fortnox_sync.simulator.caller import Bookkeeper
from fortnox_sync.simulator.lists import (
    answer,
    answer_list,
    asked_day,
    asked_year,
    asked_year_id,
    check_query,
    in_order,
    modified_since,
)
from fortnox_sync.simulator.voucher_form import read_draft

router = APIRouter(prefix="/3", include_in_schema=False)

_SORT_KEYS: dict[str, Callable[[Voucher], Any]] = {
    "vouchernumber": lambda voucher: voucher.key.number,
    "voucherseries": lambda voucher: voucher.key.series,
    "referencenumber": lambda _: "",
    "referencetype": lambda _: "MANUAL",
}


@router.get("/vouchers")
async def list_vouchers(caller: Bookkeeper) -> Response:
    """List a year's vouchers, without rows."""
    check_query(caller, "voucherseries", "costcenter")
    query = caller.request.query_params
    vouchers = _dated(caller, caller.company.seen("lists", asked_year(caller).id, caller.now))
    if "voucherseries" in query:
        vouchers = [one for one in vouchers if one.key.series == query["voucherseries"]]
    if "costcenter" in query:
        vouchers = [one for one in vouchers if query["costcenter"] in _cost_centers(one)]
    return _answer(caller, vouchers)


def _dated(caller: Bookkeeper, vouchers: Iterable[Voucher]) -> list[Voucher]:
    from_on, to_on = asked_day(caller, "fromdate"), asked_day(caller, "todate")
    return [
        one
        for one in vouchers
        if (from_on is None or one.draft.transaction_date >= from_on)
        and (to_on is None or one.draft.transaction_date <= to_on)
        and modified_since(caller, one.modified_at)
    ]


def _cost_centers(voucher: Voucher) -> set[str]:
    return {voucher.draft.cost_center, *(row.cost_center for row in voucher.draft.rows)}


def _answer(caller: Bookkeeper, vouchers: list[Voucher]) -> Response:
    return answer_list(
        caller,
        "Vouchers",
        in_order(caller, vouchers, _SORT_KEYS),
        lambda one: shapes.voucher_head(one, booking.voucher_url(caller, one)),
    )


@router.get("/vouchers/sublist")
async def list_this_years_vouchers(caller: Bookkeeper) -> Response:
    """List the vouchers of the preselected year."""
    check_query(caller)
    company = caller.company
    return _answer(caller, company.seen("lists", company.preselected_year, caller.now))


@router.get("/vouchers/sublist/{series}")
async def list_vouchers_of_series(series: str, caller: Bookkeeper) -> Response:
    """List one series of a year."""
    check_query(caller)
    vouchers = caller.company.seen("lists", asked_year(caller).id, caller.now)
    return _answer(caller, [one for one in vouchers if one.key.series == series])


@router.get("/vouchers/{series}/{number}")
async def read_voucher(series: str, number: str, caller: Bookkeeper) -> Response:
    """Read one voucher with its rows."""
    caller.refuse_unless_known("financialyear", "financialyeardate")
    year = asked_year(caller)
    wanted = int(number) if number.isdecimal() else 0
    voucher = caller.company.books.find(VoucherKey(year.id, series, wanted))
    if voucher is None or not caller.company.sees("single", voucher, caller.now):
        raise refusals.VOUCHER_NOT_FOUND.error()
    url = booking.voucher_url(caller, voucher)
    return answer({"Voucher": shapes.voucher(voucher, url, caller.company)})


@router.post("/vouchers")
async def post_voucher(caller: Bookkeeper) -> Response:
    """Book a voucher under the next number of its series. The same body twice makes two vouchers."""
    caller.refuse_unless_known("financialyear")
    draft = read_draft(await caller.request.body())
    year = checks.find_year(caller.company, asked_year_id(caller), draft.transaction_date)
    checks.check(caller.company, year, draft)
    return booking.fulfil(booking.Order(caller, year, draft))
