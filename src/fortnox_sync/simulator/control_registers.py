"""/_simulator/companies/{number}/…: change a company's registers as its people do in the user interface."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException
from pydantic import ValidationError

from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.company import Company, Conditions
from fortnox_sync.simulator.control import open_year, record_company
from fortnox_sync.simulator.control_forms import (
    AccountChange,
    AccountForm,
    CompanyChange,
    CostCenterChange,
    CostCenterForm,
    LockForm,
    SeriesChange,
    SeriesForm,
    UserForm,
    YearForm,
)
from fortnox_sync.simulator.control_subjects import OfCompany, Record
from fortnox_sync.simulator.registers import Account, CostCenter, Lock, Series, User
from fortnox_sync.simulator.world import World

router = APIRouter(prefix="/_simulator/companies/{number}", tags=["registers"])

Key = TypeVar("Key", int, str)
Entry = TypeVar("Entry", Account, Series, CostCenter, User)


def _years(company: Company, year: int | None) -> Iterable[int]:
    """Name the years a change is about: one, or all."""
    if year is None:
        return company.years
    if year not in company.years:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"no financial year {year}")
    return [year]


def _change(register: dict[Key, Entry], key: Key, changes: dict[str, Any]) -> None:
    if key in register:
        register[key] = replace(register[key], **changes)


def _missing(key: object) -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, f"no {key}")


@router.get("")
async def read_company(company: OfCompany) -> Record:
    """Read one company."""
    return record_company(company)


@router.patch("")
async def change_company(company: OfCompany, form: CompanyChange) -> Record:
    """Rename a company, give or take licences, select another year."""
    if form.preselected_year is not None:
        company.year(form.preselected_year)
    for name, value in form.model_dump(exclude_none=True).items():
        setattr(company, name, value)
    return record_company(company)


@router.patch("/conditions")
async def change_conditions(company: OfCompany, form: Record) -> Conditions:
    """Change how this company's Fortnox answers; fields left out stay."""
    try:
        company.conditions = Conditions.model_validate(company.conditions.model_dump() | form)
    except ValidationError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    return company.conditions


@router.post("/financial-years", status_code=HTTPStatus.CREATED)
async def add_year(company: OfCompany, form: YearForm) -> Record:
    """Open a financial year."""
    open_year(company, form)
    return record_company(company)


@router.delete("/financial-years/{year}", status_code=HTTPStatus.NO_CONTENT)
async def remove_year(company: OfCompany, year: int) -> None:
    """Remove a financial year with its chart and series."""
    if company.years.pop(year, None) is None:
        raise _missing(year)
    del company.series[year], company.accounts[year]


@router.put("/series/{code}", status_code=HTTPStatus.NO_CONTENT)
async def put_series(company: OfCompany, code: str, form: SeriesForm, year: int | None = None) -> None:
    """Add a series, or put another in its place."""
    for year_id in _years(company, year):
        company.series[year_id][code] = Series(**form.model_dump())


@router.patch("/series/{code}", status_code=HTTPStatus.NO_CONTENT)
async def change_series(company: OfCompany, code: str, form: SeriesChange, year: int | None = None) -> None:
    """Rename a series, or tick and untick manual."""
    if not any(code in company.series[year_id] for year_id in _years(company, year)):
        raise _missing(code)
    for year_id in _years(company, year):
        _change(company.series[year_id], code, form.model_dump(exclude_none=True))


@router.delete("/series/{code}", status_code=HTTPStatus.NO_CONTENT)
async def remove_series(company: OfCompany, code: str, year: int | None = None) -> None:
    """Remove a series."""
    for year_id in _years(company, year):
        company.series[year_id].pop(code, None)


@router.put("/accounts/{account}", status_code=HTTPStatus.NO_CONTENT)
async def put_account(company: OfCompany, account: int, form: AccountForm, year: int | None = None) -> None:
    """Add an account, or put another in its place."""
    for year_id in _years(company, year):
        company.accounts[year_id][account] = Account(**form.model_dump())


@router.patch("/accounts/{account}", status_code=HTTPStatus.NO_CONTENT)
async def change_account(
    company: OfCompany, account: int, form: AccountChange, world: InWorld, year: int | None = None
) -> None:
    """Rename an account, activate or inactivate it, demand or forbid cost centres."""
    if not any(account in company.accounts[year_id] for year_id in _years(company, year)):
        raise _missing(account)
    changes = form.model_dump(exclude_none=True) | {"modified_at": world.clock.now()}
    for year_id in _years(company, year):
        _change(company.accounts[year_id], account, changes)


@router.delete("/accounts/{account}", status_code=HTTPStatus.NO_CONTENT)
async def remove_account(company: OfCompany, account: int, year: int | None = None) -> None:
    """Remove an account."""
    for year_id in _years(company, year):
        company.accounts[year_id].pop(account, None)


@router.put("/cost-centers/{code}", status_code=HTTPStatus.NO_CONTENT)
async def put_cost_center(company: OfCompany, code: str, form: CostCenterForm) -> None:
    """Add a cost centre, or put another in its place."""
    company.cost_centers[code] = CostCenter(**form.model_dump())


@router.patch("/cost-centers/{code}", status_code=HTTPStatus.NO_CONTENT)
async def change_cost_center(company: OfCompany, code: str, form: CostCenterChange) -> None:
    """Rename a cost centre, activate or inactivate it."""
    if code not in company.cost_centers:
        raise _missing(code)
    _change(company.cost_centers, code, form.model_dump(exclude_none=True))


@router.delete("/cost-centers/{code}", status_code=HTTPStatus.NO_CONTENT)
async def remove_cost_center(company: OfCompany, code: str) -> None:
    """Remove a cost centre, used or not."""
    company.cost_centers.pop(code, None)


@router.put("/locked-period", status_code=HTTPStatus.NO_CONTENT)
async def lock_period(company: OfCompany, form: LockForm) -> None:
    """Lock the books up to a day, or unlock them."""
    others = tuple(lock for lock in company.locks if lock.automatic != form.automatic)
    own = () if form.end_on is None else (Lock(form.end_on, form.by, form.automatic),)
    company.locks = others + own


@router.put("/users/{email}", status_code=HTTPStatus.NO_CONTENT)
async def put_user(company: OfCompany, email: str, form: UserForm, world: InWorld) -> None:
    """Add a user, or change password and rights; a new password ends connections through that person.

    That it does is what a POS vendor's help page tells its customers.
    """
    before = company.users.get(email)
    if before is not None and before.password != form.password:
        _disconnect(world, company, email)
    company.users[email] = User(**form.model_dump())


@router.delete("/users/{email}", status_code=HTTPStatus.NO_CONTENT)
async def remove_user(company: OfCompany, email: str, world: InWorld) -> None:
    """Remove a user; connections through that person end (Fortnox blog, service accounts)."""
    company.users.pop(email, None)
    _disconnect(world, company, email)


def _disconnect(world: World, company: Company, email: str) -> None:
    tenant = company.database_number
    world.tokens.withdraw(
        lambda one: (one.tenant, one.email, one.service) == (tenant, email, False), access_tokens_die=True
    )
