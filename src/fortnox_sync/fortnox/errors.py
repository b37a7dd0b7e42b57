"""What can go wrong when asking Fortnox, told apart by what the caller may conclude.

FortnoxError
├── NotSent          nothing reached Fortnox; asking again is harmless
├── Refused          Fortnox said no, and did nothing
│   └── NotFound     what was asked for does not exist
├── Throttled        too many requests; did nothing
├── Unauthorised     the access token is not accepted; did nothing
├── GrantRefused     the authorisation server gave no token
└── Unanswered       nobody knows whether Fortnox did it; look before asking again

Cancellation is no member of the tree: it passes through as it is.
"""

# ruff: noqa: N818 - each name says what happened; the base alone is called an error

import copyreg
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(eq=False, repr=False)
class FortnoxError(Exception):
    """Asking Fortnox did not work out."""

    def __str__(self) -> str:
        return f"{self._summary()} ({self._facts()})"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._facts()})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions unpickle by calling the class with `args`, which dataclass keywords never enter.
        return copyreg.__newobj__, (type(self),), self.__dict__  # type: ignore[attr-defined]

    def _summary(self) -> str:
        return (type(self).__doc__ or "").partition("\n")[0].rstrip(".")

    def _facts(self) -> str:
        return ", ".join(f"{fact.name}={getattr(self, fact.name)!r}" for fact in fields(self) if fact.repr)


@dataclass(eq=False, repr=False)
class NotSent(FortnoxError):
    """Nothing reached Fortnox."""

    reason: str


@dataclass(eq=False, repr=False)
class Refused(FortnoxError):
    """Fortnox refused the request and did nothing."""

    status: int
    code: int | None = None
    # Fortnox's words can name people ("… har låst perioden"), so they stay out of logs and tracebacks.
    text: str = field(default="", repr=False)
    request_id: str | None = None


@dataclass(eq=False, repr=False)
class NotFound(Refused):
    """Fortnox has nothing under that key."""

    status: int = 404


@dataclass(eq=False, repr=False)
class Throttled(FortnoxError):
    """Fortnox asks us to slow down."""

    retry_after: float | None = None
    request_id: str | None = None


@dataclass(eq=False, repr=False)
class Unauthorised(FortnoxError):
    """Fortnox does not accept the access token."""

    text: str = field(default="", repr=False)
    code: int | None = None
    request_id: str | None = None


@dataclass(eq=False, repr=False)
class GrantRefused(FortnoxError):
    """The authorisation server refused to give or renew a token."""

    error: str
    error_description: str = field(default="", repr=False)
    status: int | None = None


@dataclass(eq=False, repr=False)
class Unanswered(FortnoxError):
    """It is unknown whether Fortnox did what was asked."""

    reason: str
    status: int | None = None
    request_id: str | None = None
