"""The BackOffice's call on suggestions: an account to offer for each item that has none."""

from typing import Annotated

from fastapi import APIRouter, Depends

from fortnox_sync.connection.link import Link
from fortnox_sync.mapping.look_up import LookUp
from fortnox_sync.mapping.routes.pick_lists import REFUSALS, Refresh
from fortnox_sync.mapping.schemas.pick_lists import listed, year_out
from fortnox_sync.mapping.schemas.suggestions import SuggestionsOut, suggestion_out
from fortnox_sync.mapping.suggested import suggestions_for
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.language import Spoken


def build(door: Door, database: Database, link: Link) -> APIRouter:
    """Make the route."""
    router = APIRouter(
        prefix="/v1/companies/{company_id}/mappings/suggestions", tags=["mapping"], responses=REFUSALS
    )
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("")
    async def suggestions(
        company_id: CompanyId, _: reader, language: Spoken, *, refresh: Refresh = False
    ) -> SuggestionsOut:
        """Suggest an account for each of the till's items that has none; nothing is chosen by this.

        A group sold at several rates is told rate by rate. What is sold without VAT, and what companies book
        in different ways, has no account suggested.
        """
        look = await LookUp.of(database, link, company_id, None, language)
        found = await look.find("accounts", refresh=refresh)
        async with database.read() as connection:
            made = await suggestions_for(database, connection, company_id, found.kept)
        return SuggestionsOut.model_validate(
            {
                **listed(found, language),
                "financial_year": year_out(found.year),
                "suggestions": [suggestion_out(one, language) for one in made],
            }
        )

    return router
