"""A small world for journeys: the real service, a simulated Fortnox beside it, and one clock for both.

Time stands still until a test moves it, so fences and token lives take no real minutes. What can be done in
a world is in `tests.story`, what can happen on the wire to Fortnox in `tests.wire`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import cast

import httpx
from joserfc.jwk import ECKey, KeySet
from tests.seats import a_simulator, seated
from tests.standing import START, StandingClock, a_service
from tests.story import COMPANY, NUMBER, RETURN_URL, Json, World
from tests.wire import KilledError, Wire, is_booking

from fortnox_sync import bootstrap
from fortnox_sync.fortnox import http_clients
from fortnox_sync.runtime.identity import table as identity
from fortnox_sync.settings import Settings
from fortnox_sync.simulator.clock import Clock as FortnoxClock
from fortnox_sync.simulator.in_process import InProcess
from fortnox_sync.simulator.world import World as FortnoxWorld
from fortnox_sync.specimen import new_signing_key, specimen_settings

__all__ = [
    "API",
    "COMPANY",
    "FORTNOX",
    "NUMBER",
    "RETURN_URL",
    "START",
    "Json",
    "Kept",
    "KilledError",
    "StandingClock",
    "Wire",
    "World",
    "a_world",
    "found",
    "is_booking",
    "keep",
    "settings_for",
]

API = "http://api.test"
FORTNOX = "http://fortnox.test"


@dataclass(frozen=True)
class Kept:
    """A world as it stood once, to begin from again; its database is kept elsewhere."""

    settings: Settings
    key: ECKey
    fortnox: FortnoxWorld
    sent: int


async def keep(world: World) -> Kept:
    """Keep a world as it stands; no copy of its database is to take itself for a restored one."""
    async with world.service.database.write() as connection:
        await connection.execute(identity.delete())
    return Kept(world.service.settings, world.key, copy.deepcopy(world.fortnox.state.world), world.sent)


@asynccontextmanager
async def a_world(
    database_url: str, case: Json | None = None, kept: Kept | None = None
) -> AsyncIterator[World]:
    """Make a world with a Fortnox company that fits the case, or begin from one that was kept.

    The database is empty and migrated, or a copy of the kept world's.
    """
    inside = copy.deepcopy(kept.fortnox) if kept else _an_empty_fortnox()
    clock = cast(StandingClock, inside.clock.source)
    key = kept.key if kept else _signing_key()
    settings = settings_for(database_url, key) if kept is None else _moved(kept.settings, database_url)
    with a_simulator() as fortnox:
        fortnox.state.world = inside
        wire = Wire(InProcess(fortnox))
        service = a_service(settings, clock, http_clients(wire))
        with seated(service) as app:
            async with (
                bootstrap.running(service),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=API) as api,
                httpx.AsyncClient(transport=InProcess(fortnox), base_url=FORTNOX) as simulator,
            ):
                secret = settings.till_webhook_secrets[0].get_secret_value()
                world = World(
                    clock, service, key, secret, fortnox, api, simulator, wire, kept.sent if kept else 0
                )
                if kept is None:
                    await found(world, case)
                yield world
                await world.service.database.dispose()


def _an_empty_fortnox() -> FortnoxWorld:
    clock = StandingClock()
    return FortnoxWorld(1, FortnoxClock(clock), clock.sleep)


@cache
def _signing_key() -> ECKey:
    """Make the BackOffice's key once: nothing of a test stays in it."""
    return new_signing_key()


def _moved(settings: Settings, database_url: str) -> Settings:
    return settings.model_copy(update={"database_url": database_url})


def settings_for(database_url: str, key: ECKey) -> Settings:
    """Make the settings of a service whose Fortnox is the simulator beside it."""
    return specimen_settings(
        database_url=database_url,
        redis_url=None,
        # Two calls more for every voucher: the stories about papers ask for them, the others count without.
        attach_reports=False,
        public_url=API,
        fortnox_auth_url=f"{FORTNOX}/oauth-v1",
        fortnox_api_url=f"{FORTNOX}/3",
        backoffice_return_urls=(RETURN_URL,),
        jwt_jwks=json.dumps(KeySet([key]).as_dict(private=False)),
    )


async def found(world: World, case: Json | None) -> None:
    """Register the integration and found the company in the simulator."""
    settings = world.service.settings
    app = {
        "client_id": settings.fortnox_client_id,
        "client_secret": settings.fortnox_client_secret.get_secret_value(),
        "redirect_uris": [settings.redirect_uri],
        "scopes": [*settings.fortnox_scopes, "inbox", "connectfile"],
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
