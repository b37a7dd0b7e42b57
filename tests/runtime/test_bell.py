"""The bell only says that there is work: a ring that is lost, doubled or garbled does no harm."""

import asyncio
import json
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from redis.asyncio import Redis

from fortnox_sync.bootstrap import Service
from fortnox_sync.runtime.bell import JOB, QUEUE, ArqBell, LocalBell, pack, unpack
from fortnox_sync.specimen import specimen_settings
from fortnox_sync.worker import Bells, _listen

SOON = 5.0


async def test_a_ring_wakes_who_waits_and_is_used_up() -> None:
    bell = LocalBell()
    await bell.ring()
    await bell.ring()
    await asyncio.wait_for(bell.wait(60), SOON)

    assert not await heard(bell)


async def heard(bell: LocalBell) -> bool:
    """Tell whether the bell rings at once."""
    waiting = asyncio.create_task(bell.wait(60))
    for _ in range(3):
        await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    return not waiting.cancelled()


async def test_without_a_ring_the_next_sweep_comes_by_itself() -> None:
    await asyncio.wait_for(LocalBell().wait(0.01), SOON)


async def test_a_ring_while_nobody_waits_is_heard_later() -> None:
    bell = LocalBell()
    await bell.ring()
    assert await heard(bell)


def test_jobs_are_json() -> None:
    job = {"f": JOB, "a": [], "t": 1}
    assert json.loads(pack(job)) == unpack(pack(job)) == job


def test_a_job_that_would_run_code_is_not_read() -> None:
    with pytest.raises(ValueError, match="decode"):
        unpack(pickle.dumps({"f": JOB}))


@asynccontextmanager
async def a_server(*, answers: bool) -> AsyncIterator[str]:
    """Serve somebody who takes connections and never says a word, or hangs up at once."""
    guests: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guests.append(writer)
        if answers:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in guests:
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1", "unix:///nowhere/socket"])
async def test_a_bell_that_is_away_is_survived(address: str) -> None:
    bell = ArqBell(address)
    await asyncio.wait_for(bell.ring(), SOON)
    assert not await bell.is_up()
    await bell.close()


@pytest.mark.parametrize("answers", [True, False])
async def test_a_bell_that_hangs_holds_nobody_up(*, answers: bool) -> None:
    async with a_server(answers=answers) as address:
        bell = ArqBell(address)
        await asyncio.wait_for(bell.ring(), SOON)
        assert not await asyncio.wait_for(bell.is_up(), SOON)
        await bell.close()


async def test_a_bell_that_froze_after_it_had_rung_holds_nobody_up(redis_url: str) -> None:
    bell = ArqBell(redis_url)
    await bell.ring()
    async with Redis.from_url(redis_url) as redis:
        await redis.execute_command("CLIENT", "PAUSE", "60000", "WRITE")
        try:
            await asyncio.wait_for(bell.ring(), SOON)
        finally:
            await redis.execute_command("CLIENT", "UNPAUSE")
    await bell.ring()
    assert await bell.is_up()
    await bell.close()


async def test_every_ring_is_a_job_of_its_own(redis_url: str) -> None:
    bell = ArqBell(redis_url)
    for _ in range(3):
        await bell.ring()
    async with Redis.from_url(redis_url) as redis:
        assert await redis.zcard(QUEUE) == 3
    assert await bell.is_up()
    await bell.close()


class Listening:
    """The part of a service that a listener needs."""

    def __init__(self, redis_url: str) -> None:
        self.settings = specimen_settings(redis_url=redis_url)


@asynccontextmanager
async def listening(redis_url: str) -> AsyncIterator[Bells]:
    """Listen as a worker does."""
    bells = Bells(2)
    service: Service = Listening(redis_url)  # type: ignore[assignment]
    task = asyncio.create_task(_listen(service, bells))
    try:
        yield bells
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def woken(bells: Bells) -> None:
    """Wait until every sweeper has heard a ring."""
    for bell in bells.each:
        await asyncio.wait_for(bell.wait(60), SOON)


async def test_a_ring_through_redis_wakes_every_sweeper(redis_url: str) -> None:
    bell = ArqBell(redis_url)
    async with listening(redis_url) as bells:
        for _ in range(2):
            await bell.ring()
            await woken(bells)
    await bell.close()


async def test_garbage_jobs_are_passed_over(redis_url: str) -> None:
    bell = ArqBell(redis_url)
    async with Redis.from_url(redis_url) as redis:
        for number, job in enumerate(
            (b"", b"garbage", b"[]", b"null", pickle.dumps({"f": JOB}), pack({"f": "another"}), b"\xff" * 100)
        ):
            await redis.set(f"arq:job:garbage-{number}", job)
            await redis.zadd(QUEUE, {f"garbage-{number}": number})
        await redis.zadd(QUEUE, {"no such job": 0, "\xff\x00": 1})
    async with listening(redis_url) as bells:
        await bell.ring()
        await woken(bells)
    await bell.close()
