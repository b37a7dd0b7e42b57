"""How fast one caller may call: so many calls a minute, some of them at once; others do not notice."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from fortnox_sync.web.problems import Problem

_MINUTE_S = 60.0
# A screen that opens makes a dozen calls at once, and somebody may open several.
_SHARE_AT_ONCE = 6


class CallPace:
    """Counts the calls of each caller in this process, by the generic cell rate algorithm (ITU-T I.371).

    A caller is remembered only while a part of its burst is used up, so the memory is that of the busy ones.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow so many calls a minute, a sixth of them at once; the clock counts seconds."""
        self._between_s = _MINUTE_S / per_minute
        self._ahead_s = self._between_s * (max(1, per_minute // _SHARE_AT_ONCE) - 1)
        self._clock = clock
        self._due_at: OrderedDict[str, float] = OrderedDict()

    def count(self, caller: str) -> None:
        """Count a call; raises a problem that says when to come again for one that is too fast."""
        now = self._clock()
        self._forget(now)
        due_at = max(self._due_at.get(caller, now), now)
        too_early_s = due_at - self._ahead_s - now
        if too_early_s > 0:
            raise _too_fast(ceil(too_early_s))
        self._due_at[caller] = due_at + self._between_s
        self._due_at.move_to_end(caller)

    def _forget(self, now: float) -> None:
        while self._due_at and next(iter(self._due_at.values())) <= now:
            self._due_at.popitem(last=False)


def _too_fast(seconds: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_requests",
        "You call faster than one caller may.",
        f"Come again in {seconds} s. To follow what happens, listen to /events instead of asking again.",
        headers={"Retry-After": str(seconds)},
    )
