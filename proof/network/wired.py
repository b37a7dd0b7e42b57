"""A little shop on real sockets: its service reaches Fortnox, and its till the service, through a proxy each.

Time stands still as in every other world, so fences take no real hours; only the deadlines of calls are real,
and short.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import uvicorn
from tests.seats import a_simulator, seated
from tests.standing import StandingClock, a_service
from tests.story import World
from tests.wire import Wire
from tests.world import FORTNOX, Kept

from fortnox_sync import bootstrap
from fortnox_sync.fortnox import http_clients
from fortnox_sync.simulator.in_process import InProcess
from fortnox_sync.web.server import Server
from proof.network.proxy import HOST, Proxy

DEADLINE_S = 0.5
TO_FORTNOX = "POST /3/vouchers"
TO_THE_DOOR = "POST /v1/webhooks/till"


@dataclass(frozen=True, slots=True)
class Wired:
    """A world, the proxies on its wires, and the port where its service itself listens."""

    world: World
    fortnox: Proxy
    door: Proxy
    port: int


@asynccontextmanager
async def wired(database_url: str, kept: Kept) -> AsyncIterator[Wired]:
    """Begin from a shop that was kept; the simulator and the service are served by uvicorn."""
    inside = copy.deepcopy(kept.fortnox)
    clock = cast("StandingClock", inside.clock.source)
    with a_simulator() as fortnox:
        fortnox.state.world = inside
        async with (
            _served(uvicorn.Server(_of(fortnox))) as there,
            Proxy(there, TO_FORTNOX) as to_fortnox,
        ):
            settings = kept.settings.model_copy(
                update={
                    "database_url": database_url,
                    "fortnox_api_url": f"http://{HOST}:{to_fortnox.port}/3",
                    "fortnox_auth_url": f"http://{HOST}:{to_fortnox.port}/oauth-v1",
                    "fortnox_post_deadline_s": DEADLINE_S,
                }
            )
            service = a_service(settings, clock, http_clients())
            with seated(service) as app:
                async with (
                    bootstrap.running(service),
                    _served(Server(_of(app), service.broadcast.close)) as here,
                    Proxy(here, TO_THE_DOOR) as to_the_door,
                    _a_client(f"http://{HOST}:{to_the_door.port}") as api,
                    httpx.AsyncClient(transport=InProcess(fortnox), base_url=FORTNOX) as simulator,
                ):
                    secret = settings.till_webhook_secrets[0].get_secret_value()
                    unused = Wire(InProcess(fortnox))
                    world = World(
                        clock, service, kept.key, secret, fortnox, api, simulator, unused, kept.sent
                    )
                    yield Wired(world, to_fortnox, to_the_door, here)


def _a_client(url: str) -> httpx.AsyncClient:
    """Call as a till does: every call on a connection of its own, and not for ever."""
    once = httpx.Limits(max_keepalive_connections=0)
    headers = {"connection": "close"}
    return httpx.AsyncClient(base_url=url, limits=once, headers=headers, timeout=10.0, trust_env=False)


def _of(app: Any) -> uvicorn.Config:  # noqa: ANN401 - any ASGI app
    return uvicorn.Config(app, port=0, log_level="critical", lifespan="off", access_log=False)


@asynccontextmanager
async def _served(server: uvicorn.Server) -> AsyncIterator[int]:
    """Serve on a port that is free."""
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - serve() would take our signals
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag alone
        await asyncio.sleep(0)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving
