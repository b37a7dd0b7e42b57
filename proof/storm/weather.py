"""The weather: chance that can be told again, and a count of what really struck."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Weather:
    """How rough it is, in chances from 0 to 1; the same seed draws the same again."""

    seed: int
    of_request: float
    of_commit: float
    of_delivery: float
    faults: Counter[str] = field(default_factory=Counter)
    fail_points: Counter[str] = field(default_factory=Counter)
    is_calm: bool = False

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - chance that can be drawn again

    @classmethod
    def of(cls, seed: int) -> Weather:
        """Draw how rough it will be: some voyages see a gale, some a breeze."""
        drawn = random.Random(~seed)  # noqa: S311 - as above
        return cls(
            seed,
            of_request=drawn.uniform(0.15, 0.45),
            of_commit=drawn.uniform(0.02, 0.12),
            of_delivery=drawn.uniform(0.0, 0.5),
        )

    def strikes(self, likelihood: float) -> bool:
        """Tell whether something goes wrong now."""
        return not self.is_calm and self.chance.random() < likelihood

    def one_of(self, kinds: Sequence[T]) -> T:
        """Draw one."""
        return self.chance.choice(kinds)

    def struck(self, kind: str, fail_point: str | None = None) -> None:
        """Count what struck, and where a process died of it."""
        self.faults[kind] += 1
        if fail_point is not None:
            self.fail_points[fail_point] += 1
