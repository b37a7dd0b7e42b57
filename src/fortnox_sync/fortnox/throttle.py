"""Fortnox's rate limit, kept on our side: so many requests start in any window, people first.

Fortnox counts 25 requests in a sliding five seconds per integration and company (Fortnox docs, rate limits).
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

SLOW_FOR = 600.0
PAUSE = 5.0
_TICK = 0.001  # the least sleep: a float's rounding must not become a busy loop


class Turns(Protocol):
    """Hands out turns to start a request; one process may keep them, or several together."""

    async def acquire(self, *, interactive: bool = False) -> None:
        """Wait for a turn to start one request."""
        ...

    def slow_down(self, pause: float | None = None) -> None:
        """Heed a 429."""
        ...


class Throttle:
    """Turns for one company: at most `limit` in any window, `reserve` of them kept for people at a screen.

    Requests travel at different speeds, so what starts apart may arrive closer together: `guard` seconds
    are added to the window for that.
    """

    def __init__(
        self,
        limit: int = 23,
        window: float = 5.0,
        *,
        reserve: int = 4,
        guard: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if not 0 <= reserve < limit:
            raise ValueError("the reserve has to leave something of the limit")
        self._limit, self._share = limit, limit - reserve
        self._span = window + guard
        self._clock, self._sleep = clock, sleep
        self._starts: deque[float] = deque(maxlen=limit)
        self._background: deque[float] = deque(maxlen=self._share)
        # asyncio's lock wakes its waiters in the order they came: first come, first served in each row.
        self._rows = {True: asyncio.Lock(), False: asyncio.Lock()}
        self._slow_until = self._quiet_until = float("-inf")

    async def acquire(self, *, interactive: bool = False) -> None:
        """Wait for a turn to start one request."""
        async with self._rows[interactive]:
            while (wait := self._free_at(interactive=interactive) - self._clock()) > 0:
                await self._sleep(max(wait, _TICK))
            self._note_start(interactive=interactive)

    def slow_down(self, pause: float | None = None) -> None:
        """Heed a 429: start nothing for a moment, then go at half the rate for ten minutes."""
        now = self._clock()
        self._quiet_until = max(self._quiet_until, now + (PAUSE if pause is None else pause))
        self._slow_until = now + SLOW_FOR

    def recent(self) -> tuple[float, ...]:
        """Tell how many seconds ago the turns were given that still count, for whoever goes on from here."""
        now = self._clock()
        return tuple(now - start for start in self._starts if now - start < self._span)

    def resume(self, ages: Iterable[float]) -> None:
        """Count turns that another process has given so many seconds ago."""
        now = self._clock()
        for age in sorted(ages, reverse=True):
            self._starts.append(now - age)
            self._background.append(now - age)

    def _note_start(self, *, interactive: bool) -> None:
        self._starts.append(self._clock())
        if not interactive:
            self._background.append(self._starts[-1])

    def _free_at(self, *, interactive: bool) -> float:
        whole = self._over_at(self._starts, self._limit)
        share = whole if interactive else self._over_at(self._background, self._share)
        return max(self._quiet_until, whole, share)

    def _over_at(self, starts: deque[float], allowed: int) -> float:
        if self._clock() < self._slow_until:
            allowed = max(1, allowed // 2)
        return starts[-allowed] + self._span if len(starts) >= allowed else float("-inf")
