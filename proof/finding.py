"""What a part of the proof found beside what it should find, and why a part can't be run at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


class CannotProveError(Exception):
    """Something is missing here; the text is a sentence with the cure."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done to the service, and what became of the sales; tallies of many runs add up."""

    # How often each kind of fault really struck, not how often it was asked for.
    faults: Counter[str] = field(default_factory=Counter)
    # The named places in the walk at which a process died, and how often.
    fail_points: Counter[str] = field(default_factory=Counter)
    sales: int = 0
    vouchers: int = 0
    # Vouchers too many in Fortnox's own ledger, sales in none without a fault that says so, and the sum of
    # all differences in öre; each counted only where no row of the matrix says otherwise.
    duplicates: int = 0
    lost: int = 0
    ore_difference: int = 0
    needed_a_person: int = 0
    # Seconds from a first try whose outcome was unknown to a proven one, by the clock of the run.
    to_certainty_s: tuple[float, ...] = ()
    seeds: tuple[int, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.faults + other.faults,
            self.fail_points + other.fail_points,
            self.sales + other.sales,
            self.vouchers + other.vouchers,
            self.duplicates + other.duplicates,
            self.lost + other.lost,
            self.ore_difference + other.ore_difference,
            self.needed_a_person + other.needed_a_person,
            self.to_certainty_s + other.to_certainty_s,
            self.seeds + other.seeds,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: what it was, what should come of it, and what did."""

    group: str
    what: str
    expected: str
    found: str
    figures: str
    tally: Tally | None = None

    @property
    def is_as_expected(self) -> bool:
        """Tell whether the proof stands here."""
        return self.expected == self.found
