"""Worlds for consents, tokens and secrets."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina
from tests.world import World, a_world


@pytest.fixture(autouse=True)
def no_waiting_between_tries() -> Iterator[None]:
    """Have reads tried again at once: tests do not wait."""
    with stamina.set_testing(True, attempts=2):
        yield


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
