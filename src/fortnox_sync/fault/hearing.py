"""What an error of the Fortnox client comes down to: its code first, its words second, its status last."""

from dataclasses import dataclass

from fortnox_sync.fault.codes import MEANING_OF_CODE, MEANING_OF_GRANT_ERROR, Meaning, meaning_of_status
from fortnox_sync.fault.wording import meaning_of_text, tidy
from fortnox_sync.fortnox.errors import (
    FortnoxError,
    GrantRefused,
    NotSent,
    Refused,
    Throttled,
    Unauthorised,
)

UNAUTHORISED = 401


@dataclass(frozen=True, slots=True)
class Said:
    """The meaning of an error, and the words and numbers it was said with."""

    meaning: Meaning
    text: str = ""
    code: int | None = None
    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None


def hear(error: FortnoxError) -> Said:
    """Read any error of the tree; one we do not know leaves everything open, so it counts as no answer."""
    match error:
        case NotSent():
            return Said(Meaning.UNREACHABLE)
        case Throttled():
            return Said(Meaning.THROTTLED, retry_after=error.retry_after)
        case Unauthorised():
            return _words_of(error, UNAUTHORISED)
        case Refused():
            return _words_of(error, error.status)
        case GrantRefused():
            return _words_of_grant(error)
        case _:
            return Said(Meaning.UNANSWERED)


def _words_of(error: Refused | Unauthorised, status: int) -> Said:
    text = tidy(error.text)
    known = MEANING_OF_CODE.get(error.code) if error.code is not None else None
    meaning = known or meaning_of_text(text) or meaning_of_status(status)
    request_id = tidy(error.request_id) if error.request_id else None
    return Said(meaning, text=text, code=error.code, status=status, request_id=request_id)


def _words_of_grant(error: GrantRefused) -> Said:
    name, description = tidy(error.error), tidy(error.error_description)
    meaning = MEANING_OF_GRANT_ERROR.get(name.casefold()) or meaning_of_status(error.status)
    if meaning is Meaning.UNANSWERED:  # a token that never came has booked nothing
        meaning = Meaning.UNREACHABLE
    return Said(meaning, text=f"{name}: {description}" if description else name, status=error.status)
