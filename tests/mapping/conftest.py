"""Worlds for the merchant's choices."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import stamina
from tests.factories import a_batch, a_sale, a_transaction, an_event
from tests.world import World, a_world
from tests.worlds import krogen, postgres_shop, shop, shop_begun, sqlite_shop

__all__ = [
    "krogen",
    "no_waiting_between_tries",
    "postgres_shop",
    "shop",
    "shop_begun",
    "small_world",
    "sqlite_shop",
    "world",
]


@pytest.fixture(autouse=True)
def no_waiting_between_tries() -> Iterator[None]:
    """Have reads tried again at once: tests do not wait."""
    with stamina.set_testing(True, attempts=2):
        yield


@asynccontextmanager
async def a_selling_world(database_url: str) -> AsyncIterator[World]:
    """Make a world whose till has sold something, and where nobody has connected yet."""
    async with a_world(database_url) as made:
        sold = a_transaction(1, sales=[a_sale(cost_center="bar")], events=[an_event()])
        await made.send(a_batch([sold]))
        yield made


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Lend a world on either database."""
    async with a_selling_world(database_url) as made:
        yield made


@pytest.fixture
async def small_world(sqlite_url: str) -> AsyncIterator[World]:
    """Lend a world for what no database decides."""
    async with a_selling_world(sqlite_url) as made:
        yield made
