"""The parts of the proof run side by side where they do not hold each other up, and each of them once."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st
from proof.__main__ import PARTS, side_by_side


@given(st.lists(st.sampled_from(sorted(PARTS)), unique=True))
def test_each_part_that_is_named_runs_once(names: list[str]) -> None:
    lanes = list(chain.from_iterable(side_by_side(names)))
    assert sorted(chain.from_iterable(lanes)) == sorted(names)


def test_what_is_measured_and_what_takes_every_core_has_the_machine_for_itself() -> None:
    groups = list(side_by_side(list(PARTS)))
    for alone in ("door", "mutants", "storm"):
        assert [[alone]] in groups
