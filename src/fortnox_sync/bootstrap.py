"""The one place where the parts are put together: settings in, a service out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import assert_never

from fortnox_sync.connection.consent import Consents
from fortnox_sync.connection.grants import Grants
from fortnox_sync.connection.link import PEOPLES_SHARE, WHOLE_RATE, Link
from fortnox_sync.connection.tokens import Tokens
from fortnox_sync.connection.turns import PeoplesTurns
from fortnox_sync.export.desk import Patience
from fortnox_sync.export.memory import Memory
from fortnox_sync.export.sweep import sweep, worker_name
from fortnox_sync.export.turn import Counter
from fortnox_sync.fortnox import OAuthClient, Throttle, Transports, Turns, http_clients
from fortnox_sync.intake.inbox import Inbox
from fortnox_sync.intake.signature import Verifier
from fortnox_sync.runtime.bell import ArqBell, Bell, LocalBell
from fortnox_sync.runtime.broadcast import Broadcast
from fortnox_sync.runtime.clock import Clock
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.vault import Vault
from fortnox_sync.settings import Settings
from fortnox_sync.web.auth import Authenticator, KeyRing
from fortnox_sync.web.door import Door
from fortnox_sync.web.pace import CallPace

_LAST_LOOK_S = 5.0


class Process(StrEnum):
    """What a process does; the rate Fortnox allows a company is shared out between them."""

    API = "api"
    WORKER = "worker"
    BOTH = "both"


def _turns(process: Process, database: Database, company_id: str) -> Turns:
    """Share out the rate: one worker serves a lane at a time, screens may be served by many processes."""
    match process:
        case Process.API:
            return PeoplesTurns(database, company_id, PEOPLES_SHARE)
        case Process.WORKER:
            return Throttle(WHOLE_RATE - PEOPLES_SHARE, reserve=0)
        case Process.BOTH:
            return Throttle(WHOLE_RATE, reserve=PEOPLES_SHARE)
        case _:
            assert_never(process)


@dataclass(frozen=True, slots=True)
class Service:
    """Every part, built once and handed to who needs it."""

    settings: Settings
    database: Database
    bell: Bell
    broadcast: Broadcast
    transports: Transports
    link: Link
    consents: Consents
    inbox: Inbox
    verifier: Verifier
    door: Door
    counter: Counter

    async def sweep(self, stopping: asyncio.Event | None = None) -> int:
        """Serve every lane that is due; return how many turns were taken."""
        return await sweep(self.database, self.counter, worker_name(), stopping)


def vault_of(settings: Settings) -> Vault:
    """Return what seals and opens tokens."""
    return Vault({key_id: key.get_secret_value() for key_id, key in settings.vault_keys.items()})


def build(
    settings: Settings,
    bell: Bell,
    *,
    clock: Clock | None = None,
    transports: Transports | None = None,
    process: Process = Process.BOTH,
    new_turns: Callable[[str], Turns] | None = None,
) -> Service:
    """Put the service together for a process; nothing is opened yet."""
    database = Database(settings.database_url, clock)
    vault = vault_of(settings)
    ways = transports or http_clients()
    oauth = OAuthClient(
        settings.fortnox_auth_url,
        settings.fortnox_client_id,
        settings.fortnox_client_secret.get_secret_value(),
        ways.writes,
    )
    tokens = Tokens(Grants(database, vault), oauth)
    deadline = settings.fortnox_post_deadline_s
    link = Link(
        settings.fortnox_api_url,
        ways,
        tokens,
        deadline=deadline,
        new_turns=new_turns or partial(_turns, process, database),
        clock=time.monotonic if clock is None else lambda: clock.now().timestamp(),
    )
    return Service(
        settings=settings,
        database=database,
        bell=bell,
        broadcast=Broadcast(database),
        transports=ways,
        link=link,
        consents=_consents(settings, database, oauth, tokens, link),
        inbox=Inbox(database, bell),
        verifier=Verifier.of([secret.get_secret_value() for secret in settings.till_webhook_secrets]),
        door=Door(_authenticator(settings), CallPace(settings.api_calls_per_minute)),
        counter=_counter(settings, database, link),
    )


def _counter(settings: Settings, database: Database, link: Link) -> Counter:
    patience = _patience(settings)
    return Counter(
        database, link, patience, Memory(database, patience.settle), attaches=settings.attach_reports
    )


def _consents(
    settings: Settings, database: Database, oauth: OAuthClient, tokens: Tokens, link: Link
) -> Consents:
    return Consents(
        database,
        oauth,
        tokens,
        link,
        auth_url=settings.fortnox_auth_url,
        client_id=settings.fortnox_client_id,
        redirect_uri=settings.redirect_uri,
        scopes=settings.asked_scopes,
    )


def _authenticator(settings: Settings) -> Authenticator:
    return Authenticator(
        KeyRing(settings.jwt_jwks), settings.jwt_issuer, settings.jwt_audience, settings.jwt_algorithms
    )


def _patience(settings: Settings) -> Patience:
    return Patience(
        settle=timedelta(seconds=settings.fortnox_settle_s),
        post_deadline=timedelta(seconds=settings.fortnox_post_deadline_s),
    )


def bell_of(settings: Settings) -> Bell:
    """Choose the bell: Redis where there is one; without it workers find work by sweeping."""
    return ArqBell(settings.redis_url) if settings.redis_url else LocalBell()


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    """Take deliveries and hand on events as long as the block lasts; let every connection go at the end."""
    taking = asyncio.create_task(service.inbox.run())
    following = asyncio.create_task(service.broadcast.run())
    try:
        yield service
    finally:
        service.broadcast.close()
        await asyncio.wait([following], timeout=_LAST_LOOK_S)
        for task in (taking, following):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await service.transports.aclose()
        await service.database.dispose()
        if isinstance(service.bell, ArqBell):
            await service.bell.close()
