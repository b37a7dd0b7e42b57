"""The verdict on a try that was not answered with a voucher: what it proves, and what may follow when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from fortnox_sync.export.hold import LOOK_EVERY
from fortnox_sync.export.state import AttemptOutcome, State
from fortnox_sync.fault.kind import Kind
from fortnox_sync.fortnox import FortnoxError, Throttled

FIRST_LOOK = timedelta(seconds=5)
_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 300.0
_THROTTLED_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the try and its voucher stand now.

    The lane's other vouchers rest until `rests_until`, for they would fare no better; `goes_on` says that
    they may be sent in the same turn.
    """

    outcome: AttemptOutcome
    state: State
    due_at: datetime | None
    rests_until: datetime | None = None
    goes_on: bool = False
    is_told: bool = True


def verdict_on(kind: Kind, error: FortnoxError, now: datetime, tries: int, *, is_last_token: bool) -> Verdict:
    """Take an error for what it proves: not sent, refused, or nobody knows."""
    match kind:
        case Kind.NOT_SENT:
            later = now + backoff(tries)
            return Verdict(AttemptOutcome.NOT_SENT, State.READY, later, rests_until=later)
        case Kind.THROTTLED:
            later = now + throttled_wait(error)
            return Verdict(AttemptOutcome.REFUSED, State.READY, later, rests_until=later)
        case Kind.UNAUTHORISED if not is_last_token:
            return Verdict(AttemptOutcome.REFUSED, State.READY, now, is_told=False)
        case Kind.UNAUTHORISED | Kind.FORBIDDEN:
            later, state = now + LOOK_EVERY, State.READY if kind is Kind.UNAUTHORISED else State.HELD
            return Verdict(AttemptOutcome.REFUSED, state, later, rests_until=later)
        case Kind.INVALID | Kind.PERIOD:
            return Verdict(AttemptOutcome.REFUSED, State.HELD, None, goes_on=True)
        case Kind.AMBIGUOUS:
            return Verdict(AttemptOutcome.IN_DOUBT, State.IN_DOUBT, now + FIRST_LOOK)
        case _:
            assert_never(kind)


def backoff(tries: int) -> timedelta:
    """Wait at random up to a bound that doubles with every try, so that workers do not come back as one."""
    bound = min(_FIRST_WAIT_S * 2 ** min(tries, 10), _LONGEST_WAIT_S)
    return timedelta(seconds=random.uniform(0, bound))  # noqa: S311 - jitter is no secret


def throttled_wait(error: FortnoxError) -> timedelta:
    """Wait as long as Fortnox asks for, else a little."""
    told = error.retry_after if isinstance(error, Throttled) else None
    return timedelta(seconds=(told or _THROTTLED_WAIT_S) + random.uniform(0, 1))  # noqa: S311 - as above
