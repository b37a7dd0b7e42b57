"""Little shops to begin from: one set up on each database, copied for every world."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import stamina
import structlog
from bench.databases import SHELVES, Shelf
from tests import little_shop
from tests.world import Kept


@dataclass(frozen=True, slots=True)
class Opened:
    """A shop that was set up on a database of one kind."""

    shelf: Shelf
    url: str
    kept: Kept

    @property
    def kind(self) -> str:
        """Name the database as people do."""
        return self.shelf.kind

    def copy(self) -> str:
        """Return the URL of a copy of its database, which nobody else uses."""
        return self.shelf.copy(self.url)


@contextmanager
def opened() -> Iterator[Iterator[Opened]]:
    """Lend a shop on each database, and have reads tried again at once meanwhile."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=2))
        stack.enter_context(_quiet())
        yield (_set_up(stack.enter_context(shelf())) for shelf in SHELVES)


def _set_up(shelf: Shelf) -> Opened:
    url = shelf.new()
    return Opened(shelf, url, asyncio.run(little_shop.opened(url)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Tell nothing of what is expected to go wrong."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)
