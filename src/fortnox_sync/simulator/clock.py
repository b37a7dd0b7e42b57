"""The simulator's time: a clock handed in, and an offset a test can set."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def utc_now() -> datetime:
    """Tell the time of this machine."""
    return datetime.now(UTC)


class Clock:
    """Runs as the clock it was given, moved by an offset."""

    def __init__(self, source: Callable[[], datetime]) -> None:
        self.source = source
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Tell the simulator's time, in UTC."""
        return (self.source() + self._offset).astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._offset += timedelta(seconds=seconds)

    def set_to(self, moment: datetime) -> None:
        """Make it be this moment now."""
        self._offset = moment - self.source()

    def http_date(self) -> str:
        """Write the time as the Date header wants it."""
        return format_datetime(self.now(), usegmt=True)
