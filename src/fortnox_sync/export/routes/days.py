"""The BackOffice's calls on days: a period at a glance, and its statement for the accountant."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.company import Company
from fortnox_sync.export.days import days_of
from fortnox_sync.export.period import BadPeriodError, Period
from fortnox_sync.export.schemas.days import DaysOut, days_out
from fortnox_sync.export.schemas.statement import StatementOut, statement_out
from fortnox_sync.export.statement import Statement, statement_of
from fortnox_sync.export.statement_page import page
from fortnox_sync.export.statement_style import HEADER_POLICY
from fortnox_sync.mapping.schemas.mappings import iso_date
from fortnox_sync.runtime.clock import business_day
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.language import Spoken
from fortnox_sync.web.problems import Problem, not_found

_REFUSALS = refusals()
From = Annotated[
    date | None,
    BeforeValidator(iso_date),
    Query(alias="from", description="The first business date; the first of the month unless given."),
]
To = Annotated[
    date | None,
    BeforeValidator(iso_date),
    Query(alias="to", description="The last business date, included; today in Sweden unless given."),
]


def build(door: Door, database: Database) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["days"], responses=_REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]

    def asked_for(from_on: From = None, to_on: To = None) -> Period:
        try:
            return Period.of(from_on, to_on, business_day(database.clock.now()))
        except BadPeriodError as error:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "bad_period", "The days make no period.", str(error)
            ) from error

    asked = Annotated[Period, Depends(asked_for)]

    @router.get("/days")
    async def days(company_id: CompanyId, _: reader, period: asked) -> DaysOut:
        """Show each till session of a period (at most 400 days): its Z number, its money, its vouchers."""
        async with database.read() as connection:
            found = await days_of(connection, await _known(connection, company_id), period)
        return days_out(period, found)

    @router.get("/statement")
    async def statement(company_id: CompanyId, _: reader, period: asked) -> StatementOut:
        """Draw up the statement of a period: sums per account and rate, vouchers, Z numbers, what waits."""
        return statement_out(await drawn(company_id, period))

    @router.get("/statement.html", response_class=HTMLResponse)
    async def statement_page(
        company_id: CompanyId, _: reader, period: asked, language: Spoken
    ) -> HTMLResponse:
        """Give the statement as a page to print and file; no scripts, nothing loaded from elsewhere."""
        shown = page(await drawn(company_id, period), language)
        name = f"kassaavstamning-{period.from_on}--{period.to_on}.html"
        return HTMLResponse(
            shown,
            headers={
                "content-security-policy": HEADER_POLICY,
                "content-disposition": f'inline; filename="{name}"',
                "content-language": language,
                "vary": "accept-language",
            },
        )

    async def drawn(company_id: str, period: Period) -> Statement:
        async with database.read() as connection:
            company = await _known(connection, company_id)
            return await statement_of(connection, company, period, database.clock.now())

    return router


async def _known(connection: AsyncConnection, company_id: str) -> Company:
    company = await companies.find(connection, company_id)
    if company is None:
        raise not_found("The company has not been seen yet.")
    return company
