"""The state of a till session as a person sees it in a list of days: one word that says what is next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fortnox_sync.export.state import State


class DayState(StrEnum):
    """How far a till session has come; where several fit, the first in this order is the one told."""

    BEFORE_START = "before_start"  # before the start date, and nothing of it was ever planned
    NEEDS_DECISION = "needs_decision"  # a person must say whether a voucher is booked
    DIFFERS = "differs"  # booked, and Fortnox holds something else now: changed, deleted or twice
    IN_DOUBT = "in_doubt"  # sent and not answered; it is being looked up
    HELD = "held"  # something must be mended in Fortnox or in the settings
    INCOMPLETE = "incomplete"  # the Z report and the receipts disagree
    UNMAPPED = "unmapped"  # something sold, paid or done has no account
    OVERDUE = "overdue"  # should have been closed by now, and nobody signed for it
    WAITING = "waiting"  # closed or planned, but the integration is not active
    ON_ITS_WAY = "on_its_way"  # goes on by itself
    OPEN = "open"  # not closed yet
    PARTLY_BOOKED = "partly_booked"  # some of it is booked, some is not, and nothing moves
    DISMISSED = "dismissed"  # a person let it go
    BOOKED = "booked"  # all of it is in Fortnox
    EMPTY = "empty"  # closed, and nothing of it to book


_BOOKS_FAULTS = frozenset({"voucher_changed", "voucher_deleted", "voucher_duplicate"})
# These tell of a session without holding it up, or have a word of their own.
_OTHER_WORDS = frozenset(
    {"day_incomplete", "account_unmapped", "day_overdue", "z_number_gap", "delivery_conflicting"}
)


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What decides the state of a session.

    `waits_for` are the codes of the open faults that the session itself waits for, `vouchers_wait_for` those
    of its vouchers; `unclaimed` counts its transactions that are in no live voucher.
    """

    is_closed: bool
    is_before_start: bool
    is_active: bool
    has_more_to_plan: bool
    unclaimed: int
    vouchers: frozenset[State]
    waits_for: frozenset[str]
    vouchers_wait_for: frozenset[str]


def day_state(facts: DayFacts) -> DayState:
    """Decide; what needs a person comes before what moves by itself, and that before what rests."""
    return next(state for state, fits in _in_order(facts) if fits)


def _in_order(facts: DayFacts) -> Iterator[tuple[DayState, bool]]:
    """Yield every state in its order, each with whether it fits; one always does."""
    yield DayState.BEFORE_START, facts.is_before_start and not facts.vouchers
    yield from _stopped(facts)
    moves = _moves(facts)
    yield DayState.WAITING, moves and not facts.is_active
    yield DayState.ON_ITS_WAY, moves
    yield DayState.OPEN, not facts.is_closed
    yield from _settled(facts)


def _stopped(facts: DayFacts) -> Iterator[tuple[DayState, bool]]:
    yield DayState.NEEDS_DECISION, State.NEEDS_DECISION in facts.vouchers
    yield DayState.DIFFERS, bool(facts.vouchers_wait_for & _BOOKS_FAULTS)
    yield DayState.IN_DOUBT, State.IN_DOUBT in facts.vouchers
    yield DayState.HELD, State.HELD in facts.vouchers or bool(facts.waits_for - _OTHER_WORDS)
    yield DayState.INCOMPLETE, "day_incomplete" in facts.waits_for
    yield DayState.UNMAPPED, "account_unmapped" in facts.waits_for
    yield DayState.OVERDUE, "day_overdue" in facts.waits_for


def _moves(facts: DayFacts) -> bool:
    """Tell whether a worker has something to do; a closed session nobody planned yet is such a thing."""
    is_under_way = bool(facts.vouchers & {State.READY, State.SENDING})
    is_unplanned = facts.is_closed and not facts.vouchers
    return is_under_way or facts.has_more_to_plan or is_unplanned


def _settled(facts: DayFacts) -> Iterator[tuple[DayState, bool]]:
    is_dismissed = State.DISMISSED in facts.vouchers
    is_booked = State.BOOKED in facts.vouchers
    yield DayState.PARTLY_BOOKED, bool(facts.unclaimed) or (is_dismissed and is_booked)
    yield DayState.DISMISSED, is_dismissed
    yield DayState.BOOKED, is_booked
    yield DayState.EMPTY, True
