"""Reads are tried again at once: tests do not wait."""

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def _no_waiting_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield
