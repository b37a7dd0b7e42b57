"""How a company's lane towards Fortnox must take an error, whatever it tells the merchant."""

from enum import StrEnum

from fortnox_sync.fault.codes import Meaning, meaning_of_status
from fortnox_sync.fault.hearing import hear
from fortnox_sync.fortnox.errors import (
    FortnoxError,
    GrantRefused,
    NotSent,
    Refused,
    Throttled,
    Unauthorised,
)


class Kind(StrEnum):
    """The classes of failure that call for different next steps."""

    NOT_SENT = "not_sent"
    THROTTLED = "throttled"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    INVALID = "invalid"
    PERIOD = "period"
    AMBIGUOUS = "ambiguous"


KIND_OF_MEANING: dict[Meaning, Kind] = {
    Meaning.AUTHORIZATION_ENDED: Kind.UNAUTHORISED,
    Meaning.AUTHORIZATION_DENIED: Kind.UNAUTHORISED,
    Meaning.ADMINISTRATOR_NEEDED: Kind.UNAUTHORISED,
    Meaning.LICENSE_LACKING: Kind.FORBIDDEN,
    Meaning.INTEGRATION_LICENSE_LACKING: Kind.FORBIDDEN,
    Meaning.PERMISSION_LACKING: Kind.FORBIDDEN,
    Meaning.SERIES_NOT_MANUAL: Kind.PERIOD,
    Meaning.SERIES_MISSING: Kind.PERIOD,
    Meaning.YEAR_MISSING: Kind.PERIOD,
    Meaning.PERIOD_LOCKED: Kind.PERIOD,
    Meaning.THROTTLED: Kind.THROTTLED,
    Meaning.UNREACHABLE: Kind.NOT_SENT,
    Meaning.UNANSWERED: Kind.AMBIGUOUS,
}


def kind_of(error: FortnoxError) -> Kind:
    """Tell how to take an error; whatever is not certain to have done nothing is ambiguous."""
    match error:
        case NotSent():
            return Kind.NOT_SENT
        case Throttled():
            return Kind.THROTTLED
        case Unauthorised():
            return Kind.UNAUTHORISED
        case GrantRefused():
            return KIND_OF_MEANING.get(hear(error).meaning, Kind.FORBIDDEN)
        case Refused() if meaning_of_status(error.status) is not Meaning.UNANSWERED:
            return KIND_OF_MEANING.get(hear(error).meaning, Kind.INVALID)
        case _:
            return Kind.AMBIGUOUS
