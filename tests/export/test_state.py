"""The life of a voucher: only safe moves are legal."""

from itertools import product

import pytest

from fortnox_sync.export.state import UNSENT, UNSETTLED, IllegalMoveError, State, check_move

LEGAL = {
    ("ready", "sending"),
    ("ready", "booked"),
    ("ready", "needs_decision"),
    ("ready", "held"),
    ("ready", "dismissed"),
    ("ready", "booked"),
    ("ready", "needs_decision"),
    ("sending", "booked"),
    ("sending", "ready"),
    ("sending", "held"),
    ("sending", "in_doubt"),
    ("in_doubt", "booked"),
    ("in_doubt", "ready"),
    ("in_doubt", "needs_decision"),
    ("held", "booked"),
    ("held", "ready"),
    ("held", "dismissed"),
    ("held", "booked"),
    ("needs_decision", "booked"),
    ("needs_decision", "ready"),
    ("needs_decision", "dismissed"),
}


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_a_voucher_moves_along_legal_moves_only(old: State, new: State) -> None:
    if (old.value, new.value) in LEGAL:
        check_move(old, new)
        return
    with pytest.raises(IllegalMoveError):
        check_move(old, new)


def test_what_is_booked_dismissed_or_empty_is_settled_for_good() -> None:
    assert set(State) - set(UNSETTLED) == {State.BOOKED, State.DISMISSED, State.EMPTY}


def test_only_what_no_try_can_be_alive_of_may_change() -> None:
    """Rows of anything else may stand in Fortnox, or be about to."""
    assert set(UNSENT).isdisjoint({State.SENDING, State.IN_DOUBT, State.NEEDS_DECISION, State.BOOKED})
