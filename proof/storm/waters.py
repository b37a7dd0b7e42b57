"""The waters: a shop set up once on each database in every process, and copied for each voyage."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import stamina
import structlog
from sqlalchemy import make_url
from tests.little_shop import opened
from tests.servers import Postgres
from tests.world import Kept

from fortnox_sync.runtime.database import migrate

Dialect = Literal["SQLite", "PostgreSQL"]


@dataclass(frozen=True, slots=True)
class Waters:
    """Where this process sails: its shops, and what else belongs to each."""

    folder: Path
    server: Postgres
    template: str
    on_sqlite: Kept
    on_postgres: Kept

    @property
    def _shop(self) -> Path:
        return self.folder / f"{self.template}.db"

    def kept(self, dialect: Dialect) -> Kept:
        """Return what belongs to the shop on a database."""
        return self.on_sqlite if dialect == "SQLite" else self.on_postgres

    @contextmanager
    def copy(self, dialect: Dialect) -> Iterator[str]:
        """Lend a copy of the shop's database; it is thrown away."""
        name = f"{self.template}_{secrets.token_hex(4)}"
        if dialect == "SQLite":
            copy = self.folder / f"{name}.db"
            shutil.copy(self._shop, copy)
            yield f"sqlite+aiosqlite:///{copy}"
            copy.unlink()
        else:
            yield self.server.create(name, template=self.template)
            self.server.drop(name)


def memory() -> str | None:
    """Choose memory where there is any: what this is about is the order of things, not the disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own in it


def set_up(admin_url: str, folder: str) -> Waters:
    """Set the shop up on both databases, each with a Fortnox of its own."""
    _quieten()
    server, template = Postgres(make_url(admin_url)), f"storm_{secrets.token_hex(4)}"
    file = f"sqlite+aiosqlite:///{Path(folder) / template}.db"
    return Waters(Path(folder), server, template, _opened(file), _opened(server.create(template)))


def _quieten() -> None:
    """Tell nothing of what strikes, and try reads again at once: time stands still here."""
    stamina.set_testing(True, attempts=2)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _opened(url: str) -> Kept:
    migrate(url)
    return asyncio.run(opened(url))
