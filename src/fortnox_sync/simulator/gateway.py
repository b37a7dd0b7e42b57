"""What stands before the API: reads each request whole, keeps ledger, rate window and wire faults."""

import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fortnox_sync.simulator import amounts, refusals
from fortnox_sync.simulator.delivery import Answer, Connection, Cut, Lost, Trickled, deliver
from fortnox_sync.simulator.request_ledger import SeenRequest, voucher_comments
from fortnox_sync.simulator.switches import SwitchForm
from fortnox_sync.simulator.tokens import AccessToken
from fortnox_sync.simulator.world import Exchange, World

JSON = "application/json"
_FORTNOX_PATHS = ("/3/", "/oauth-v1/")
_BEARER = re.compile(r"Bearer (\S+)")


def answer_json(status: int, content: object, **headers: str) -> Answer:
    """Make an answer outside the API's own routes."""
    named = {"content-type": JSON, **headers}
    return Answer(
        status, tuple((n.encode(), v.encode()) for n, v in named.items()), amounts.write_json(content)
    )


def failure(form: SwitchForm) -> Answer:
    """Make the answer of a server that broke down; no source shows a real one."""
    if form.body == "html":
        page = f"<html><head><title>{form.status}</title></head><body><h1>Driftstopp</h1></body></html>"
        return Answer(form.status, ((b"content-type", b"text/html; charset=UTF-8"),), page.encode())
    if form.body == "empty":
        return Answer(form.status, (), b"")
    broken = refusals.RefusedError(1000003, "System exception", form.status)
    return answer_json(form.status, refusals.error_body(broken, "lower", code_as_text=False))


class Gateway:
    """The door of both Fortnox hosts; the control API and the pages pass through it unhindered."""

    def __init__(self, inner: ASGIApp, world: Callable[[], World]) -> None:
        self._inner = inner
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        body = await _read_body(receive)
        if body is not None:
            await self._take(scope, body, Connection(receive, send))

    async def _take(self, scope: Scope, body: bytes, connection: Connection) -> None:
        world = self._world()
        world.settle()
        exchange = Exchange(_describe(world, scope, body))
        scope.setdefault("state", {})["exchange"] = exchange
        is_fortnox = scope["path"].startswith(_FORTNOX_PATHS)
        if is_fortnox:
            world.requests.append(exchange.seen)
        answer = await (self._answer if is_fortnox else self._ask)(scope, body, exchange)
        exchange.seen.status = None if isinstance(exchange.delivery, Lost) else answer.status
        exchange.seen.delivered = type(exchange.delivery).__name__.lower()
        await deliver(exchange.delivery, _sign(answer, world, exchange), connection, world.sleep)

    async def _answer(self, scope: Scope, body: bytes, exchange: Exchange) -> Answer:
        world, seen = self._world(), exchange.seen
        if not _admitted(world, seen):
            return _too_many(world, seen)
        form = world.switches.take(seen.tenant, f"{seen.method} {seen.path}", booking=False)
        if form is None:
            return await self._ask(scope, body, exchange)
        seen.switch = form.switch
        return await self._misbehave(form, scope, body, exchange)

    async def _misbehave(self, form: SwitchForm, scope: Scope, body: bytes, exchange: Exchange) -> Answer:
        world = self._world()
        match form.switch:
            case "throttle":
                return _too_many(world, exchange.seen)
            case "unauthorised":
                return answer_json(HTTPStatus.UNAUTHORIZED, {"message": "unauthorized"})
            case "refuse":
                refused = refusals.RefusedError(form.code, form.message, form.status)
                return answer_json(
                    form.status, refusals.error_body(refused, "documented", code_as_text=False)
                )
            case "fail":
                return failure(form)
            case "drop_request":
                exchange.delivery = Lost(form.how)
                return Answer(HTTPStatus.NO_CONTENT, (), b"")
            case "delay":
                await world.sleep(form.after_seconds)
        answer = await self._ask(scope, body, exchange)
        return _spoil(form, answer, exchange)

    async def _ask(self, scope: Scope, body: bytes, _exchange: Exchange) -> Answer:
        """Let the application answer, and hold the answer back until it is complete."""
        head: Message = {"status": HTTPStatus.INTERNAL_SERVER_ERROR, "headers": []}
        parts: list[bytes] = []
        request: list[Message] = [
            {"type": "http.disconnect"},
            {"type": "http.request", "body": body, "more_body": False},
        ]

        async def receive() -> Message:
            return request.pop() if len(request) > 1 else request[0]

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._inner(scope, receive, send)
        return Answer(head["status"], tuple(head["headers"]), b"".join(parts))


def _spoil(form: SwitchForm, answer: Answer, exchange: Exchange) -> Answer:
    match form.switch:
        case "fail_after":
            return failure(form)
        case "lose_answer":
            exchange.delivery = Lost(form.how)
        case "cut_answer":
            exchange.delivery = Cut(form.after_bytes)
        case "trickle":
            exchange.delivery = Trickled(form.step_bytes, form.every_seconds)
    return answer


def _admitted(world: World, seen: SeenRequest) -> bool:
    if seen.tenant is None or seen.client_id is None or not seen.path.startswith("/3/"):
        return True
    limit = world.companies[seen.tenant].conditions.rate_limit
    return world.window.admit(seen.client_id, seen.tenant, seen.at, limit)


def _too_many(world: World, seen: SeenRequest) -> Answer:
    # The body and headers of a 429 are documented nowhere.
    company = world.companies.get(seen.tenant) if seen.tenant is not None else None
    headers = {"retry-after": "5"} if company and company.conditions.retry_after else {}
    return answer_json(HTTPStatus.TOO_MANY_REQUESTS, {"message": "too many requests"}, **headers)


def _sign(answer: Answer, world: World, exchange: Exchange) -> Answer:
    """Add what every answer carries, and a length that a cut answer will betray."""
    own = {b"content-length", b"date", b"server", b"x-uid"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in own]
    added = {
        "server": "Fortnox",
        "date": world.clock.http_date(),
        "x-uid": exchange.seen.uid,
        "content-length": str(len(answer.body)),
    }
    return replace(
        answer, headers=(*kept, *((name.encode(), value.encode()) for name, value in added.items()))
    )


def _describe(world: World, scope: Scope, body: bytes) -> SeenRequest:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    method, path = scope["method"], scope["path"]
    token = bearer(world, headers.get("authorization", ""))
    tenant = token.consent.tenant if token else None
    if path == "/oauth-v1/token":
        tenant = _token_tenant(world, headers, body)
    return SeenRequest(
        uid=world.request_ids.word(8).lower(),
        at=world.clock.now(),
        method=method,
        path=path,
        query=scope["query_string"].decode("latin-1"),
        tenant=tenant if tenant in world.companies else None,
        client_id=token.consent.client_id if token else None,
        comments=voucher_comments(body) if (method, path) == ("POST", "/3/vouchers") else None,
    )


def bearer(world: World, authorization: str) -> AccessToken | None:
    """Find the living access token behind an Authorization header."""
    match = _BEARER.fullmatch(authorization)
    return world.tokens.access(match[1]) if match else None


def _token_tenant(world: World, headers: dict[str, str], body: bytes) -> int | None:
    named = headers.get("tenantid", "")
    if named.isdecimal():
        return int(named)
    form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
    return world.tokens.tenant_of(code=form.get("code", ""), refresh_token=form.get("refresh_token", ""))


async def _read_body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
