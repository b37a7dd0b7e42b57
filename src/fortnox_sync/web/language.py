"""The reader's language: Swedish unless English is preferred."""

from typing import Annotated, Literal

from fastapi import Depends, Header

Language = Literal["sv", "en"]


def language_of(
    accept_language: Annotated[str | None, Header(description="`sv` (default) or `en`.")] = None,
) -> Language:
    """Return the first of our languages in the header; weights are not worth the trouble for two."""
    for part in (accept_language or "").lower().split(","):
        tag = part.partition(";")[0].strip().partition("-")[0]
        if tag == "sv":
            return "sv"
        if tag == "en":
            return "en"
    return "sv"


Spoken = Annotated[Language, Depends(language_of)]
