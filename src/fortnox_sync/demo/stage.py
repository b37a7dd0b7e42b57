"""The stage: the simulated Fortnox, the API and a worker, all in this process, each on its own port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey, KeySet

from fortnox_sync import bootstrap, worker
from fortnox_sync.app import create_app
from fortnox_sync.bootstrap import Service
from fortnox_sync.runtime.bell import ArqBell
from fortnox_sync.runtime.database import migrate
from fortnox_sync.runtime.queue_server import find_queue_server, queue_server
from fortnox_sync.settings import Settings
from fortnox_sync.simulator import create_app as create_simulator
from fortnox_sync.specimen import new_signing_key, specimen_settings
from fortnox_sync.web.server import Server

_HOST = "127.0.0.1"
_RETURN_URL = "https://backoffice.example/integrations"


class StageError(Exception):
    """The demonstration can't be set up here; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is once it runs."""

    settings: Settings
    signing_key: ECKey
    api_url: str
    simulator_url: str
    queue: str
    is_own_database: bool


@asynccontextmanager
async def staged(port: int | None) -> AsyncIterator[Stage]:
    """Run everything as long as the block lasts; `port` None takes any that are free."""
    async with AsyncExitStack() as stack:
        api, simulator = (stack.enter_context(one) for one in _ports(port))
        queue_url, queue = await _queue(stack)
        key = new_signing_key()
        own_database = "DATABASE_URL" not in os.environ
        settings = _settings(api, simulator, queue_url, key, stack)
        await _migrate(settings.database_url)
        await stack.enter_async_context(_serving(create_simulator(), simulator))
        await stack.enter_async_context(_service(settings, api))
        yield Stage(settings, key, _url(api), _url(simulator), queue, own_database)


def _ports(port: int | None) -> tuple[socket.socket, socket.socket]:
    wanted = (0, 0) if port is None else (port, port + 1)
    api = _bound(wanted[0])
    try:
        return api, _bound(wanted[1])
    except StageError:
        api.close()
        raise


def _bound(port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((_HOST, port))
    except (OSError, OverflowError) as error:
        taken.close()
        why = getattr(error, "strerror", None) or str(error)
        raise StageError(
            f"Port {port} can't be used: {why}. Give another with --port, or stop what uses it."
        ) from None
    return taken


async def _queue(stack: AsyncExitStack) -> tuple[str | None, str]:
    """Find a queue: the one named, else one of our own, else a bell within this process."""
    if url := os.environ.get("REDIS_URL"):
        return url, "the Redis named in REDIS_URL"
    server = find_queue_server()
    if server is None:
        return None, "a bell within this process: there is no Valkey or Redis for this machine"
    try:
        return await stack.enter_async_context(queue_server(server)), f"an embedded {server.name}"
    except (OSError, TimeoutError):
        return None, f"a bell within this process: {server.name} did not start"


def _settings(
    api: socket.socket, simulator: socket.socket, redis_url: str | None, key: ECKey, stack: AsyncExitStack
) -> Settings:
    given: dict[str, object] = {
        "redis_url": redis_url,
        "public_url": _url(api),
        "backoffice_return_urls": (_RETURN_URL,),
        "fortnox_auth_url": f"{_url(simulator)}/oauth-v1",
        "fortnox_api_url": f"{_url(simulator)}/3",
        "jwt_jwks": json.dumps(KeySet([key]).as_dict(private=False)),
        "log_level": "ERROR",
        "log_format": "console",
    }
    if "DATABASE_URL" not in os.environ:
        given["database_url"] = f"sqlite+aiosqlite:///{_folder(stack) / 'demo.db'}"
    return specimen_settings(**given)


def _folder(stack: AsyncExitStack) -> Path:
    try:
        made = tempfile.TemporaryDirectory(prefix="fortnox-sync-", ignore_cleanup_errors=True)
    except OSError as error:
        raise StageError(
            f"There is nowhere to write: {error.strerror}. Point TMPDIR to a folder that can be written to."
        ) from None
    return Path(stack.enter_context(made))


async def _migrate(url: str) -> None:
    """Bring the tables up, away from this loop: migrations run a loop of their own."""
    try:
        await asyncio.to_thread(migrate, url)
    except Exception as error:  # noqa: BLE001 - drivers raise what they like; people get one sentence
        first_line = (str(error).splitlines() or [""])[0]
        raise StageError(f"The database can't be used: {type(error).__name__}: {first_line}") from None


def _no_streams() -> None:
    """End nothing: the simulator has no streams."""


@asynccontextmanager
async def _serving(
    app: FastAPI, listening: socket.socket, end_streams: Callable[[], None] = _no_streams
) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app, log_level="error", lifespan="on", server_header=False, date_header=False, access_log=False
    )
    server = Server(config, end_streams)
    task = asyncio.create_task(server._serve(sockets=[listening]))  # noqa: SLF001 - serve() would take our signals
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn tells only by a flag
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _service(settings: Settings, listening: socket.socket) -> AsyncIterator[None]:
    bells = worker.Bells(worker.LANES_AT_ONCE)
    bell = ArqBell(settings.redis_url) if settings.redis_url else bells
    service: Service = bootstrap.build(settings, bell)
    stopping = asyncio.Event()
    async with _serving(create_app(service), listening, service.broadcast.close):
        working = asyncio.create_task(worker.work(service, bells, stopping))
        try:
            yield
        finally:
            stopping.set()
            with contextlib.suppress(asyncio.CancelledError):
                await working


def _url(listening: socket.socket) -> str:
    return f"http://{_HOST}:{listening.getsockname()[1]}"
