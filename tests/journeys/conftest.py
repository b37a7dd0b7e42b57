"""Worlds for journeys, on either database."""

import json
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
from tests.world import World, a_world


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


@pytest.fixture
async def active(world: World, krogen: dict[str, Any]) -> World:
    """Lend a world whose company is connected and set up for the worked day."""
    await world.send(krogen["deliveries"][0])
    await world.set_up(krogen)
    return world
