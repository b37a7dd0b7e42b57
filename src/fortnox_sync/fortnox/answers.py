"""Fortnox's answers judged: a value to read, or what a refusal means.

Fortnox spells its error body in two casings, sends codes as numbers or strings, and JSON under other content
types (Fortnox docs, errors page, and answers recorded by integrators). Only a body that names an error proves
that Fortnox decided; a bare or HTML 4xx may come from something on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Generic, TypeVar

import httpx

from fortnox_sync.fortnox.errors import (
    FortnoxError,
    NotFound,
    Refused,
    Throttled,
    Unanswered,
    Unauthorised,
)
from fortnox_sync.fortnox.json_exact import decoded

T = TypeVar("T")

_NO_SUCH_ROUTE = 2000762  # our URL is wrong, which says nothing about whether the thing exists
_AMBIGUOUS = {HTTPStatus.REQUEST_TIMEOUT}
_LONGEST_TEXT = 1000
_LONGEST_ID = 100
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What a write brought about, under which request id, and when by Fortnox's own clock."""

    value: T
    request_id: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The code and the Swedish text of a Fortnox error."""

    code: int | None
    text: str


def judged(answer: httpx.Response) -> httpx.Response:
    """Let a success pass; raise what any other answer means."""
    if fault := fault_of(answer):
        raise fault
    return answer


def fault_of(answer: httpx.Response) -> FortnoxError | None:
    """Tell what an answer means that is no success."""
    return None if answer.is_success else _meaning(answer)


def read(answer: httpx.Response, reader: Callable[[object], T]) -> T:
    """Read the body of a success; one that cannot be read leaves us not knowing."""
    try:
        return reader(_json(answer))
    except Unanswered as gap:
        reason = gap.reason
    # Raised out here so that no decoder's exception, which carries the body, comes along as context.
    raise Unanswered(reason, answer.status_code, request_id_of(answer))


def request_id_of(answer: httpx.Response) -> str | None:
    """Give Fortnox's id of the request, which their support asks for."""
    return answer.headers.get("X-Uid", "")[:_LONGEST_ID] or None


def answered_at(answer: httpx.Response) -> datetime | None:
    """Give the time on Fortnox's clock when it answered."""
    return _http_date(answer.headers.get("Date", ""))


def error_body(answer: httpx.Response) -> ErrorBody | None:
    """Find Fortnox's error in a body, in either casing."""
    information = _caseless(_caseless(_json_if_any(answer)).get("errorinformation"))
    code, text = _code(information.get("code")), information.get("message")
    if code is None and not isinstance(text, str):
        return None
    return ErrorBody(code, _text(text))


def _meaning(answer: httpx.Response) -> FortnoxError:
    status, request_id = answer.status_code, request_id_of(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(_retry_after(answer), request_id)
    if not answer.is_client_error or status in _AMBIGUOUS:
        return Unanswered("not an answer", status, request_id)
    if (error := error_body(answer) or _gateway_error(answer)) is None:
        return Unanswered("a refusal that names no error", status, request_id)
    return _refusal(status, error, request_id)


def _refusal(status: int, error: ErrorBody, request_id: str | None) -> FortnoxError:
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorised(error.text, error.code, request_id)
    if status == HTTPStatus.NOT_FOUND and error.code != _NO_SUCH_ROUTE:
        return NotFound(status, error.code, error.text, request_id)
    return Refused(status, error.code, error.text, request_id)


def _gateway_error(answer: httpx.Response) -> ErrorBody | None:
    """Find the gateway's own refusal: it guards the door, so nothing behind it has happened."""
    if answer.status_code not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return None
    if answer.status_code == HTTPStatus.UNAUTHORIZED and not answer.content:
        return ErrorBody(None, "")
    text = _caseless(_json_if_any(answer)).get("message")
    return ErrorBody(None, _text(text)) if isinstance(text, str) else None


def _retry_after(answer: httpx.Response) -> float | None:
    told = answer.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdecimal():
        return min(float(told), _LONGEST_WAIT)
    until, now = _http_date(told), answered_at(answer)
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _json(answer: httpx.Response) -> object:
    try:
        return decoded(answer.content)
    except ValueError:
        raise Unanswered("unreadable body") from None


def _json_if_any(answer: httpx.Response) -> object:
    try:
        return decoded(answer.content)
    except ValueError:
        return None


def _caseless(value: object) -> dict[str, object]:
    return {key.lower(): item for key, item in value.items()} if isinstance(value, dict) else {}


def _code(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        return int(value) if len(value) <= _LONGEST_ID else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""
