"""Empty, migrated databases for a benchmark, thrown away after it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url
from tests import servers, throwaway
from tests.servers import Postgres

from fortnox_sync.runtime.database import migrate


class Shelf(Protocol):
    """A place where databases of one kind are made."""

    @property
    def kind(self) -> str:
        """Name the database as people do."""
        ...

    def new(self) -> str:
        """Make an empty, migrated database and tell its URL."""
        ...

    def settle(self, url: str) -> None:
        """Do after much was written what the database does by itself when it runs for long."""
        ...

    def copy(self, url: str) -> str:
        """Copy a database that nobody is connected to, and tell the URL of the copy."""
        ...


@dataclass(frozen=True)
class SqliteShelf:
    """SQLite files in one folder."""

    folder: Path
    kind: str = "SQLite"

    def new(self) -> str:
        """Migrate a new file."""
        url = self._url()
        migrate(url)
        return url

    def settle(self, url: str) -> None:
        """Do nothing: SQLite does nothing either."""

    def copy(self, url: str) -> str:
        """Copy the file."""
        copied = self._url()
        shutil.copy(make_url(url).database or "", make_url(copied).database or "")
        return copied

    def _url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / secrets.token_hex(6)}.db"


@dataclass(frozen=True)
class PostgresShelf:
    """Databases in one PostgreSQL."""

    server: Postgres
    names: list[str]
    kind: str = "PostgreSQL"

    def new(self) -> str:
        """Migrate a new database."""
        url = self.server.create(self._name())
        migrate(url)
        return url

    def settle(self, url: str) -> None:
        """Look after the tables, as autovacuum would."""
        throwaway.run_sql(make_url(url), "VACUUM ANALYZE")

    def copy(self, url: str) -> str:
        """Make a database with the other one as its template."""
        return self.server.create(self._name(), template=make_url(url).database or "")

    def _name(self) -> str:
        self.names.append(f"fortnox_sync_bench_{secrets.token_hex(6)}")
        return self.names[-1]


@contextmanager
def sqlite() -> Iterator[Shelf]:
    """Lend a folder in memory where there is room: what a disk takes would hide what the code takes."""
    memory = throwaway.MEMORY if os.access(throwaway.MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fortnox-sync-bench-", dir=memory) as folder:
        yield SqliteShelf(Path(folder))


@contextmanager
def postgres() -> Iterator[Shelf]:
    """Lend the PostgreSQL of TEST_DATABASE_URL, or one thrown away after."""
    with servers.find_postgres(os.environ).open() as url:
        shelf = PostgresShelf(Postgres(make_url(url)), [])
        try:
            yield shelf
        finally:
            for name in shelf.names:
                shelf.server.drop(name)


SHELVES: tuple[Callable[[], AbstractContextManager[Shelf]], ...] = (sqlite, postgres)
