"""The bell: it says that there is work to look for; the database knows which."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol

from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from fortnox_sync.runtime.telemetry import log

JOB = "look"
QUEUE = "fortnox_sync:bell"


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


def redis_settings(url: str) -> RedisSettings:
    """Read the address and fail fast: a ring is not worth waiting for."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = 1
    settings.conn_retries = 0
    return settings


class ArqBell:
    """Rings through Redis, for workers anywhere."""

    def __init__(self, url: str) -> None:
        """Connect at the first ring."""
        self._url = url
        self._redis: ArqRedis | None = None

    async def ring(self) -> None:
        """Ask any worker to look; with Redis away the sweep finds the work instead.

        Without a job id: arq drops a second ring with the id of a job that runs or has just run.
        """
        try:
            if self._redis is None:
                self._redis = await create_pool(
                    redis_settings(self._url),
                    job_serializer=pack,
                    job_deserializer=unpack,
                    default_queue_name=QUEUE,
                )
            await self._redis.enqueue_job(JOB)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bell.unheard", reason=type(error).__name__)

    async def is_up(self) -> bool:
        """Tell whether Redis answers."""
        try:
            await self.ring() if self._redis is None else await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return self._redis is not None

    async def close(self) -> None:
        """Let the connection go."""
        if self._redis is not None:
            await self._redis.aclose()
