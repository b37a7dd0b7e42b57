"""The bell: it says that there is work to look for; the database knows which."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from fortnox_sync.runtime.telemetry import log

JOB = "look"
QUEUE = "fortnox_sync:bell"
_PATIENCE_S = 1.0


class Bell(Protocol):
    """Wakes a worker; a lost ring costs one sweep, a doubled one a read."""

    async def ring(self) -> None:
        """Say that there is something to look for."""
        ...


class LocalBell:
    """Rings inside this process, where there is no queue server."""

    def __init__(self) -> None:
        """Start silent."""
        self._rung = asyncio.Event()

    async def ring(self) -> None:
        """Wake the waiting worker."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait for a ring, or for the next sweep."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()


def pack(job: dict[str, Any]) -> bytes:
    """Write a job as JSON: arq's own pickle would run whatever somebody puts into Redis."""
    return json.dumps(job, default=str).encode()


def unpack(job: bytes) -> dict[str, Any]:
    """Read a job from JSON."""
    read: dict[str, Any] = json.loads(job)
    return read


def connect(url: str) -> ArqRedis:
    """Prepare a connection that fails fast: a Redis that is silent is as good as none."""
    pool = ConnectionPool.from_url(url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S)
    return ArqRedis(pool, job_serializer=pack, job_deserializer=unpack, default_queue_name=QUEUE)


class ArqBell:
    """Rings through Redis, for workers anywhere."""

    def __init__(self, url: str) -> None:
        """Connect at the first ring."""
        self._redis = connect(url)

    async def ring(self) -> None:
        """Ask any worker to look; with Redis away the sweep finds the work instead.

        Without a job id: arq drops a second ring with the id of a job that runs or has just run.
        """
        try:
            await self._redis.enqueue_job(JOB)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bell.unheard", reason=type(error).__name__)

    async def is_up(self) -> bool:
        """Tell whether Redis answers."""
        try:
            await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Let the connection go."""
        await self._redis.aclose(close_connection_pool=True)
