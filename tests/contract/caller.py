"""Sends what was drawn from the contract to the running service, and takes one bite of an endless answer."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import requests
import schemathesis
from schemathesis import Case
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.world import API, RETURN_URL, World

from fortnox_sync.app import create_app

Json = dict[str, Any]
_SENT = ("method", "url", "headers", "params", "data", "json", "cookies", "files")


def one_bite(app: ASGIApp) -> ASGIApp:
    """Hang up on a stream when its first bytes are there, as a reader that has enough."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        is_stream = has_enough = False

        async def bite(message: Message) -> None:
            nonlocal is_stream, has_enough
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                is_stream = kind.startswith(b"text/event-stream")
            elif is_stream:
                if has_enough:
                    return
                has_enough = True
                message = {**message, "more_body": False}
            await send(message)

        async def hang_up() -> Message:
            return {"type": "http.disconnect"} if has_enough else await receive()

        await app(scope, hang_up, bite)

    return wrapped


def open_door(world: World) -> httpx.AsyncClient:
    """Open a door to the service of a world; a mistake of the app's is answered, not raised."""
    app = one_bite(create_app(world.service))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=API)


def prepared(case: Case) -> requests.PreparedRequest:
    """Write down the request that was drawn, without the token that was drawn with it."""
    told = case.as_transport_kwargs(base_url=API)
    request = requests.Request(**{name: told[name] for name in _SENT if name in told}).prepare()
    request.headers.pop("Authorization", None)
    return request


async def call(door: httpx.AsyncClient, case: Case, headers: dict[str, str]) -> httpx.Response:
    """Make a call as it was drawn, with headers of our own."""
    request = prepared(case)
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return await door.request(
        request.method or "", request.url or "", headers={**request.headers, **headers}, content=body
    )


def contract_with(contract: Json, ids: dict[str, list[Any]]) -> OpenApiSchema:
    """Load the contract with ids that exist and addresses to go back to; tokens are the tests' own."""
    told = copy.deepcopy(contract)
    for operation in (one for calls in told["paths"].values() for one in calls.values()):
        operation.pop("security", None)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"] in ids:
                _narrow(parameter, ids[parameter["name"]])
    for consent in ("ActivateIn", "ReauthorizeIn"):
        told["components"]["schemas"][consent]["properties"]["return_url"] = {"enum": [RETURN_URL]}
    loaded = schemathesis.openapi.from_dict(told)
    assert isinstance(loaded, OpenApiSchema)
    return loaded


def _narrow(parameter: Json, existing: list[Any]) -> None:
    known = {"enum": existing}
    is_company = parameter["name"] == "company_id"
    parameter["schema"] = known if is_company else {"anyOf": [known, parameter["schema"]]}
