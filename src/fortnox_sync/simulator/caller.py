"""Who calls the API: the bearer token, its scopes and the licences behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from fortnox_sync.simulator import refusals
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.gateway import JSON, bearer
from fortnox_sync.simulator.tokens import AccessToken
from fortnox_sync.simulator.world import Exchange, World

# Fortnox docs, scopes: the customer needs the licence behind a scope, and nearly always one for integrations.
LICENCE_OF_SCOPE = {"bookkeeping": "bookkeeping", "costcenter": "bookkeeping"}
INTEGRATION_LICENCE = "integration"


class UnauthorisedError(Exception):
    """The gateway does not know the bearer token, or it has expired."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authorised call."""

    world: World
    company: Company
    token: AccessToken
    exchange: Exchange
    request: Request

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return self.world.clock.now()

    def url(self, path: str) -> str:
        """Write the address of a resource, as in every @url."""
        return f"{str(self.request.base_url).rstrip('/')}/3/{path}"

    def refuse_unless_known(self, *names: str) -> None:
        """Refuse query parameters that this call does not have."""
        if set(self.request.query_params) - {*names, *PAGING}:
            raise refusals.UNKNOWN_PARAMETER.error()


# Fortnox docs call these parameters global, and a public client sends `limit` with its POSTs too.
PAGING = ("limit", "page", "offset", "sortby", "sortorder")


def world_of(request: Request) -> World:
    """Find the world an app simulates."""
    return cast("World", request.app.state.world)


def exchange_of(request: Request) -> Exchange:
    """Find what the gateway knows of this request."""
    return cast("Exchange", request.state.exchange)


InWorld = Annotated[World, Depends(world_of)]


def _needs(scope: str, content_type: str = JSON) -> Callable[[Request], Caller]:
    def call(request: Request) -> Caller:
        caller = _authorise(request)
        _check_headers(request, content_type)
        _check_scope(caller, scope)
        return caller

    return call


def _authorise(request: Request) -> Caller:
    world = world_of(request)
    token = bearer(world, request.headers.get("authorization", ""))
    company = world.companies.get(token.consent.tenant) if token else None
    if token is None or company is None:
        raise UnauthorisedError
    return Caller(world, company, token, exchange_of(request), request)


def _check_headers(request: Request, content_type: str) -> None:
    accept = request.headers.get("accept", "*/*")
    if JSON not in accept and "*/*" not in accept:  # XML exists at Fortnox, not here
        raise refusals.BAD_ACCEPT.error()
    sends = request.method in {"POST", "PUT"}
    if sends and not request.headers.get("content-type", JSON).startswith(content_type):
        raise refusals.BAD_CONTENT_TYPE.error()


def _check_scope(caller: Caller, scope: str) -> None:
    reason = _missing(caller, scope)
    if reason is not None:
        error = reason.error()
        error.status = caller.company.conditions.missing_scope_status
        raise error


def _missing(caller: Caller, scope: str) -> refusals.Reason | None:
    if scope not in caller.token.scopes:
        return refusals.SCOPE_MISSING
    licences = caller.company.licences
    if INTEGRATION_LICENCE not in licences:
        return refusals.APP_LICENCE_MISSING
    if LICENCE_OF_SCOPE.get(scope, INTEGRATION_LICENCE) not in licences:
        return refusals.LICENCE_MISSING
    return None


Bookkeeper = Annotated[Caller, Depends(_needs("bookkeeping"))]
CostCenterKeeper = Annotated[Caller, Depends(_needs("costcenter"))]
CompanyReader = Annotated[Caller, Depends(_needs("companyinformation"))]
SettingsReader = Annotated[Caller, Depends(_needs("settings"))]
ProfileReader = Annotated[Caller, Depends(_needs("profile"))]
Uploader = Annotated[Caller, Depends(_needs("inbox", "multipart/form-data"))]
Connector = Annotated[Caller, Depends(_needs("connectfile"))]
