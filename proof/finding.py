"""What a part of the proof found beside what it should find, and why a part can't be run at all."""

from __future__ import annotations

from dataclasses import dataclass


class CannotProveError(Exception):
    """Something is missing here; the text is a sentence with the cure."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: what it was, what should come of it, and what did."""

    group: str
    what: str
    expected: str
    found: str
    figures: str

    @property
    def is_as_expected(self) -> bool:
        """Tell whether the proof stands here."""
        return self.expected == self.found
