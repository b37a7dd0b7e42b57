"""The BackOffice's calls on what Fortnox has to choose among."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator

from fortnox_sync.accounting.account_map import Dimension
from fortnox_sync.connection.chart import accounts_in, cost_centers_in, series_in, years_in
from fortnox_sync.connection.link import Link
from fortnox_sync.mapping import pick_lists
from fortnox_sync.mapping.look_up import LookUp
from fortnox_sync.mapping.schemas.mappings import iso_date
from fortnox_sync.mapping.schemas.pick_lists import (
    AccountsOut,
    FortnoxCostCentersOut,
    SeriesListOut,
    YearsOut,
    account_out,
    choosable_year_out,
    cost_center_out,
    listed,
    series_out,
    year_out,
)
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.language import Spoken

REFUSALS = refusals(HTTPStatus.CONFLICT)
Day = Annotated[
    date | None,
    BeforeValidator(lambda said: said if said is None else iso_date(said)),
    Query(
        alias="date",
        description="A business day: its financial year is meant. Without it the day that is booked next: "
        "today, or the start date where that is still to come.",
    ),
]
Search = Annotated[
    str,
    Query(
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="The beginning of the number or code, or words of the description; å, ä and ö count as "
        "letters of their own, other accents and case do not count.",
    ),
]
Refresh = Annotated[bool, Query(description="Ask Fortnox anew, however young the list is.")]
For = Annotated[
    Dimension | None,
    Query(description="What the account is for: fitting accounts come first, others can't be chosen."),
]
Limit = Annotated[int | None, Query(ge=1, le=10000, description="How many to tell at most.")]


def build(door: Door, database: Database, link: Link) -> APIRouter:
    """Make the routes; what Fortnox has is told as it was read, at most an hour ago where it can be asked."""
    router = APIRouter(prefix="/v1/companies/{company_id}/fortnox", tags=["mapping"], responses=REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("/voucher-series")
    async def voucher_series(
        company_id: CompanyId,
        _: reader,
        language: Spoken,
        day: Day = None,
        search: Search = "",
        *,
        refresh: Refresh = False,
    ) -> SeriesListOut:
        """List the voucher series of a financial year, those that can be chosen first."""
        look = await LookUp.of(database, link, company_id, day, language)
        found = await look.find("voucher_series", refresh=refresh)
        others = (one for kept in found.others for one in series_in(kept))
        entries = pick_lists.voucher_series(series_in(found.kept), others, search=search)
        return SeriesListOut.model_validate(
            {
                **listed(found, language),
                "financial_year": year_out(found.year),
                "voucher_series": [series_out(one, language) for one in entries],
            }
        )

    @router.get("/accounts")
    async def accounts(
        company_id: CompanyId,
        _: reader,
        language: Spoken,
        day: Day = None,
        search: Search = "",
        dimension: For = None,
        limit: Limit = None,
        *,
        refresh: Refresh = False,
    ) -> AccountsOut:
        """List the chart of accounts of a financial year, those that can be chosen first."""
        look = await LookUp.of(database, link, company_id, day, language)
        found = await look.find("accounts", refresh=refresh)
        others = (one for kept in found.others for one in accounts_in(kept))
        entries = pick_lists.accounts(accounts_in(found.kept), others, dimension=dimension, search=search)
        return AccountsOut.model_validate(
            {
                **listed(found, language),
                "financial_year": year_out(found.year),
                "total": len(entries),
                "accounts": [account_out(one, language) for one in entries[:limit]],
            }
        )

    @router.get("/cost-centers")
    async def fortnox_cost_centers(
        company_id: CompanyId, _: reader, language: Spoken, search: Search = "", *, refresh: Refresh = False
    ) -> FortnoxCostCentersOut:
        """List Fortnox's cost centres, those that can be chosen first."""
        look = await LookUp.of(database, link, company_id, None, language)
        found = await look.find("cost_centers", refresh=refresh)
        entries = pick_lists.cost_centers(cost_centers_in(found.kept), search=search)
        return FortnoxCostCentersOut.model_validate(
            {
                **listed(found, language),
                "cost_centers": [cost_center_out(one, language) for one in entries],
            }
        )

    @router.get("/financial-years")
    async def financial_years(
        company_id: CompanyId, _: reader, language: Spoken, *, refresh: Refresh = False
    ) -> YearsOut:
        """List the financial years, newest first, and up to where the books are locked."""
        look = await LookUp.of(database, link, company_id, None, language)
        found = await look.find("financial_years", refresh=refresh)
        entries = pick_lists.financial_years(years_in(found.kept), found.locked_until)
        return YearsOut.model_validate(
            {
                **listed(found, language),
                "locked_until": found.locked_until,
                "financial_years": [choosable_year_out(one, language) for one in entries],
            }
        )

    return router
