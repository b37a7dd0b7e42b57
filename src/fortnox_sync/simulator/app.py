"""Puts the simulated Fortnox together: the gateway in front; API, consent page and control room behind it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import cast

from fastapi import FastAPI, HTTPException, Request
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fortnox_sync.simulator import (
    account_routes,
    company_routes,
    consent_page,
    control,
    control_consents,
    control_registers,
    control_switches,
    control_vouchers,
    cost_center_routes,
    file_routes,
    pages,
    refusals,
    series_routes,
    token_routes,
    voucher_routes,
)
from fortnox_sync.simulator.caller import UnauthorisedError, exchange_of, world_of
from fortnox_sync.simulator.clock import Clock, utc_now
from fortnox_sync.simulator.company import Conditions
from fortnox_sync.simulator.delivery import Sleep
from fortnox_sync.simulator.gateway import Gateway
from fortnox_sync.simulator.lists import answer
from fortnox_sync.simulator.token_routes import TokenRefusedError
from fortnox_sync.simulator.world import World

_ROOMS = (
    token_routes,
    consent_page,
    voucher_routes,
    account_routes,
    series_routes,
    cost_center_routes,
    company_routes,
    file_routes,
    control,
    control_registers,
    control_vouchers,
    control_consents,
    control_switches,
    pages,
)


class SimulatedFortnox(FastAPI):
    """Both Fortnox hosts on one address, with a control room under /_simulator and pages at /."""

    def __init__(self, world: World) -> None:
        super().__init__(
            title="Simulated Fortnox", openapi_url="/_simulator/openapi.json", docs_url=None, redoc_url=None
        )
        self.state.world = world
        self._gateway = Gateway(super().__call__, self.current_world)

    def current_world(self) -> World:
        """Find the world; a reset puts another in its place."""
        return cast("World", self.state.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request through the gateway, outside every middleware: it must hold the bare connection."""
        await self._gateway(scope, receive, send)


def create_app(
    seed: int = 0, clock: Callable[[], datetime] = utc_now, sleep: Sleep = asyncio.sleep
) -> SimulatedFortnox:
    """Build a simulated Fortnox; the same seed gives the same ids and tokens."""
    app = SimulatedFortnox(World(seed, Clock(clock), sleep))
    for room in _ROOMS:
        app.include_router(room.router)
    app.add_exception_handler(refusals.RefusedError, _refused)
    app.add_exception_handler(UnauthorisedError, _unauthorised)
    app.add_exception_handler(TokenRefusedError, _token_refused)
    app.add_exception_handler(StarletteHTTPException, _no_such_route)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    refused = cast("refusals.RefusedError", error)
    tenant = exchange_of(request).seen.tenant
    company = world_of(request).companies.get(tenant) if tenant is not None else None
    conditions = company.conditions if company else Conditions()
    body = refusals.error_body(refused, conditions.error_casing, code_as_text=conditions.code_as_text)
    return answer(body, refused.status)


async def _unauthorised(_request: Request, _error: Exception) -> Response:
    return answer({"message": "unauthorized"}, 401)


async def _token_refused(_request: Request, error: Exception) -> Response:
    return cast("TokenRefusedError", error).response()


async def _no_such_route(request: Request, error: Exception) -> Response:
    if request.url.path.startswith("/3/"):
        return await _refused(request, refusals.NO_ROUTE.error())
    return await http_exception_handler(request, cast("HTTPException", error))
