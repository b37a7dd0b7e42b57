"""The API: every room's routes behind one door, with health, metrics and problem documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fortnox_sync import __version__
from fortnox_sync.bootstrap import Service, running
from fortnox_sync.connection import routes as connection_routes
from fortnox_sync.contract.publish import complete
from fortnox_sync.export import routes as export_routes
from fortnox_sync.fault import routes as fault_routes
from fortnox_sync.intake import routes as intake_routes
from fortnox_sync.mapping import routes as mapping_routes
from fortnox_sync.runtime.bell import ArqBell
from fortnox_sync.web import event_stream, problems
from fortnox_sync.web.limits import bounded

_DESCRIPTION = """\
Sales of a Swedish till become vouchers in Fortnox, each booked exactly once.

Amounts are whole öre. Dates are business days in Europe/Stockholm, moments are UTC. Problems are RFC 9457.
Any call may be answered with 500 `internal_error`, a problem as well: a mistake of ours.
"""

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


_AN_HOUR_S = 3600


class Health(BaseModel):
    """How the service is."""

    status: str = Field(description="`alive`, `ready` or `not ready`.")
    database: bool = Field(default=True, description="Whether it answers.")
    migrations: bool = Field(default=True, description="Whether all have been made.")
    queue: bool = Field(default=True, description="Whether it answers; without it nothing is lost.")


class _Api(FastAPI):
    """An app whose contract has examples."""

    def openapi(self) -> dict[str, Any]:
        """Write the contract, once."""
        if self.openapi_schema is None:
            complete(super().openapi())
        return super().openapi()


def create_app(service: Service) -> FastAPI:
    """Make the app around a service that was put together elsewhere."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(service):
            yield

    app = _Api(
        title="fortnox-sync",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,  # what a generated client calls its method
    )
    problems.install(app)
    app.add_middleware(bounded)
    app.add_middleware(_with_headers)
    _let_browsers_in(app, service.settings.backoffice_origins)
    _add_health(app, service)
    database, door, bell = service.database, service.door, service.bell
    intake_routes.add(app.router, service.inbox, service.verifier, database.clock)
    app.include_router(
        connection_routes.build(
            door, database, service.consents, service.link.tokens, service.settings.backoffice_return_urls
        )
    )
    for router in (
        *mapping_routes.build(door, database, bell, service.link),
        *export_routes.build(door, database, bell, service.link),
    ):
        app.include_router(router)
    app.include_router(fault_routes.build(door, database))
    app.include_router(event_stream.build(door, service.broadcast))
    return app


def _let_browsers_in(app: FastAPI, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call the API; tokens travel in a header, so no cookie is allowed."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID"),
            expose_headers=("Content-Disposition", "ETag", "Retry-After"),
            max_age=_AN_HOUR_S,
        )


def _with_headers(app: ASGIApp) -> ASGIApp:
    """Add headers to every answer; plain ASGI, for a middleware of Starlette's costs a task a request."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {name for name, _ in message["headers"]}
                message["headers"] += [header for header in _HEADERS if header[0] not in told]
            await send(message)

        await app(scope, receive, send_with_headers)

    return wrapped


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/healthz", tags=["operation"])
    async def alive() -> Health:
        """Say that the process answers."""
        return Health(status="alive")

    @app.get(
        "/readyz",
        tags=["operation"],
        response_model=Health,
        responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health, "description": "Not ready."}},
    )
    async def ready() -> JSONResponse:
        """Say whether database, migrations and queue are there."""
        health = await _health(service)
        status = HTTPStatus.OK if health.status == "ready" else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(health.model_dump(), status)

    @app.get("/metrics", tags=["operation"], response_class=Response)
    async def metrics() -> Response:
        """Give counters to Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _health(service: Service) -> Health:
    """Look at every part; the queue only rings, so its absence makes nothing unready."""
    try:
        async with service.database.read() as connection:
            await connection.execute(sa.select(1))
        migrated = await service.database.is_migrated()
    except (sa.exc.SQLAlchemyError, OSError):
        return Health(status="not ready", database=False, migrations=False)
    queue = await service.bell.is_up() if isinstance(service.bell, ArqBell) else True
    return Health(status="ready" if migrated else "not ready", migrations=migrated, queue=queue)
