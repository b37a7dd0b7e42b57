"""The simulator under test."""

from collections.abc import AsyncIterator

import pytest
from tests.seats import a_simulator
from tests.simulator.testbed import Testbed


@pytest.fixture
async def fortnox() -> AsyncIterator[Testbed]:
    """Lend a simulator with one app, one company and an authorised client."""
    with a_simulator() as app:
        testbed = Testbed(app)
        async with testbed.http:
            await testbed.open()
            yield testbed
