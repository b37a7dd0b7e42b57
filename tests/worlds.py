"""Fixtures of worlds, on either database; what the books say is checked after every test that had one."""

import asyncio
import json
import logging
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import stamina
import structlog
from tests import little_shop
from tests.export.invariants import check
from tests.servers import Postgres
from tests.world import Kept, World, a_world

from fortnox_sync.export.checkup import check_up

__all__ = [
    "a_paper_shop",
    "active",
    "hold",
    "krogen",
    "no_waiting_between_tries",
    "paper_shop",
    "postgres_shop",
    "quiet",
    "shop",
    "shop_begun",
    "sqlite_shop",
    "world",
]


async def hold(world: World) -> None:
    """Fail unless the books hold by both: by the oracle, and by what operators ask the database."""
    await check(world)
    broken = [one for one in await check_up(world.service.database) if not one.holds]
    assert not broken, "\n".join(f"{one.name}: {one.rows}" for one in broken)


@pytest.fixture(autouse=True)
def no_waiting_between_tries() -> Iterator[None]:
    """Have reads tried again at once: tests do not wait."""
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Have only warnings told: a story makes hundreds of calls, and telling them takes longer."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
    )
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def krogen() -> dict[str, Any]:
    """Lend the worked day: two registers, eight kinds of payment, three rates."""
    case: dict[str, Any] = json.loads(
        (files("fortnox_sync.demo") / "krogen-2026-10-02.json").read_text("utf-8")
    )
    return case


@pytest.fixture
async def world(database_url: str, krogen: dict[str, Any]) -> AsyncIterator[World]:
    """Lend a world in which nobody has connected yet."""
    async with a_world(database_url, krogen) as made:
        yield made
        await hold(made)


@pytest.fixture
async def active(world: World, krogen: dict[str, Any]) -> World:
    """Lend a world whose company is connected and set up for the worked day."""
    await world.send(krogen["deliveries"][0])
    await world.set_up(krogen)
    return world


@dataclass(frozen=True)
class Opened:
    """A little shop that was set up once, and the database to copy for each who begins from it."""

    kept: Kept
    database: str


@pytest.fixture(scope="session")
def sqlite_shop(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Set a little shop up on SQLite."""
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("shop") / "fortnox_sync.db")
    return Opened(asyncio.run(little_shop.opened(f"sqlite+aiosqlite:///{path}")), str(path))


@pytest.fixture(scope="session")
def postgres_shop(postgres_server: Postgres, migrated_postgres: str) -> Iterator[Opened]:
    """Set a little shop up on PostgreSQL."""
    name = f"{migrated_postgres}_{secrets.token_hex(4)}"
    yield Opened(
        asyncio.run(little_shop.opened(postgres_server.create(name, template=migrated_postgres))), name
    )
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def shop_begun(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Kept]]:
    """Lend a copy of the little shop's database and what else it needs; dropped after the test."""
    if request.param == "sqlite":
        opened: Opened = request.getfixturevalue("sqlite_shop")
        copied = shutil.copy(opened.database, tmp_path / "shop.db")
        yield f"sqlite+aiosqlite:///{copied}", opened.kept
        return
    opened = request.getfixturevalue("postgres_shop")
    server: Postgres = request.getfixturevalue("postgres_server")
    name = f"{opened.database}_{secrets.token_hex(4)}"
    yield server.create(name, template=opened.database), opened.kept
    server.drop(name)


@pytest.fixture
async def shop(shop_begun: tuple[str, Kept]) -> AsyncIterator[World]:
    """Lend a world with a little shop: it sells lunches by card, and everything has an account."""
    url, kept = shop_begun
    async with a_world(url, kept=kept) as made:
        yield made
        await hold(made)


@asynccontextmanager
async def a_paper_shop(url: str, kept: Kept) -> AsyncIterator[World]:
    """Open the little shop, consented anew with the rights that papers take."""
    settings = kept.settings.model_copy(update={"attach_reports": True})
    async with a_world(url, kept=replace(kept, settings=settings)) as made:
        await made.connect()
        await made.work()
        yield made


@pytest.fixture
async def paper_shop(shop_begun: tuple[str, Kept]) -> AsyncIterator[World]:
    """Lend the little shop with the rights that papers take."""
    async with a_paper_shop(*shop_begun) as made:
        yield made
        await hold(made)
