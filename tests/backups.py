"""Backups of a world's database, restored as an operator would: what happened since is forgotten."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from tests.throwaway import run_sql
from tests.world import World

from fortnox_sync.runtime.identity import table as identity


class Backup(Protocol):
    """A database as it was at a moment."""

    async def restore(self) -> None:
        """Put it in the place of the database that is there now."""


@dataclass(frozen=True)
class _OfSqlite:
    world: World
    copy: Path

    async def restore(self) -> None:
        await self.world.service.database.dispose()
        shutil.copy(self.copy, self.world.service.database.engine.url.database or "")


@dataclass(frozen=True)
class _OfPostgres:
    world: World
    copy: str

    async def restore(self) -> None:
        url = self.world.service.database.engine.url
        await self.world.service.database.dispose()
        await _ask(url, f'DROP DATABASE "{url.database}" WITH (FORCE)')
        await _ask(url, f'CREATE DATABASE "{url.database}" TEMPLATE "{self.copy}"')


async def _ask(url: sa.URL, statement: str) -> None:
    await asyncio.to_thread(run_sql, url.set(database="postgres"), statement)


@asynccontextmanager
async def a_backup(world: World, folder: Path) -> AsyncIterator[Backup]:
    """Back a world's database up, by the ways the operators' manual names."""
    database = world.service.database
    if database.dialect == "sqlite":
        copy = folder / "backup.db"
        async with database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.execute("VACUUM INTO ?", (str(copy),))
        yield _OfSqlite(world, copy)
        return
    name = f"backup_{secrets.token_hex(4)}"
    await database.dispose()
    await _ask(database.engine.url, f'CREATE DATABASE "{name}" TEMPLATE "{database.engine.url.database}"')
    yield _OfPostgres(world, name)
    await _ask(database.engine.url, f'DROP DATABASE "{name}"')


async def come_back(
    world: World, backup: Backup, *, unnoticed: bool = False, another_process: bool = True
) -> None:
    """Restore a backup, as a rule under another process; unnoticed where not even the database can tell."""
    world.clock.advance(seconds=1)
    await backup.restore()
    world.restored_at = world.clock.now()
    if unnoticed:
        async with world.service.database.write() as connection:
            await connection.execute(identity.delete())
    if another_process:
        await world.restart()
