"""The characters Fortnox lets into a text (Fortnox docs, formats and encoding)."""

_SIGNS = frozenset(
    " \N{NO-BREAK SPACE}\r\n\N{COMBINING DIAERESIS}\N{COMBINING RING ABOVE}`"
    "\N{EN DASH}:.\N{ACUTE ACCENT}\N{RIGHT SINGLE QUOTATION MARK},;^\N{CURRENCY SIGN}#%§£$€¢¥©™°"
    "&/()=+-*_!?²³®½@\\"
)
# Two public code bases met a refusal of this sequence, though each sign in it is allowed alone.
_REFUSED_SEQUENCE = "://"


def _allowed(character: str) -> bool:
    return character.isalpha() or character.isdecimal() or character in _SIGNS


def is_allowed(text: str) -> bool:
    """Tell whether a text has only characters that Fortnox takes."""
    return all(map(_allowed, set(text))) and _REFUSED_SEQUENCE not in text
