"""/3/accounts and /3/accountcharts: the chart of accounts of each financial year (Fortnox docs, accounts)."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from fortnox_sync.simulator import forms, refusals, shapes
from fortnox_sync.simulator.caller import Bookkeeper
from fortnox_sync.simulator.forms import READ_ONLY, Writable
from fortnox_sync.simulator.lists import (
    answer,
    answer_list,
    asked_year,
    check_query,
    in_order,
    modified_since,
)
from fortnox_sync.simulator.registers import Account, Dimension, FinancialYear

router = APIRouter(prefix="/3", include_in_schema=False)

_SORT_KEYS: dict[str, Callable[[Account], Any]] = {"number": lambda account: account.number}
_LOWEST, _HIGHEST = 1000, 9999


def _account_number(field: str, value: object) -> object:
    number = forms.whole_number(field, value)
    if not isinstance(number, int) or not _LOWEST <= number <= _HIGHEST:
        raise refusals.NOT_A_NUMBER.error(field=field)
    return number


_ACCOUNT: forms.Form = {
    "Number": Writable("number", _account_number, required=True),
    "Description": Writable("description", forms.text(200), required=True),
    "Active": Writable("active", forms.flag),
    "VATCode": Writable("vat_code", forms.text(10)),
    "CostCenter": Writable("cost_center", forms.text(6)),
    "CostCenterSettings": Writable("cost_center_settings", forms.choice(Dimension)),
    "ProjectSettings": Writable("project_settings", forms.choice(Dimension)),
    "TransactionInformation": Writable("transaction_information", forms.text(100)),
    "TransactionInformationSettings": Writable("transaction_information_settings", forms.choice(Dimension)),
    "SRU": Writable("sru", forms.whole_number),
    "BalanceBroughtForward": Writable("balance_brought_forward", forms.signed_amount),
    "BalanceCarriedForward": READ_ONLY,
    "QuantitySettings": READ_ONLY,
    "QuantityUnit": READ_ONLY,
    "Year": READ_ONLY,
    "@url": READ_ONLY,
}


def _url(caller: Bookkeeper, account: Account, year: FinancialYear) -> str:
    return caller.url(f"accounts/{account.number}?financialyear={year.id}")


def _answer(caller: Bookkeeper, account: Account, year: FinancialYear, status: int = 200) -> Response:
    shape = shapes.account(account, _url(caller, account, year), year.id, caller.company)
    return answer({"Account": shape}, status)


def _find(caller: Bookkeeper, year: FinancialYear, number: str) -> Account:
    account = caller.company.accounts[year.id].get(int(number) if number.isdecimal() else 0)
    if account is None:
        raise refusals.ACCOUNT_NOT_FOUND.error()
    return account


@router.get("/accounts")
async def list_accounts(caller: Bookkeeper) -> Response:
    """List the chart, by number."""
    check_query(caller, "sru")
    year = asked_year(caller)
    sru = caller.request.query_params.get("sru")
    accounts = [
        account
        for _, account in sorted(caller.company.accounts[year.id].items())
        if sru in (None, str(account.sru)) and modified_since(caller, account.modified_at)
    ]
    return answer_list(
        caller,
        "Accounts",
        in_order(caller, accounts, _SORT_KEYS),
        lambda account: shapes.account_head(account, _url(caller, account, year), year.id),
    )


@router.get("/accounts/{number}")
async def read_account(number: str, caller: Bookkeeper) -> Response:
    """Read one account."""
    caller.refuse_unless_known("financialyear", "financialyeardate")
    year = asked_year(caller)
    return _answer(caller, _find(caller, year, number), year)


@router.post("/accounts")
async def add_account(caller: Bookkeeper) -> Response:
    """Add an account to one year's chart."""
    caller.refuse_unless_known("financialyear")
    year = asked_year(caller)
    values: dict[str, Any] = forms.read(_ACCOUNT, forms.open_envelope(await caller.request.body(), "Account"))
    account = Account(**values, modified_at=caller.now)
    if account.number in caller.company.accounts[year.id]:
        raise refusals.ALREADY_EXISTS.error(key=account.number)
    caller.company.accounts[year.id][account.number] = account
    return _answer(caller, account, year, HTTPStatus.CREATED)


@router.put("/accounts/{number}")
async def change_account(number: str, caller: Bookkeeper) -> Response:
    """Change the fields that were sent, never the number."""
    caller.refuse_unless_known("financialyear")
    year = asked_year(caller)
    account = _find(caller, year, number)
    body = forms.open_envelope(await caller.request.body(), "Account")
    values: dict[str, Any] = forms.read(_ACCOUNT, body, partial=True)
    if values.get("number", account.number) != account.number:
        raise refusals.NUMBER_CANNOT_CHANGE.error()
    changed = replace(account, **values, modified_at=caller.now)
    caller.company.accounts[year.id][account.number] = changed
    return _answer(caller, changed, year)


@router.get("/accountcharts")
async def list_account_charts(caller: Bookkeeper) -> Response:
    """List the charts a year can be opened with."""
    check_query(caller)
    names = [f"Bas {year.to_on.year}" for year in caller.company.years.values()]
    return answer_list(caller, "AccountCharts", names, lambda name: {"Name": name})
