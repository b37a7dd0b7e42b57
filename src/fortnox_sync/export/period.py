"""A period of business days that a person asks about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS = 400  # a long first financial year is 18 months; a year and its closing month fit


class BadPeriodError(ValueError):
    """The days asked for make no period."""


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from the first to the last, both included."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins, or that is longer than anyone reads."""
        if self.from_on > self.to_on:
            raise BadPeriodError(f"{self.from_on} is after {self.to_on}: swap `from` and `to`.")
        if self.to_on - self.from_on >= timedelta(days=MOST_DAYS):
            raise BadPeriodError(f"Ask for at most {MOST_DAYS} days at a time.")

    @classmethod
    def of(cls, from_on: date | None, to_on: date | None, today: date) -> Period:
        """Fill in what was left out: up to today, from the first of that month."""
        last = to_on or (today if from_on is None else max(today, from_on))
        return cls(from_on or last.replace(day=1), last)
