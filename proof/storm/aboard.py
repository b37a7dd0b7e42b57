"""Who is aboard: what a worker does may be struck, what people and the till do beside it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ABOARD: ContextVar[bool] = ContextVar("aboard", default=False)


def is_aboard() -> bool:
    """Tell whether a worker does this."""
    return _ABOARD.get()


@contextmanager
def aboard() -> Iterator[None]:
    """Do something as a worker."""
    token = _ABOARD.set(True)
    try:
        yield
    finally:
        _ABOARD.reset(token)
