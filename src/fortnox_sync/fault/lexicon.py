"""What a language needs to tell a fault: sentences with gaps, and how facts are spelled in the gaps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fortnox_sync.fault.model import FaultCode
from fortnox_sync.fault.parts import Dimension
from fortnox_sync.fault.remediation import Action

Language = Literal["sv", "en"]

# A text with gaps such as `{series}`; of several, the first whose facts are all known is the one to say.
Sentence = str | tuple[str, ...]
Passage = tuple[Sentence, ...]

_GAP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All words of one language, with no logic in them."""

    titles: Mapping[FaultCode, Sentence]
    messages: Mapping[FaultCode, Passage]
    labels: Mapping[Action, str]
    show: str
    parts: Mapping[str, Passage]
    items: Mapping[Dimension, Passage]
    words: Mapping[str, str]
    healed: Passage
    more: str
    separators: tuple[str, str]  # between thousands, before the öre


def gaps_of(text: str) -> frozenset[str]:
    """Return the names of the facts a text needs."""
    return frozenset(_GAP.findall(text))


def filled(sentence: Sentence, facts: Mapping[str, str]) -> str:
    """Fill the gaps of a sentence; it stays unsaid where a fact it needs is not known."""
    options = (sentence,) if isinstance(sentence, str) else sentence
    known = (option for option in options if all(facts.get(gap) for gap in gaps_of(option)))
    return next((option.format_map(facts) for option in known), "")
