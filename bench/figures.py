"""Figures: what a benchmark found out, as ratios of one thing to another in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Does the work of a round and tells its seconds.
Measure = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a ratio should be: at most, or at least."""

    limit: float
    at_most: bool

    def is_met(self, ratio: float) -> bool:
        """Tell whether a ratio, as it is shown, is on the right side."""
        shown = round(ratio, 2)
        return shown <= self.limit if self.at_most else shown >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit}"


@dataclass(frozen=True, slots=True)
class Figure:
    """Ratios of one thing to another, one a round; their median counts."""

    benchmark: str
    database: str
    name: str
    against: str
    ratios: tuple[float, ...]
    aim: Aim | None = None

    @property
    def ratio(self) -> float:
        """Return the median of all rounds."""
        return statistics.median(self.ratios)

    @property
    def verdict(self) -> str:
        """Say whether the aim holds; a figure without one is only told."""
        if self.aim is None:
            return "told"
        return "holds" if self.aim.is_met(self.ratio) else "MISSED"


def rates(rounds: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """Turn seconds of ours and theirs for equal work into ratios of speed."""
    return tuple(theirs / ours for ours, theirs in rounds)


def alternate(rounds: int, ours: Measure, theirs: Measure) -> list[tuple[float, float]]:
    """Measure two things by turns, the other one first each time; the round before the first warms up."""
    found = []
    for number in range(rounds + 1):
        if number % 2:
            first = ours(number)
            found.append((first, theirs(number)))
        else:
            second = theirs(number)
            found.append((ours(number), second))
    return found[1:]
