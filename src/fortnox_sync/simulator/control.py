"""/_simulator: set up apps and companies, move the clock, and read what happened."""

from dataclasses import asdict
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request

from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.chart import STANDARD_CHART, STANDARD_SERIES
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.control_forms import (
    AppForm,
    ClockForm,
    CompanyForm,
    YearForm,
)
from fortnox_sync.simulator.control_subjects import Record
from fortnox_sync.simulator.registers import Account, CostCenter, Series, User
from fortnox_sync.simulator.request_ledger import peaks
from fortnox_sync.simulator.tokens import ClientApp
from fortnox_sync.simulator.world import World

router = APIRouter(prefix="/_simulator", tags=["control"])


@router.post("/reset", status_code=HTTPStatus.NO_CONTENT)
async def reset(request: Request, world: InWorld) -> None:
    """Forget everything, the clock's offset included."""
    request.app.state.world = world.begin_again()


@router.get("/clock")
async def read_clock(world: InWorld) -> Record:
    """Tell the simulator's time."""
    return {"now": world.clock.now().isoformat()}


@router.post("/clock")
async def move_clock(form: ClockForm, world: InWorld) -> Record:
    """Move the time; what falls due on the way is done."""
    if form.now is not None:
        world.clock.set_to(form.now)
    else:
        world.clock.advance(form.advance_seconds or 0)
    world.settle()
    return {"now": world.clock.now().isoformat()}


@router.post("/apps", status_code=HTTPStatus.CREATED)
async def register_app(form: AppForm, world: InWorld) -> AppForm:
    """Register an app, as in the developer portal; the same id again replaces it."""
    world.client_apps[form.client_id] = ClientApp(**form.model_dump())
    return form


@router.get("/apps")
async def list_apps(world: InWorld) -> list[ClientApp]:
    """List the apps."""
    return list(world.client_apps.values())


@router.post("/companies", status_code=HTTPStatus.CREATED)
async def found_company(form: CompanyForm, world: InWorld) -> Record:
    """Found a company."""
    number = form.database_number or _free_number(world)
    if number in world.companies:
        raise HTTPException(HTTPStatus.CONFLICT, f"there is a company {number}")
    company = Company(number, form.name, form.organisation_number, licences=form.licences)
    _open_years(company, form, world.clock.now().date())
    company.users = {user.email: User(**user.model_dump()) for user in form.users}
    company.cost_centers = {one.code: CostCenter(**one.model_dump()) for one in form.cost_centers}
    world.companies[number] = company
    return record_company(company)


def _free_number(world: World) -> int:
    number = world.chance.database_number()
    return number if number not in world.companies else _free_number(world)


def _open_years(company: Company, form: CompanyForm, today: date) -> None:
    calendar_year = YearForm(from_on=date(today.year, 1, 1), to_on=date(today.year, 12, 31))
    for year in form.financial_years or (calendar_year,):
        open_year(company, year)
    for year_id in company.years:
        company.series[year_id] |= {one.code: Series(**one.model_dump()) for one in form.series}
        company.accounts[year_id] |= {one.number: Account(**one.model_dump()) for one in form.accounts}
    company.preselected_year = (company.year_of(today) or list(company.years.values())[-1]).id


def open_year(company: Company, form: YearForm) -> None:
    """Open a financial year."""
    company.open_year(
        form.from_on,
        form.to_on,
        year_id=form.id,
        accounts=STANDARD_CHART if form.standard_accounts else (),
        series=STANDARD_SERIES if form.standard_series else (),
    )


def record_company(company: Company) -> Record:
    """Tell everything about a company but its books."""
    return {
        "database_number": company.database_number,
        "name": company.name,
        "organisation_number": company.organisation_number,
        "financial_years": list(company.years.values()),
        "preselected_year": company.preselected_year,
        "series": {key: list(found.values()) for key, found in company.series.items()},
        "accounts": {key: list(found.values()) for key, found in company.accounts.items()},
        "cost_centers": list(company.cost_centers.values()),
        "users": list(company.users.values()),
        "licences": sorted(company.licences),
        "locks": list(company.locks),
        "conditions": company.conditions,
        "vouchers": len(company.books),
    }


@router.get("/companies")
async def list_companies(world: InWorld) -> list[Record]:
    """List the companies."""
    return [record_company(company) for company in world.companies.values()]


@router.get("/requests")
async def list_requests(
    world: InWorld, tenant: int | None = None, method: str | None = None, path: str | None = None
) -> list[Record]:
    """List the requests Fortnox saw, oldest first."""
    return [
        asdict(seen)
        for seen in world.requests
        if tenant in (None, seen.tenant) and method in (None, seen.method) and path in (None, seen.path)
    ]


@router.get("/requests/peaks")
async def list_peaks(world: InWorld) -> dict[int, int]:
    """Tell the most API requests in any 5 seconds, per company."""
    return peaks(world.requests)


@router.delete("/requests", status_code=HTTPStatus.NO_CONTENT)
async def forget_requests(world: InWorld) -> None:
    """Empty the ledger of requests."""
    world.requests.clear()
