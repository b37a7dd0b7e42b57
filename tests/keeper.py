"""Keep a throwaway server for as long as our standard input is open, then stop it and remove its directory.

The tests hold the other end of the pipe. However they end, even by a kill, the system closes it, so no
server and no directory outlives them. A server that ends by itself leaves its directory: its log tells why.

    python keeper.py DIRECTORY USER COMMAND...       USER may be "", to stay who we are
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 10


def exists(user: str) -> bool:
    """Whether this machine has a user of this name."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def identity(user: str) -> dict[str, Any]:
    """Tell subprocess to run as this user; nothing for no name."""
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def start(directory: Path, user: str, command: list[str]) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that what the command starts hears our signals too."""
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 -- the tests chose the command
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            **identity(user),
        )


def stop(server: subprocess.Popen[bytes]) -> None:
    """Interrupt: PostgreSQL then hangs up on its clients, and Redis ends without saving."""
    os.killpg(server.pid, signal.SIGINT)
    try:
        server.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)


def keep(directory: Path, user: str, command: list[str]) -> int:
    """Run the command until it ends, our standard input does, or somebody asks us to end."""
    server = start(directory, user, command)
    let_go = threading.Event()

    def wait_for_the_end_of_the_tests() -> None:
        os.read(sys.stdin.fileno(), 1)
        let_go.set()
        stop(server)

    def end(*_: object) -> None:
        let_go.set()
        threading.Thread(target=stop, args=(server,), daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=wait_for_the_end_of_the_tests, daemon=True).start()
    code = server.wait()
    if let_go.is_set():
        shutil.rmtree(directory, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
