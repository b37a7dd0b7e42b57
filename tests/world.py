"""A small world for journeys: the real service, a simulated Fortnox beside it, and one clock for both.

Time stands still until a test moves it, so fences and token lives take no real minutes. Everything enters by
the front door: signed webhooks, the JSON API, and a worker's sweep. A test may listen in on the wire to
Fortnox, tear it, or kill the worker at either end of it.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from standardwebhooks import Webhook

from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.bootstrap import Service
from fortnox_sync.connection.tables import lane
from fortnox_sync.export.sweep import sweep, worker_name
from fortnox_sync.fortnox import Throttle, Transports, http_clients
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.settings import Settings
from fortnox_sync.simulator import SimulatedFortnox
from fortnox_sync.simulator import create_app as create_simulator
from fortnox_sync.simulator.in_process import InProcess
from fortnox_sync.simulator.world import World as FortnoxWorld
from fortnox_sync.specimen import new_signing_key, specimen_settings

START = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)
COMPANY = "c_4711"
NUMBER = 4711
API = "http://api.test"
FORTNOX = "http://fortnox.test"
RETURN_URL = "https://backoffice.example/integrations"
Json = dict[str, Any]
# No story here needs as many turns in one sweep; a sweep that takes more goes round in circles.
MOST_TURNS = 60


@dataclass
class StandingClock:
    """A clock that moves only when it is told."""

    moment: datetime = START

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        """Move on by a span, as timedelta spells it."""
        self.moment += timedelta(**span)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, for whoever would sleep."""
        self.advance(seconds=seconds)


class KilledError(BaseException):
    """The worker's process is gone; nothing of it catches this, as nothing survives a kill -9."""


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """The wire to Fortnox: `before` sees each request leave, `after` each answer arrive."""

    inner: httpx.AsyncBaseTransport
    before: list[Callable[[httpx.Request], Awaitable[None]]] = field(default_factory=list)
    after: list[Callable[[httpx.Request], Awaitable[None]]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        for listen in tuple(self.before):
            await listen(request)
        answer = await self.inner.handle_async_request(request)
        for listen in tuple(self.after):
            await listen(request)
        return answer

    def once(self, ears: list[Callable[[httpx.Request], Awaitable[None]]], error: BaseException) -> None:
        """Let the next POST of a voucher end in an error, on its way there or back."""

        async def tear(request: httpx.Request) -> None:
            if is_booking(request):
                ears.remove(tear)
                raise error

        ears.append(tear)


def is_booking(request: httpx.Request) -> bool:
    """Tell whether a request asks Fortnox to book a voucher."""
    return (request.method, request.url.path) == ("POST", "/3/vouchers")


class _NotForever(asyncio.Event):
    """Stops a sweep after so many turns, so that one in circles fails instead of hanging."""

    left = MOST_TURNS

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


@dataclass
class World:
    """Everything a journey touches."""

    clock: StandingClock
    service: Service
    key: ECKey
    secret: str
    fortnox: SimulatedFortnox
    api: httpx.AsyncClient
    simulator: httpx.AsyncClient
    wire: Wire
    sent: int = 0
    company: str = COMPANY
    number: int = NUMBER
    scopes: str = "integration:read integration:write exports:write"
    told: dict[tuple[str, str], Json] = field(default_factory=dict)

    # The till

    async def send(self, delivery: Json, *, webhook_id: str | None = None) -> httpx.Response:
        """Send one delivery as the till does, signed."""
        answer = await self.send_bytes(json.dumps(delivery).encode(), webhook_id=webhook_id)
        if answer.is_success:
            for one in delivery["data"].get("transactions", ()):
                self.told.setdefault((delivery["data"]["company_id"], one["transaction_id"]), one)
        return answer

    async def send_bytes(
        self, body: bytes, *, webhook_id: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send any bytes with a good signature; headers given here win."""
        self.sent += 1
        given = webhook_id or f"msg_{self.sent}"
        signed = self.headers(body, given) | {k.replace("_", "-"): v for k, v in headers.items()}
        return await self.api.post("/v1/webhooks/till", content=body, headers=signed)

    def headers(self, body: bytes, webhook_id: str) -> dict[str, str]:
        """Sign a body by the Standard Webhooks library, as an independent till would."""
        # The library signs text; latin-1 and back keeps bytes that are no UTF-8 as they are.
        now = self.clock.now()
        try:
            signature = Webhook(self.secret).sign(webhook_id, now, body.decode())
        except UnicodeDecodeError:
            signature = _sign_bytes(self.secret, webhook_id, now, body)
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        }

    # The BackOffice

    def token(self, **claims: Any) -> str:
        """Sign a token for the shop owner; claims given here win, None takes one away."""
        now = int(time.time())
        said = {
            "iss": self.service.settings.jwt_issuer,
            "aud": self.service.settings.jwt_audience,
            "sub": "owner",
            "company_ids": [self.company],
            "scope": self.scopes,
            "iat": now,
            "exp": now + 600,
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, kept, self.key)

    async def call(self, method: str, path: str, body: Any = None, **claims: Any) -> httpx.Response:
        """Call the JSON API for the company."""
        return await self.api.request(
            method,
            f"/v1/companies/{self.company}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token(**claims)}"},
        )

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """Call the JSON API and expect it to say yes."""
        answer = await self.call(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def connect(self) -> httpx.Response:
        """Activate and consent, as a person would in a browser; return how the browser came back."""
        begun = await self.ok(
            "POST", "/integration/activate", {"purpose": "bookkeeping", "return_url": RETURN_URL}
        )
        form = {
            "email": "anna@example.test",
            "password": "fortnox",
            "company": str(self.number),
            "decision": "approve",
        }
        consented = await self.simulator.post(begun["authorization_url"], data=form)
        return await self.api.get(consented.headers["location"])

    async def set_up(self, case: Json, *, start_on: str | None = None, series: str = "F") -> None:
        """Connect and choose everything a case needs."""
        await self.connect()
        days = [t["business_date"] for d in case["deliveries"] for t in d["data"].get("transactions", ())] + [
            d["data"]["business_date"] for d in case["deliveries"] if "business_date" in d["data"]
        ]
        settings = {"start_on": start_on or min(days), "voucher_series": series}
        await self.ok("PATCH", "/integration/settings", settings)
        await self.ok("PUT", "/mappings", {"mappings": case["mapping"]})
        for cost_center_id, code in case["cost_centers"].items():
            await self.ok("PUT", f"/cost-centers/{cost_center_id}", {"code": code})
        await self.ok("PATCH", "/integration/settings", {"setup_completed": True})

    async def play(self, case: Json) -> None:
        """Send all deliveries of a case and let the worker work."""
        for delivery in case["deliveries"]:
            answer = await self.send(delivery)
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        await self.work()

    # The worker

    async def work(self) -> int:
        """Sweep once: every lane that is due now is served, in a number of turns that ends."""
        turns = await sweep(self.service.database, self.service.counter, worker_name(), _NotForever())
        assert turns < MOST_TURNS, "the sweep goes round in circles"
        return turns

    async def restart(self) -> None:
        """Let another process take over: nothing is left of the old one but what it wrote down."""
        await self.service.database.dispose()
        self.clock.advance(seconds=91)  # its lease
        service = _build(self.service.settings, self.clock, self.service.transports)
        self.service = service

    async def work_for(self, **span: float) -> None:
        """Let time pass, with a sweep whenever a lane falls due."""
        until = self.clock.now() + timedelta(**span)
        await self.work()
        while (due := await self._next_due_at()) is not None and due <= until:
            self.clock.moment = max(due, self.clock.now())
            await self.work()
        self.clock.moment = until
        await self.work()

    async def _next_due_at(self) -> datetime | None:
        """Return when a lane is next due, or its lease over."""
        async with self.service.database.read() as connection:
            lanes = (await connection.execute(sa.select(lane))).all()
        over = [one.lease_until + timedelta(milliseconds=1) for one in lanes if one.owner]
        return min([*over, *(one.next_due_at for one in lanes if one.next_due_at)], default=None)

    # Fortnox, as a person or an operator sees it

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the simulator's control API for the company."""
        answer = await self.simulator.request(method, f"/_simulator/companies/{self.number}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def switch(self, name: str, **more: Any) -> None:
        """Make something go wrong in Fortnox."""
        await self.control("POST", "/switches", {"switch": name, **more})

    async def booked(self) -> list[Json]:
        """Return every voucher as it truly stands in Fortnox."""
        vouchers: list[Json] = await self.control("GET", "/vouchers")
        return vouchers

    async def posts(self) -> list[Json]:
        """Return every POST of a voucher that Fortnox saw."""
        seen = (await self.simulator.get("/_simulator/requests")).json()
        return [one for one in seen if one["method"] == "POST" and one["path"] == "/3/vouchers"]

    # What the service says

    async def integration(self) -> Json:
        """Return the first screen."""
        shown: Json = await self.ok("GET", "/integration")
        return shown

    async def faults(self) -> list[str]:
        """Return the codes of the open faults."""
        return [one["fault"]["code"] for one in (await self.ok("GET", "/faults"))["faults"]]

    async def vouchers(self) -> list[Json]:
        """Return the vouchers as the API shows them."""
        listed: list[Json] = (await self.ok("GET", "/vouchers?limit=500"))["vouchers"]
        return listed


def _sign_bytes(secret: str, webhook_id: str, at: datetime, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


@dataclass(frozen=True)
class Kept:
    """A world as it stood once, to begin from again; its database is kept elsewhere."""

    settings: Settings
    key: ECKey
    fortnox: FortnoxWorld
    sent: int


def keep(world: World) -> Kept:
    """Keep a world as it stands."""
    return Kept(world.service.settings, world.key, copy.deepcopy(world.fortnox.state.world), world.sent)


@asynccontextmanager
async def a_world(
    database_url: str, case: Json | None = None, kept: Kept | None = None
) -> AsyncIterator[World]:
    """Make a world with a Fortnox company that fits the case, or begin from one that was kept.

    The database is empty and migrated, or a copy of the kept world's.
    """
    clock = StandingClock()
    fortnox = create_simulator(seed=1, clock=clock, sleep=clock.sleep)
    if kept is not None:
        fortnox.state.world = copy.deepcopy(kept.fortnox)
        clock = fortnox.state.world.clock.source
    wire = Wire(InProcess(fortnox))
    key = kept.key if kept else new_signing_key()
    settings = _settings(database_url, key) if kept is None else _moved(kept.settings, database_url)
    service = _build(settings, clock, http_clients(wire))
    app = create_app(service)
    async with (
        bootstrap.running(service),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=API) as api,
        httpx.AsyncClient(transport=InProcess(fortnox), base_url=FORTNOX) as simulator,
    ):
        secret = settings.till_webhook_secrets[0].get_secret_value()
        world = World(clock, service, key, secret, fortnox, api, simulator, wire, kept.sent if kept else 0)
        if kept is None:
            await found(world, case)
        yield world
        await world.service.database.dispose()


def _moved(settings: Settings, database_url: str) -> Settings:
    return settings.model_copy(update={"database_url": database_url})


def _settings(database_url: str, key: ECKey) -> Settings:
    return specimen_settings(
        database_url=database_url,
        redis_url=None,
        public_url=API,
        fortnox_auth_url=f"{FORTNOX}/oauth-v1",
        fortnox_api_url=f"{FORTNOX}/3",
        backoffice_return_urls=(RETURN_URL,),
        jwt_jwks=json.dumps(KeySet([key]).as_dict(private=False)),
    )


def _build(settings: Settings, clock: StandingClock, transports: Transports) -> Service:
    return bootstrap.build(
        settings,
        LocalBell(),
        clock=clock,
        transports=transports,
        new_turns=lambda _: Throttle(
            1_000_000, reserve=0, clock=lambda: clock.now().timestamp(), sleep=clock.sleep
        ),
    )


async def found(world: World, case: Json | None) -> None:
    """Register the integration and found the company in the simulator."""
    settings = world.service.settings
    app = {
        "client_id": settings.fortnox_client_id,
        "client_secret": settings.fortnox_client_secret.get_secret_value(),
        "redirect_uris": [settings.redirect_uri],
        "scopes": list(settings.fortnox_scopes),
    }
    (await world.simulator.post("/_simulator/apps", json=app)).raise_for_status()
    codes = (case or {}).get("cost_centers", {})
    company = {
        "name": "Krogen & Disken AB",
        "organisation_number": "556677-8899",
        "database_number": world.number,
        "financial_years": [
            {"from_on": f"{year}-01-01", "to_on": f"{year}-12-31"} for year in range(2025, 2030)
        ],
        "cost_centers": [{"code": code, "description": name} for name, code in codes.items()],
    }
    (await world.simulator.post("/_simulator/companies", json=company)).raise_for_status()
    await world.control("PATCH", "/conditions", {"rate_limit": 0})
