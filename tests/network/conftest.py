"""Shops on real sockets."""

from collections.abc import AsyncIterator

import pytest
from proof.network.wired import Wired, wired
from tests.world import Kept
from tests.worlds import no_waiting_between_tries, postgres_shop, quiet, shop_begun, sqlite_shop

__all__ = ["no_waiting_between_tries", "postgres_shop", "quiet", "shop_begun", "sqlite_shop", "wire"]


@pytest.fixture
async def wire(shop_begun: tuple[str, Kept]) -> AsyncIterator[Wired]:
    """Lend a shop whose till reaches the service, and the service Fortnox, through a proxy."""
    async with wired(*shop_begun) as made:
        yield made
