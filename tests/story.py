"""What happens in a world: the till sends, people click, the worker works, Fortnox answers.

Everything enters by the front door: signed webhooks, the JSON API, and a worker's sweep.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import ECKey
from standardwebhooks import Webhook
from tests.standing import StandingClock, a_service
from tests.wire import Wire

from fortnox_sync.bootstrap import Service
from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.tables import lane
from fortnox_sync.export.memory import Memory
from fortnox_sync.export.sweep import sweep, worker_name
from fortnox_sync.export.turn import Counter
from fortnox_sync.simulator import SimulatedFortnox

COMPANY = "c_4711"
NUMBER = 4711
RETURN_URL = "https://backoffice.example/integrations"
Json = dict[str, Any]
# No story here needs as many turns in one sweep; a sweep that takes more goes round in circles.
MOST_TURNS = 60


class NotForever(asyncio.Event):
    """Stops a sweep after so many turns, so that one in circles fails instead of hanging."""

    def __init__(self, counter: Counter, most: int = MOST_TURNS) -> None:
        super().__init__()
        self.counter, self.left = counter, most

    @property
    def memory(self) -> Memory:
        return self.counter.memory

    async def serve(self, lease: Lease, _: asyncio.Event) -> None:
        self.left -= 1
        if not self.left:
            self.set()
        await self.counter.serve(lease)


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
    # When the database was last restored: it knows nothing of what was sent before.
    restored_at: datetime | None = None

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

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **claims: Any
    ) -> httpx.Response:
        """Call the JSON API for the company, with an idempotency key if one is given."""
        headers = {"Authorization": f"Bearer {self.token(**claims)}"}
        return await self.api.request(
            method,
            f"/v1/companies/{self.company}{path}",
            json=body,
            headers=headers | ({"Idempotency-Key": key} if key else {}),
        )

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """Call the JSON API and expect it to say yes."""
        answer = await self.call(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def connect(self) -> httpx.Response:
        """Activate and consent, as a person would in a browser; return how the browser came back."""
        return await self._consent("activate", purpose="bookkeeping")

    async def reauthorise(self) -> httpx.Response:
        """Consent anew, as the button on the banner has it."""
        return await self._consent("reauthorize")

    async def _consent(self, by: str, **more: str) -> httpx.Response:
        begun = await self.ok("POST", f"/integration/{by}", {"return_url": RETURN_URL} | more)
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
        counted = NotForever(self.service.counter)
        turns = await sweep(self.service.database, cast(Counter, counted), worker_name(), counted)
        assert turns < MOST_TURNS, "the sweep goes round in circles"
        return turns

    async def restart(self) -> None:
        """Let another process take over: nothing is left of the old one but what it wrote down."""
        await self.service.database.dispose()
        self.clock.advance(seconds=91)  # its lease
        self.service = a_service(self.service.settings, self.clock, self.service.transports)

    async def work_for(self, **span: float) -> None:
        """Let time pass, with a sweep whenever a lane falls due."""
        until = self.clock.now() + timedelta(**span)
        await self.work()
        while (due := await self._next_due_at()) is not None and due <= until:
            self.clock.moment = max(due, self.clock.now())
            if not await self.work():
                break  # a lane that nobody serves: its company is deactivated
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
