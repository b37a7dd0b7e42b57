"""Texts as Fortnox lets them into a voucher: the allowed characters, and how long they may be.

Source: Fortnox docs, "Formats and encoding"; anything outside the list is refused with code 2000359.
"""

import unicodedata

DESCRIPTION_LIMIT = 200
COMMENTS_LIMIT = 1000
ROW_TEXT_LIMIT = 100

_COMBINING = "\u0308\u030a"  # the dots and the ring of å, ä and ö when written as marks of their own
_SIGNS = frozenset("–:.´’,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@\\`")  # noqa: RUF001 - the list is Fortnox's
_ALLOWED = _SIGNS | frozenset("0123456789 \u00a0\r\n" + _COMBINING)

_QUOTES = "\"'“”„‟‘‚‛‹›«»′″"  # noqa: RUF001 - look-alikes are what this is about
_OPENING, _CLOSING = "[{<", "]}>"
_DASHES = "~‐‑‒−•·"  # noqa: RUF001 - as above

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys(_QUOTES, "’")  # noqa: RUF001 - the one apostrophe Fortnox takes
    | dict.fromkeys(_OPENING, "(")
    | dict.fromkeys(_CLOSING, ")")
    | dict.fromkeys(_DASHES, "-")
    | {"…": "...", "|": "/", "—": "–", "―": "–", "×": "x"}  # noqa: RUF001 - as above
)


def is_allowed(text: str) -> bool:
    """Tell whether Fortnox takes every character of the text."""
    return all(map(_is_allowed_character, text)) and "://" not in text


def clean(text: str, limit: int) -> str:
    """Write the text so that Fortnox takes it: typography replaced, the rest dropped, cut at the limit."""
    kept = "".join(map(_kept, _composed(text).translate(_TYPOGRAPHY)))
    # Dropping a character can bring a letter and its mark together, hence composed once more.
    whole = _composed(kept).replace("://", ": //")  # seen refused by integrators, though each sign is allowed
    return _cut(" ".join(whole.split()), limit)


def _is_allowed_character(character: str) -> bool:
    return character in _ALLOWED or unicodedata.category(character).startswith("L")


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    return character if _is_allowed_character(character) else ""


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _cut(text: str, limit: int) -> str:
    end = limit
    while 0 < end < len(text) and text[end] in _COMBINING:
        end -= 1  # a mark without its letter would land on whatever follows
    return text[:end].rstrip()
