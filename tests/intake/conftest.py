"""What the tests of the intake stand on: a world, and a desk with nothing but an inbox and its ledger."""

from collections.abc import AsyncIterator

import pytest
from tests.intake.desk import Desk, a_desk
from tests.world import World, a_world


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


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """Lend an inbox that commits what it takes."""
    async with a_desk(database_url) as made:
        yield made
