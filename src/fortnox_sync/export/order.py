"""The order of work: by the day; and where months are filled in, today's closes do not wait for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from fortnox_sync.runtime.clock import business_day

# A till may close after midnight, so yesterday's close counts as today's.
_FRESH = timedelta(days=1)
_T = TypeVar("_T")


def fresh_from(now: datetime) -> date:
    """Return the first business day whose close counts as today's."""
    return business_day(now) - _FRESH


def fresh_first(day: sa.ColumnElement[date], now: datetime) -> tuple[sa.ColumnElement[Any], ...]:
    """Order by today's closes first, then by the oldest day: nobody waits behind a back-fill of months."""
    return sa.case((day >= fresh_from(now), 0), else_=1), day


def by_day_if_all(found: Sequence[_T], most: int, day: Callable[[_T], date]) -> tuple[_T, ...]:
    """Keep up to `most` of what was found fresh first; where that is all, it goes by the day.

    So the numbers of a few days that waited together follow their dates.
    """
    return tuple(found[:most]) if len(found) > most else tuple(sorted(found, key=day))
