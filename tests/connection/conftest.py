"""Worlds for consents, tokens and secrets."""

from collections.abc import AsyncIterator

import pytest
from tests.world import World, a_world
from tests.worlds import no_waiting_between_tries

__all__ = ["no_waiting_between_tries", "small_world", "world"]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Lend a world in which nobody has connected yet."""
    async with a_world(database_url) as made:
        yield made


@pytest.fixture
async def small_world(sqlite_url: str) -> AsyncIterator[World]:
    """Lend a world for what no database decides."""
    async with a_world(sqlite_url) as made:
        yield made
