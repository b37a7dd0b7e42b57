"""The simulator under test."""

from collections.abc import AsyncIterator

import pytest
from tests.simulator.testbed import Testbed


@pytest.fixture
async def fortnox() -> AsyncIterator[Testbed]:
    """Lend a simulator with one app, one company and an authorised client."""
    testbed = Testbed()
    async with testbed.http:
        await testbed.open()
        yield testbed
