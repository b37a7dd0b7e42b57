"""PostgreSQL and Valkey for the proof: thrown away after, and started again whenever they are killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import redis
import sqlalchemy as sa
from tests import servers, throwaway
from tests.servers import NoServerError

from proof.finding import CannotProveError

# A commit is in the hands of the system: what is lost then is lost by the server's death alone, not by haste.
_SURE = ("fsync=off", "synchronous_commit=on", "full_page_writes=off", "autovacuum=off")
_AGAIN_AFTER_S = 0.3
# Longer than a sweep: the days are booked while nobody can ring.
QUEUE_AWAY_S = 4.0
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 60.0


@contextmanager
def postgres() -> Iterator[str]:
    """Lend the address of an empty database server that the proof may kill."""
    start = partial(throwaway.postgres, options=_SURE, again_after=_AGAIN_AFTER_S)
    with _found(partial(servers.find_postgres, {}, start)).open() as url:
        yield url


@contextmanager
def queue() -> Iterator[str]:
    """Lend the address of a queue server that the proof may kill."""
    start = partial(throwaway.redis, again_after=QUEUE_AWAY_S)
    with _found(partial(servers.find_redis, {}, start)).open() as url:
        yield url


def _found(find: partial[servers.Source]) -> servers.Source:
    try:
        return find()
    except NoServerError as error:
        raise CannotProveError(str(error)) from error


async def end_postgres(url: str, how: signal.Signals) -> None:
    """End the database server, with or without its consent, and wait until it is back."""
    first_line = await _ask(url, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")
    os.kill(int(first_line), how)
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_S
    while _is_alive(int(first_line)) and loop.time() < until:  # noqa: ASYNC110 - a server tells nobody
        await asyncio.sleep(_LOOK_EVERY_S)
    while not await _answers(url) and loop.time() < until:  # noqa: ASYNC110 - as above
        await asyncio.sleep(_LOOK_EVERY_S)


async def set_read_only(url: str, *, is_read_only: bool) -> None:
    """Let the database server refuse every write from now on, or take them again."""
    await _ask(url, f"ALTER SYSTEM SET default_transaction_read_only = {'on' if is_read_only else 'off'}")
    await _ask(url, "SELECT pg_reload_conf()")


def kill_queue(url: str) -> None:
    """Kill the queue server; it comes back after a while, empty."""
    with redis.Redis.from_url(url) as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)


async def wait_for_queue(url: str) -> None:
    """Wait until a queue server that was killed is back."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_S
    with redis.Redis.from_url(url) as client:
        while loop.time() < until:
            with suppress(redis.RedisError):
                client.ping()
                return
            await asyncio.sleep(_LOOK_EVERY_S)


async def _ask(url: str, statement: str) -> str:
    return str(await asyncio.to_thread(throwaway.run_sql, sa.make_url(url), statement))


async def _answers(url: str) -> bool:
    try:
        await _ask(url, "SELECT 1")
    except (OSError, sa.exc.DBAPIError):
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
