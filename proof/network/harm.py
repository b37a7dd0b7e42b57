"""What can be done to one call on its way: torn at a place in some manner, or something odder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

_END_OF_HEAD = b"\r\n\r\n"
_END_OF_LINE = b"\r\n"


class How(StrEnum):
    """How a connection ends, or does not."""

    CUT = "cut"
    RESET = "reset"
    HOLD = "held"
    HALF_CLOSE = "half closed"


class Place(StrEnum):
    """Where in a call it happens; in or after the first half, it was executed only where it is whole."""

    REQUEST_LINE = "in the request line"
    REQUEST_HEADERS = "in the request's headers"
    REQUEST_BODY = "in the request's body"
    WHOLE_REQUEST = "after the whole request"
    STATUS_LINE = "in the status line"
    ANSWER_HEADERS = "in the answer's headers"
    ANSWER_BODY = "in the answer's body"
    LAST_BYTE = "before the last byte"

    @property
    def is_executed(self) -> bool:
        """Tell whether the other side has received the whole request."""
        return self not in {self.REQUEST_LINE, self.REQUEST_HEADERS, self.REQUEST_BODY}


@dataclass(frozen=True, slots=True)
class Tear:
    """A call torn at a place; `share` says how far into it, between 0 and 1."""

    how: How
    place: Place
    share: float = 0.5

    @property
    def name(self) -> str:
        """Name the harm as findings do."""
        return f"{self.how} {self.place}"


class Oddity(StrEnum):
    """A whole request that is answered by something else, late, bit by bit, or carried out twice."""

    TRICKLE = "an answer byte by byte"
    GARBAGE = "bytes that are no HTTP"
    PORTAL = "a page with 200 instead of the answer"
    BAD_GATEWAY = "a page with 502 though executed"
    UNAVAILABLE = "a page with 503 though executed"
    GATEWAY_TIMEOUT = "a page with 504 though executed"
    LATE = "executed only after the caller has left"
    TWICE = "delivered twice, the first answered"
    TWICE_LAST = "delivered twice, the second answered"
    REFUSED = "the connection is refused"

    @property
    def is_twice(self) -> bool:
        """Tell whether two come of one request."""
        return self in {self.TWICE, self.TWICE_LAST}


Harm = Tear | Oddity


def name_of(harm: Harm) -> str:
    """Name a harm."""
    return harm.name if isinstance(harm, Tear) else harm.value


def cut_at(message: bytes, place: Place, share: float) -> int:
    """Return how many bytes of a request, or of an answer, get through."""
    line = message.index(_END_OF_LINE)
    head = message.index(_END_OF_HEAD) + len(_END_OF_HEAD)
    match place:
        case Place.REQUEST_LINE | Place.STATUS_LINE:
            return _within(1, line, share)
        case Place.REQUEST_HEADERS | Place.ANSWER_HEADERS:
            return _within(line + len(_END_OF_LINE), head - 1, share)
        case Place.REQUEST_BODY | Place.ANSWER_BODY:
            return _within(head, len(message) - 1, share)
        case Place.LAST_BYTE:
            return len(message) - 1
        case Place.WHOLE_REQUEST:
            return len(message)
        case _:
            assert_never(place)


def _within(first: int, last: int, share: float) -> int:
    return first + int((last - first) * share)
