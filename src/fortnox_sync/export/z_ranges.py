"""The Z numbers of a period: one unbroken series per register, or it says where it breaks (SKVFS 2014:9)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from fortnox_sync.export.days import Day


@dataclass(frozen=True, slots=True)
class Gap:
    """Z numbers that are missing, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ZNumbers:
    """The Z numbers of one register in a period; `follows` is its highest before it, if there was one.

    `open` counts sessions without a Z report.
    """

    register_id: str
    register_name: str | None
    follows: int | None
    first: int | None
    last: int | None
    reports: int
    open: int
    gaps: tuple[Gap, ...]
    repeated: tuple[int, ...]


def z_numbers_of(days: Iterable[Day], earlier: Mapping[str, int]) -> tuple[ZNumbers, ...]:
    """List the Z numbers of each register that has a session among the days."""
    registers: defaultdict[str, list[Day]] = defaultdict(list)
    for day in days:
        registers[day.register_id].append(day)
    return tuple(
        _of(register_id, some, earlier.get(register_id)) for register_id, some in sorted(registers.items())
    )


def _of(register_id: str, days: list[Day], follows: int | None) -> ZNumbers:
    counted = Counter(day.z_number for day in days if day.z_number is not None)
    numbers = sorted(counted)
    before = [] if follows is None else [follows]
    return ZNumbers(
        register_id=register_id,
        register_name=days[-1].register_name,
        follows=follows,
        first=numbers[0] if numbers else None,
        last=numbers[-1] if numbers else None,
        reports=counted.total(),
        open=sum(day.z_number is None for day in days),
        gaps=tuple(Gap(one + 1, two - 1) for one, two in pairwise([*before, *numbers]) if two > one + 1),
        repeated=tuple(number for number in numbers if counted[number] > 1),
    )
