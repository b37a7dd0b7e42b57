"""Fortnox's host: where it can't be reached time after time, all leave it alone, and then one knocks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fortnox_sync.fortnox.errors import NotSent, Unanswered

MISSES = 5
REST = 30.0


class Host:
    """Whether the host answers at all, for everybody in this process; what it answers is no matter.

    `on_rest` is told the seconds whenever a rest begins.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_rest: Callable[[float], object] | None = None,
    ) -> None:
        self._clock, self._on_rest = clock, on_rest
        self._misses = 0
        self._rests_until = float("-inf")
        self._is_probing = False

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Make one request inside; NotSent, without a connection, while the host is left alone."""
        self._enter()
        try:
            yield
        except NotSent:
            self._missed()
            raise
        except Unanswered:
            self._misses = 0
            raise
        else:
            self._misses = 0
        finally:
            self._is_probing = False

    def _enter(self) -> None:
        if self._misses < MISSES:
            return
        if self._is_probing or self._clock() < self._rests_until:
            raise NotSent("the host is left alone")
        self._is_probing = True

    def _missed(self) -> None:
        self._misses += 1
        if self._misses >= MISSES:
            self._rests_until = self._clock() + REST
            if self._on_rest is not None:
                self._on_rest(REST)
