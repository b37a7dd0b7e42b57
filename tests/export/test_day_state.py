"""One word for a session: what needs a person first, then what moves, then what rests."""

from dataclasses import replace
from itertools import combinations

import pytest

from fortnox_sync.export.day_state import DayFacts, DayState, day_state
from fortnox_sync.export.state import State

BOOKED = DayFacts(
    is_closed=True,
    is_before_start=False,
    is_active=True,
    has_more_to_plan=False,
    unclaimed=0,
    vouchers=frozenset({State.BOOKED}),
    waits_for=frozenset(),
    vouchers_wait_for=frozenset(),
)
TOLD = replace(BOOKED, vouchers=frozenset(), unclaimed=2)
OPEN = replace(TOLD, is_closed=False)


def waiting_for(facts: DayFacts, *codes: str) -> DayFacts:
    return replace(facts, waits_for=frozenset(codes))


def with_vouchers(*states: State) -> DayFacts:
    return replace(BOOKED, vouchers=frozenset(states))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (BOOKED, "booked"),
        (with_vouchers(State.EMPTY), "empty"),
        (with_vouchers(State.EMPTY, State.BOOKED), "booked"),
        (with_vouchers(State.DISMISSED), "dismissed"),
        (with_vouchers(State.BOOKED, State.DISMISSED), "partly_booked"),
        (replace(BOOKED, unclaimed=1), "partly_booked"),
        (OPEN, "open"),
        (replace(BOOKED, is_closed=False, unclaimed=1), "open"),
        (replace(TOLD, has_more_to_plan=True), "on_its_way"),
        (TOLD, "on_its_way"),
        (with_vouchers(State.BOOKED, State.READY), "on_its_way"),
        (with_vouchers(State.SENDING), "on_its_way"),
        (replace(OPEN, has_more_to_plan=True), "on_its_way"),
        (replace(TOLD, is_active=False), "waiting"),
        (replace(OPEN, is_active=False), "open"),
        (waiting_for(OPEN, "day_overdue"), "overdue"),
        (waiting_for(TOLD, "account_unmapped"), "unmapped"),
        (waiting_for(TOLD, "day_incomplete"), "incomplete"),
        (waiting_for(BOOKED, "z_number_gap"), "booked"),
        (waiting_for(TOLD, "internal_error"), "held"),
        (with_vouchers(State.BOOKED, State.HELD), "held"),
        (with_vouchers(State.BOOKED, State.READY, State.IN_DOUBT), "in_doubt"),
        (with_vouchers(State.IN_DOUBT, State.NEEDS_DECISION), "needs_decision"),
        (replace(BOOKED, vouchers_wait_for=frozenset({"voucher_changed"})), "differs"),
        (replace(BOOKED, vouchers_wait_for=frozenset({"voucher_deleted"})), "differs"),
        (replace(TOLD, is_before_start=True), "before_start"),
        (waiting_for(replace(TOLD, is_before_start=True), "day_incomplete"), "before_start"),
        (replace(BOOKED, is_before_start=True), "booked"),
    ],
)
def test_a_session_is_told_in_one_word(facts: DayFacts, state: str) -> None:
    assert day_state(facts) == state


@pytest.mark.parametrize(("first", "second"), [*combinations(("incomplete", "unmapped", "open"), 2)])
def test_the_first_of_several_words_in_their_order_is_told(first: str, second: str) -> None:
    codes = {"incomplete": "day_incomplete", "unmapped": "account_unmapped"}
    both = waiting_for(OPEN, *(codes[word] for word in (first, second) if word in codes))
    order = list(DayState)
    assert day_state(both) == first
    assert order.index(DayState(first)) < order.index(DayState(second))
