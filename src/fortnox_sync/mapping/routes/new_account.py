"""The BackOffice's call that adds an account which is missing in the list."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from fortnox_sync.connection.link import Link
from fortnox_sync.mapping import pick_lists
from fortnox_sync.mapping.look_up import LookUp
from fortnox_sync.mapping.new_account import NumberTakenError, note
from fortnox_sync.mapping.refusal import number_taken
from fortnox_sync.mapping.routes.pick_lists import REFUSALS
from fortnox_sync.mapping.schemas.pick_lists import NewAccountIn, NewAccountOut, account_out, year_out
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.language import Spoken

_ADDED: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.OK): {"model": NewAccountOut, "description": "It is there already, by that name."}
}


def build(door: Door, database: Database, bell: Bell, link: Link) -> APIRouter:
    """Make the route."""
    router = APIRouter(prefix="/v1/companies/{company_id}/fortnox", tags=["mapping"], responses=REFUSALS)
    writer = Annotated[Principal, Depends(door.writer)]

    @router.post("/accounts", status_code=HTTPStatus.CREATED, responses=_ADDED)
    async def add_account(
        company_id: CompanyId, body: NewAccountIn, principal: writer, language: Spoken, response: Response
    ) -> NewAccountOut:
        """Add an account to Fortnox's chart, for one that is missing in the list.

        Asked for again, or there already by that name, it is answered with 200; a number that has another
        name is refused. What waited for the account goes on by itself.
        """
        look = await LookUp.of(database, link, company_id, body.day, language)
        try:
            year, added = await look.add_account(body.number, body.description)
        except NumberTakenError as error:
            raise number_taken(error.account, language) from None
        await note(database, company_id, added, year.id, principal.subject)
        await bell.ring()
        if not added.is_new:
            response.status_code = HTTPStatus.OK
        entry = pick_lists.Entry(added.account, pick_lists.why_not_account(added.account, None))
        return NewAccountOut(financial_year=year_out(year), account=account_out(entry, language))

    return router
