"""Commits in a storm: before and after each one a worker may die, and the database may go away in it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.wire import KilledError

from fortnox_sync.runtime.database import Database
from proof.storm.aboard import is_aboard
from proof.storm.weather import Weather

# What every sweep begins with is struck more seldom, or nothing else would ever be.
_EVERY_SWEEP = {"lane.claim", "overdue.tell_overdue"}
_SELDOM = 0.2


def expose(database: Database, weather: Weather) -> None:
    """Let the weather at every transaction that a worker commits through this database."""
    commit = database.write

    @asynccontextmanager
    async def write(*, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        whose = _name(sys._getframe(2))  # noqa: SLF001 - whoever opens the transaction, past contextlib
        async with commit(snapshot=snapshot) as connection:
            yield connection
            _strike(weather, whose, "before", "database gone before a commit")
        _strike(weather, whose, "after", "commit unknown")

    database.write = write  # type: ignore[method-assign]


def _strike(weather: Weather, whose: str, when: str, gone: str) -> None:
    seldom = _SELDOM if whose in _EVERY_SWEEP else 1
    if not (is_aboard() and weather.strikes(weather.of_commit * seldom)):
        return
    if weather.one_of([True, False]):
        weather.struck("killed", f"{when} the commit of {whose}")
        raise KilledError
    weather.struck(gone)
    raise OperationalError("", {}, ConnectionResetError())


def _name(frame: FrameType) -> str:
    """Name a step of the walk as the code does: its module and function."""
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name.strip('_')}"
