"""The rate limit: 25 calls in any 5 seconds per app and company (Fortnox docs, rate limits)."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=5)


class RateWindow:
    """A sliding window per (client id, tenant); refused calls take no place in it, which is our reading."""

    def __init__(self) -> None:
        self._seen: defaultdict[tuple[str, int], deque[datetime]] = defaultdict(deque)

    def admit(self, client_id: str, tenant: int, now: datetime, limit: int) -> bool:
        """Let a call in, unless the window is full; limit 0 lets everything in."""
        seen = self._seen[client_id, tenant]
        while seen and seen[0] <= now - WINDOW:
            seen.popleft()
        if limit and len(seen) >= limit:
            return False
        seen.append(now)
        return True
