"""The worker: serves lanes at every ring of the bell, and sweeps by itself should nobody hear one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, cast

from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.exceptions import RedisError

from fortnox_sync import retention
from fortnox_sync.bootstrap import Service
from fortnox_sync.connection.lane import ask_nightly
from fortnox_sync.export.reconcile import last_night
from fortnox_sync.runtime.bell import JOB, QUEUE, LocalBell, connect, pack, unpack
from fortnox_sync.runtime.telemetry import log

# Turns of different companies at the same time; each waits for Fortnox most of the time.
LANES_AT_ONCE = 4
_LISTEN_AGAIN_S = 5.0
_KEEP_EVERY_S = 3600.0


class Bells:
    """One bell for each sweeper, rung together."""

    def __init__(self, number: int) -> None:
        """Hang them up."""
        self.each: Sequence[LocalBell] = [LocalBell() for _ in range(number)]

    async def ring(self) -> None:
        """Wake every sweeper."""
        for bell in self.each:
            await bell.ring()


async def work(service: Service, bells: Bells, stopping: asyncio.Event) -> None:
    """Work until asked to stop; a turn that has begun is finished, so that no answer is thrown away."""
    listening = asyncio.create_task(_listen(service, bells)) if service.settings.redis_url else None
    keeping = asyncio.create_task(_keep_forever(service))
    sweepers = [asyncio.create_task(_sweep_forever(service, bell, stopping)) for bell in bells.each]
    try:
        await stopping.wait()
        await bells.ring()
        await asyncio.gather(*sweepers)
    finally:
        for task in (*sweepers, keeping, *filter(None, (listening,))):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _sweep_forever(service: Service, bell: LocalBell, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await service.sweep(stopping)
        except Exception:  # noqa: BLE001 - the database may be away; the next sweep finds what this one left
            log.exception("sweep.failed")
        await bell.wait(service.settings.sweep_interval_s)


async def _keep_forever(service: Service) -> None:
    """Do what has its own time: renew tokens nobody uses, compare the books by night, forget what is old."""
    while True:
        try:
            await ask_nightly(service.database, last_night(service.database.clock.now()))
        except Exception:  # noqa: BLE001 - as below
            log.exception("reconciliation.not_asked")
        try:
            await service.link.tokens.renew_idle()
        except Exception:  # noqa: BLE001 - as above; an hour later somebody tries again
            log.exception("renewal.failed")
        await retention.let_go(service.database, service.settings)
        await asyncio.sleep(_KEEP_EVERY_S)


async def _listen(service: Service, bells: Bells) -> None:
    """Hear the rings through Redis; while it is away the sweeps go on without it."""
    while True:
        redis = connect(service.settings.redis_url or "")
        listener = _arq_worker(redis, bells)
        try:
            await listener.async_run()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bell.deaf", reason=type(error).__name__)
        finally:
            await _let_go(listener, redis)
        await asyncio.sleep(_LISTEN_AGAIN_S)


async def _let_go(listener: Worker, redis: ArqRedis) -> None:
    """End what arq began; its own way of closing asks Redis once more, which may be why we close."""
    for task in listener.tasks.values():
        task.cancel()
    await asyncio.gather(*listener.tasks.values(), return_exceptions=True)
    await redis.aclose(close_connection_pool=True)


def _arq_worker(redis: ArqRedis, bells: Bells) -> Worker:
    """Make an arq worker whose one job is to ring on: it holds no work that could be lost with it."""

    async def look(_: dict[Any, Any]) -> None:
        await bells.ring()

    return Worker(
        functions=[func(cast(WorkerCoroutine, look), name=JOB, keep_result=0, max_tries=1)],
        redis_pool=redis,
        queue_name=QUEUE,
        job_serializer=pack,
        job_deserializer=unpack,
        handle_signals=False,
        keep_result=0,
        poll_delay=0.1,
        log_results=False,
    )
