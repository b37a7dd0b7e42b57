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
from tests.world import API, World

from fortnox_sync.app import create_app

Json = dict[str, Any]


def one_bite(app: ASGIApp) -> ASGIApp:
    """Hang up on a stream when its first bytes are there, as a reader that has enough."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        is_stream = has_enough = False

        async def bite(message: Message) -> None:
            nonlocal is_stream, has_enough
            if message["type"] == "http.response.start":
                is_stream = (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]
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


async def call(door: httpx.AsyncClient, case: Case, token: str | None) -> httpx.Response:
    """Make a call as it was drawn, with a token of our choice."""
    told = case.as_transport_kwargs(base_url=API)
    known = ("method", "url", "headers", "params", "data", "json", "cookies", "files")
    prepared = requests.Request(**{name: told[name] for name in known if name in told}).prepare()
    headers = {**prepared.headers}
    headers.pop("Authorization", None)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    return await door.request(prepared.method or "", prepared.url or "", headers=headers, content=body)


def contract_with(contract: Json, ids: dict[str, list[Any]]) -> OpenApiSchema:
    """Load the contract so that an id in a path is often one that exists."""
    told = copy.deepcopy(contract)
    for calls in told["paths"].values():
        for operation in calls.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] in ids:
                    existing = {"enum": ids[parameter["name"]]}
                    is_company = parameter["name"] == "company_id"
                    parameter["schema"] = (
                        existing if is_company else {"anyOf": [existing, parameter["schema"]]}
                    )
    loaded = schemathesis.openapi.from_dict(told)
    assert isinstance(loaded, OpenApiSchema)
    return loaded
