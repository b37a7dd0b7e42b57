"""The life of a voucher: its states, and the only moves between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a voucher stands."""

    READY = "ready"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    BOOKED = "booked"
    HELD = "held"
    NEEDS_DECISION = "needs_decision"
    DISMISSED = "dismissed"
    EMPTY = "empty"


class AttemptOutcome(StrEnum):
    """How one try ended; while open or in doubt it may still be executed."""

    OPEN = "open"
    IN_DOUBT = "in_doubt"
    CREATED = "created"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    ABSENT = "absent"


_MOVES: dict[State, frozenset[State]] = {
    # What a database forgot that was restored is found booked, or may be: then nothing is sent.
    State.READY: frozenset({State.SENDING, State.HELD, State.DISMISSED, State.BOOKED, State.NEEDS_DECISION}),
    State.SENDING: frozenset({State.BOOKED, State.READY, State.HELD, State.IN_DOUBT}),
    State.IN_DOUBT: frozenset({State.BOOKED, State.READY, State.NEEDS_DECISION}),
    State.HELD: frozenset({State.READY, State.DISMISSED, State.BOOKED}),
    State.NEEDS_DECISION: frozenset({State.BOOKED, State.READY, State.DISMISSED}),
    State.BOOKED: frozenset(),
    State.DISMISSED: frozenset(),
    State.EMPTY: frozenset(),
}

# Sales in these are not, or not surely, in Fortnox yet.
UNSETTLED = (State.READY, State.SENDING, State.IN_DOUBT, State.HELD, State.NEEDS_DECISION)

# No try of these can be alive, so their rows may still change.
UNSENT = (State.HELD, State.READY)

# What Fortnox is found to have of these is booked: no try that could book it twice is alive.
ADOPTABLE = (*UNSENT, State.NEEDS_DECISION)

# These go on by themselves.
MOVING = (State.READY, State.SENDING, State.IN_DOUBT)


class IllegalMoveError(Exception):
    """A voucher can't go from one state to the other."""


def check_move(old: State, new: State) -> None:
    """Raise IllegalMoveError unless the move is one of the few that are safe."""
    if new not in _MOVES[old]:
        raise IllegalMoveError(f"{old} to {new}")
