"""Time that stands still until a test moves it, and a service that lives in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from fortnox_sync import bootstrap
from fortnox_sync.bootstrap import Service
from fortnox_sync.fortnox import Throttle, Transports
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.runtime.database import Database
from fortnox_sync.settings import Settings

START = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    """A clock that moves only when it is told."""

    moment: datetime = START

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        """Move on by a span, as timedelta spells it."""
        self.moment += timedelta(**span)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, for whoever would sleep."""
        self.advance(seconds=seconds)


_compiled: dict[str, sa.Engine] = {}


def _share_compiled(database: Database) -> None:
    """Let all databases of a kind share the statements that were compiled once: each test has its own."""
    engine = database.engine.sync_engine
    first = _compiled.get(database.dialect)
    if first is None or getattr(first.dialect, "server_version_info", None) is None:
        _compiled[database.dialect] = engine
    else:
        engine.dialect = first.dialect
        engine._compiled_cache = first._compiled_cache  # noqa: SLF001 - nothing else hands it on


def a_service(settings: Settings, clock: StandingClock, transports: Transports) -> Service:
    """Put a service together whose every wait is one of the standing clock."""
    service = bootstrap.build(
        settings,
        LocalBell(),
        clock=clock,
        transports=transports,
        new_turns=lambda _: Throttle(
            1_000_000, reserve=0, clock=lambda: clock.now().timestamp(), sleep=clock.sleep
        ),
    )
    _share_compiled(service.database)
    return service
