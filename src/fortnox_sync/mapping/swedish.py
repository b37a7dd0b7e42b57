"""Words as a Swede looks for them: case and accents don't matter, but å, ä and ö are letters of their own."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = frozenset("åäö")
# The neighbours' letters, sorted and looked for in Sweden as these.
_NEIGHBOURS = {"æ": "ä", "ø": "ö"}
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Write a text the way it is compared: `Café` as `cafe`, `Öl` as `öl` and never as `ol`."""
    return "".join(map(_folded, unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())))


def _folded(character: str) -> str:
    if character in _LETTERS:
        return character
    if character in _NEIGHBOURS:
        return _NEIGHBOURS[character]
    return "".join(one for one in unicodedata.normalize("NFD", character) if not unicodedata.combining(one))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text, folded, in their order."""
    return tuple(_WORD.findall(folded(text)))


def is_found(search: str, key: str, description: str) -> bool:
    """Tell whether every word looked for begins the key or stands somewhere in the description.

    Within words too: whoever looks for `kort` means `Fordringar för kontokort`.
    """
    code, text = folded(key), folded(description)
    return all(code.startswith(word) or word in text for word in words_of(search))


def begins(search: str, key: str) -> bool:
    """Tell whether what is looked for is the beginning of the key itself."""
    words = words_of(search)
    return bool(words) and folded(key).startswith(words[0])
