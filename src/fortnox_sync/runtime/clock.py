"""Time, passed in: UTC for what happened, Europe/Stockholm for the business day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """Return the moment, with its zone."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """Return the moment in UTC."""
        return datetime.now(UTC)


def business_day(moment: datetime) -> date:
    """Return the Swedish calendar day of a moment."""
    return moment.astimezone(STOCKHOLM).date()
