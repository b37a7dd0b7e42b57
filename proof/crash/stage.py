"""The stage: a simulated Fortnox, an API and workers, processes that are started again when they die."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey, KeySet
from tests import throwaway

from fortnox_sync.runtime.database import migrate
from fortnox_sync.settings import Settings
from fortnox_sync.specimen import new_signing_key, specimen_settings
from proof.crash import process, servers
from proof.crash.fail_points import Role
from proof.crash.process import HASTE, Order, Start, Struck, struck_in

_HOST = "127.0.0.1"
_RETURN_URL = "https://backoffice.example/integrations"
_STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.02
# Forked from a process that has imported the service, so that a start costs a fraction of a second.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["proof.crash.process", "fortnox_sync.cli", "fortnox_sync.simulator"])


@dataclass
class Running:
    """One process of the service, which somebody starts again whenever it dies."""

    stage: Stage
    words: tuple[str, ...]
    role: Role | None
    given: Mapping[str, str] = field(default_factory=dict)
    process: BaseProcess | None = None
    exits: list[int] = field(default_factory=list)
    _keeping: asyncio.Task[None] | None = None
    _is_wanted: bool = True

    async def start(self) -> None:
        """Start it and keep it up."""
        self._is_wanted = True
        self._begin()
        self._keeping = asyncio.create_task(self._keep())
        if self.words[0] != "worker":
            await self._answers()

    def _begin(self) -> None:
        self.process = self.stage.begin(self.words, self.role, **self.given)

    async def _keep(self) -> None:
        while self._is_wanted and self.process is not None:
            code = await ended(self.process)
            self.exits.append(code)
            if self._is_wanted:
                self._begin()

    async def _answers(self) -> None:
        own = self.given.get("port", self.stage.api_port)
        port = self.stage.simulator_port if self.words[0] == "simulator" else int(own)
        async with asyncio.timeout(_STARTS_WITHIN_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection(_HOST, port)
                except OSError:
                    await asyncio.sleep(_LOOK_EVERY_S)
                else:
                    writer.close()
                    return

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end and tell how it did; one that does not in time is killed."""
        self._is_wanted = False
        if self.process is None or self._keeping is None or self.process.pid is None:
            return 0
        if self.process.is_alive():
            os.kill(self.process.pid, how)
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await asyncio.shield(self._keeping)
        except TimeoutError:
            self.process.kill()
            await self._keeping
        return self.exits[-1]


async def ended(one: BaseProcess) -> int:
    """Wait for the end of a process and return its exit code; a signal's number is negative."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(one.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(one.sentinel)
    one.join()
    return one.exitcode or 0


@dataclass
class Stage:
    """Where everything is, and what is to befall whom."""

    ground: Ground
    settings: Settings
    given: dict[str, str]
    key: ECKey
    api_port: int
    simulator_port: int
    haste: Mapping[str, Any]
    http: httpx.AsyncClient
    orders: list[Order] = field(default_factory=list)
    workers: list[Running] = field(default_factory=list)
    api: Running = field(init=False)
    simulator: Running = field(init=False)

    def __post_init__(self) -> None:
        simulator = ("simulator", "--port", str(self.simulator_port))
        self.api = Running(self, ("serve",), "serve")
        self.simulator = Running(self, simulator, None)

    @property
    def api_url(self) -> str:
        """Tell where the API is."""
        return f"http://{_HOST}:{self.api_port}"

    @property
    def simulator_url(self) -> str:
        """Tell where the simulated Fortnox is."""
        return f"http://{_HOST}:{self.simulator_port}"

    @property
    def secret(self) -> str:
        """Tell what the tills sign with."""
        return self.settings.till_webhook_secrets[0].get_secret_value()

    def begin(self, words: tuple[str, ...], role: Role | None, **given: str) -> BaseProcess:
        """Start a process by its command, under every order that was not carried out yet."""
        environment = os.environ | {name.upper(): value for name, value in (self.given | given).items()}
        done = {one.order for one in self.struck()}
        orders = tuple(one for one in self.orders if one.point.role == role and one not in done)
        start = Start(words, environment, orders, self.ground.folder, self.haste)
        made = _PROCESSES.Process(target=process.run, args=(start,), daemon=True)
        made.start()
        return made

    def struck(self) -> list[Struck]:
        """Tell which orders were carried out."""
        return struck_in(self.ground.folder, self.orders)

    async def more_workers(self, number: int) -> None:
        """Start workers, each kept up."""
        for _ in range(number):
            one = Running(self, ("worker",), "worker")
            self.workers.append(one)
            await one.start()

    async def without_workers(self) -> list[int]:
        """End every worker as a supervisor does and tell how they ended."""
        stopping = [one.stop() for one in self.workers]
        self.workers = []
        return await asyncio.gather(*stopping)

    async def under(self, orders: Sequence[Order], workers: int = 2) -> None:
        """Begin anew: processes that know of these orders."""
        await self.without_workers()
        self.orders += orders
        if any(order.point.role == "serve" for order in orders):
            await self.api.stop()
            await self.api.start()
        await self.more_workers(workers)

    async def wait_until_struck(self, order: Order, seconds: float = 20.0) -> Struck | None:
        """Wait until an order was carried out; None when nobody came by."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            for one in self.struck():
                if one.order == order:
                    return one
            await asyncio.sleep(_LOOK_EVERY_S)
        return None

    async def code_of(self, words: tuple[str, ...], **given: str) -> int:
        """Run a command to its end and tell how it ended; one that goes on is ended, as 0."""
        one = self.begin(words, None, **given)
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                return await ended(one)
        except TimeoutError:
            one.kill()
            one.join()
            return 0

    async def control(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
        """Ask the simulator's control room."""
        answer = await self.http.request(method, f"{self.simulator_url}/_simulator{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@dataclass(frozen=True, slots=True)
class Ground:
    """What an arrangement stands on: a database, a queue where it has one, and a folder of its own."""

    folder: Path
    database_url: str
    redis_url: str | None

    @property
    def name(self) -> str:
        """Name the arrangement as the findings do."""
        return "PostgreSQL and Valkey" if self.redis_url else "SQLite alone"


@contextmanager
def sqlite() -> Iterator[Ground]:
    """Lend an empty database file, and no queue."""
    with _a_folder() as folder:
        url = f"sqlite+aiosqlite:///{folder / 'fortnox_sync.db'}"
        migrate(url)
        yield Ground(folder, url, None)


@contextmanager
def postgres_and_queue() -> Iterator[Ground]:
    """Lend a database server and a queue server."""
    with _a_folder() as folder, servers.postgres() as url, servers.queue() as redis_url:
        migrate(url)
        yield Ground(folder, url, redis_url)


@contextmanager
def _a_folder() -> Iterator[Path]:
    """Lend a folder in memory where there is room: what a disk takes is not what is proven here."""
    memory = throwaway.MEMORY if os.access(throwaway.MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fxs-proof-", dir=memory, ignore_cleanup_errors=True) as made:
        yield Path(made)


@asynccontextmanager
async def staged(
    ground: Ground,
    *,
    sweep_s: float = 0.5,
    haste: Mapping[str, Any] = HASTE,
    **given: str,
) -> AsyncIterator[Stage]:
    """Set up a simulated Fortnox and the API on this ground as long as the block lasts."""
    async with AsyncExitStack() as stack:
        key, api_port, simulator_port = new_signing_key(), throwaway.free_port(), throwaway.free_port()
        told = {
            "database_url": ground.database_url,
            **({"redis_url": ground.redis_url} if ground.redis_url else {}),
            **_addresses(api_port, simulator_port),
            "jwt_jwks": json.dumps(KeySet([key]).as_dict(private=False)),
            "sweep_interval_s": str(sweep_s),
            "attach_reports": "false",
            "fortnox_settle_s": "1",
            "fortnox_post_deadline_s": "5",
            "log_level": "WARNING",
            **given,
        }
        settings = specimen_settings(**told)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
        given = told | _secrets(settings)
        stage = Stage(ground, settings, given, key, api_port, simulator_port, haste, http)
        try:
            await stage.simulator.start()
            await register(stage, allows_service_accounts=True)
            await stage.api.start()
            yield stage
        finally:
            await stage.without_workers()
            await stage.api.stop()
            await stage.simulator.stop()


def _addresses(api_port: int, simulator_port: int) -> dict[str, str]:
    api, simulator = f"http://{_HOST}:{api_port}", f"http://{_HOST}:{simulator_port}"
    return {
        "port": str(api_port),
        "public_url": api,
        "backoffice_return_urls": _RETURN_URL,
        "fortnox_auth_url": f"{simulator}/oauth-v1",
        "fortnox_api_url": f"{simulator}/3",
    }


def _secrets(settings: Settings) -> dict[str, str]:
    """Tell every process what the specimen settings made up."""
    return {
        "fortnox_client_id": settings.fortnox_client_id,
        "fortnox_client_secret": settings.fortnox_client_secret.get_secret_value(),
        "till_webhook_secrets": " ".join(one.get_secret_value() for one in settings.till_webhook_secrets),
        "vault_keys": " ".join(
            f"{name}:{key.get_secret_value()}" for name, key in settings.vault_keys.items()
        ),
        "jwt_issuer": settings.jwt_issuer,
        "jwt_audience": settings.jwt_audience,
        "jwt_algorithms": " ".join(settings.jwt_algorithms),
        "api_calls_per_minute": str(settings.api_calls_per_minute),
    }


async def register(stage: Stage, *, allows_service_accounts: bool) -> None:
    """Register the integration with Fortnox, anew where it is known."""
    app = {
        "allows_service_accounts": allows_service_accounts,
        "client_id": stage.settings.fortnox_client_id,
        "client_secret": stage.settings.fortnox_client_secret.get_secret_value(),
        "redirect_uris": [stage.settings.redirect_uri],
        "scopes": list(stage.settings.asked_scopes),
    }
    await stage.control("POST", "/apps", app)
