"""What a mutant is: a small, exact change of the code, and the tests of two kinds that must fail on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

# The two databases as tests name them in their parameters.
ON_SQLITE, ON_POSTGRESQL = "[sqlite", "[postgresql"


class Kind(StrEnum):
    """The kinds of test; one who writes a safeguard wrongly seldom fools two of them."""

    ROOM = "room"
    JOURNEY = "journey"
    HISTORY = "history"
    NETWORK = "network"
    CONTRACT = "contract"


_FOLDERS = {"journeys": Kind.JOURNEY, "network": Kind.NETWORK, "contract": Kind.CONTRACT}
_HISTORIES = "tests/journeys/test_any_history.py"


def kind_of(node_id: str) -> Kind:
    """Tell the kind of a test by where it stands: a room's own tests are all that have no folder here."""
    file = node_id.partition("::")[0]
    if file == _HISTORIES:
        return Kind.HISTORY
    return _FOLDERS.get(PurePosixPath(file).parts[1], Kind.ROOM)


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a file of the tree: the text that stands there once, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """The code without one safeguard, and the tests that must not let that pass."""

    name: str
    without: str
    changes: tuple[Change, ...]
    killed_by: tuple[str, ...]
    # The flag that takes the same safeguard out of the model, which then says why it is needed.
    in_model: str | None = None

    @property
    def kinds(self) -> frozenset[Kind]:
        """Return the kinds of test that must fail."""
        return frozenset(map(kind_of, self.killed_by))


def told(kinds: frozenset[Kind]) -> str:
    """Spell kinds as a finding tells them."""
    return f"killed by {' and '.join(sorted(kinds))}" if kinds else "survives"


def on_both(node_id: str) -> tuple[str, ...]:
    """Name a test on both databases, where it was named on SQLite."""
    if ON_SQLITE in node_id:
        return node_id, node_id.replace(ON_SQLITE, ON_POSTGRESQL)
    return (node_id,)
