"""A queue server of our own starts on a socket only we can reach, and never outlives us."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from fortnox_sync.runtime.bell import ArqBell
from fortnox_sync.runtime.queue_server import find_queue_server, queue_server

SERVER = find_queue_server()
needs_a_server = pytest.mark.skipif(SERVER is None, reason="no queue server: neither wheel nor program")

LENDING = """
import asyncio, sys
from pathlib import Path
from fortnox_sync.runtime.queue_server import queue_server

async def lend() -> None:
    async with queue_server(Path(sys.argv[1])) as address:
        print(address, flush=True)
        await asyncio.Event().wait()

asyncio.run(lend())
"""


def found() -> Path:
    assert SERVER is not None
    return SERVER


@needs_a_server
async def test_it_answers_and_rings() -> None:
    async with queue_server(found()) as address:
        bell = ArqBell(address)
        await bell.ring()
        assert await bell.is_up()
        await bell.close()
    bell = ArqBell(address)
    assert not await bell.is_up()
    await bell.close()


@needs_a_server
async def test_nobody_else_can_reach_it_and_nothing_is_written_down() -> None:
    async with queue_server(found()) as address:
        folder = Path(address.removeprefix("unix://")).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        async with Redis.from_url(address) as redis:
            told = await redis.config_get("*")
            await redis.set("a", "b")
        assert (told["port"], told["save"], told["appendonly"]) == ("0", "", "no")
        assert [path.name for path in folder.iterdir()] == ["s"]
    assert not folder.exists()


@needs_a_server
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_us_however_we_end(end: signal.Signals) -> None:
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", LENDING, str(found())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        address = parent.stdout.readline().decode().strip()
        server = asyncio.run(process_of(address))
        parent.send_signal(end)
        parent.wait()

    assert ends(server)


async def process_of(address: str) -> int:
    async with Redis.from_url(address) as redis:
        return int((await redis.info("server"))["process_id"])


def ends(process: int) -> bool:
    """Wait until a process that is not our child is gone."""
    until = time.monotonic() + 10
    while is_alive(process) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_alive(process)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # An orphan that nobody reaps is dead all the same.
    return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="ascii")


async def test_a_server_that_ends_at_once_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "server"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    with pytest.raises(OSError, match="ended at once"):
        await lend(broken)


async def lend(server: Path) -> None:
    async with queue_server(server):
        raise AssertionError("it never started")
