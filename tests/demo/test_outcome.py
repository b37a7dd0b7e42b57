"""What a case comes to: it agrees when all is in Fortnox, whatever else people are told."""

import pytest

from fortnox_sync.demo.outcome import Outcome, Sum


@pytest.mark.parametrize(
    ("severity", "in_fortnox", "agrees"),
    [("warning", 100, True), ("info", 100, True), ("error", 100, False), ("warning", 99, False)],
)
def test_a_case_agrees_unless_sums_differ_or_something_is_held_up(
    severity: str, in_fortnox: int, *, agrees: bool
) -> None:
    faults = ({"severity": severity},)
    assert Outcome((), (), (Sum("card", 100, in_fortnox),), faults, None).agrees is agrees
