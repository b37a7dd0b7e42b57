"""The BackOffice's calls on the consent: activate, come back from Fortnox, authorise again, deactivate."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.company import Status
from fortnox_sync.connection.consent import Consents, Returned, UnknownStateError, may_return_to
from fortnox_sync.connection.disconnect import disconnect
from fortnox_sync.connection.tokens import Tokens
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.problems import Problem, responses

_REFUSALS = refusals()
_LONGEST = 4096
ReturnUrl = Annotated[
    str,
    Field(
        max_length=2000,
        description="An address below one of those that the service was set up with.",
        examples=["https://backoffice.example/integrations"],
    ),
]


class ActivateIn(BaseModel):
    """What the integration is for, and where the browser goes afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid")

    purpose: Literal["bookkeeping", "invoicing"] = Field(
        description="What it is for; only `bookkeeping` is offered here."
    )
    return_url: ReturnUrl


class ReauthorizeIn(BaseModel):
    """Where the browser goes afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid")

    return_url: ReturnUrl


class AuthorizationOut(BaseModel):
    """Where to send the browser for the consent."""

    authorization_url: str = Field(description="Good once, for ten minutes.")


class StatusOut(BaseModel):
    """How far the integration has come."""

    status: Status = Field(description="How far the integration has come.")


def build(
    door: Door, database: Database, consents: Consents, tokens: Tokens, return_urls: tuple[str, ...]
) -> APIRouter:
    """Make the routes; browsers are only sent back to `return_urls`."""
    router = APIRouter(prefix="/v1", tags=["integration"])
    writer = Annotated[Principal, Depends(door.writer)]

    @router.post("/companies/{company_id}/integration/activate", responses=_REFUSALS)
    async def activate(company_id: CompanyId, body: ActivateIn, principal: writer) -> AuthorizationOut:
        """Begin: returns the address of Fortnox's consent page."""
        if body.purpose == "invoicing":
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "purpose_not_offered",
                "Invoicing through Fortnox is another product.",
                "Choose bookkeeping here; see Faktura via Fortnox for invoicing.",
            )
        return await _begin(company_id, principal, body.return_url)

    @router.post("/companies/{company_id}/integration/reauthorize", responses=_REFUSALS)
    async def reauthorize(company_id: CompanyId, body: ReauthorizeIn, principal: writer) -> AuthorizationOut:
        """Consent again for the same Fortnox company."""
        return await _begin(company_id, principal, body.return_url)

    async def _begin(company_id: str, principal: Principal, return_url: str) -> AuthorizationOut:
        if not may_return_to(return_url, return_urls):
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "return_url_not_allowed",
                "The browser may not be sent back there.",
                "Use an address below one of those in BACKOFFICE_RETURN_URLS.",
            )
        return AuthorizationOut(
            authorization_url=await consents.start(company_id, principal.subject, return_url)
        )

    @router.post("/companies/{company_id}/integration/deactivate", responses=_REFUSALS)
    async def deactivate(company_id: CompanyId, principal: writer) -> StatusOut:
        """Stop exporting, forget the tokens and revoke what can be; everything booked and told is kept."""
        refresh_token = await tokens.refresh_token_of(company_id)
        async with database.write() as connection:
            await companies.add(database, connection, [company_id])
            await disconnect(database, connection, company_id, principal.subject)
        if refresh_token is not None:
            await tokens.revoke(company_id, refresh_token)
        return StatusOut(status=Status.INACTIVE)

    @router.get(
        "/oauth/fortnox/callback",
        status_code=HTTPStatus.SEE_OTHER,
        response_class=RedirectResponse,
        responses=responses(HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def callback(
        state: Annotated[str, Query(max_length=_LONGEST, description="Ours, as Fortnox sends it back.")] = "",
        code: Annotated[
            str | None, Query(max_length=_LONGEST, description="What a consent is redeemed with.")
        ] = None,
        error: Annotated[str | None, Query(max_length=_LONGEST, description="Why there was none.")] = None,
    ) -> RedirectResponse:
        """Finish a consent; sends the browser back with `fortnox=` and how it went."""
        try:
            back = await consents.finish(Returned(state, code, error))
        except UnknownStateError:
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                "consent_unknown",
                "This consent was not started here, or it is older than ten minutes.",
                "Go back to BackOffice and activate the integration again.",
            ) from None
        return RedirectResponse(back, HTTPStatus.SEE_OTHER)

    return router
