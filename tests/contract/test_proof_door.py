"""The proof at the door sees what is wrong, and leaves no kind of call out."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from proof.crash.oracle import BOOKED_ONCE
from proof.crash.process import found
from proof.door.attack import ANSWERS, HELD_AT_ONCE, WEIGHTS, Attack
from proof.door.flood import Flooded
from proof.door.run import _DOOR, Beside

WELL = Beside(
    calm=[0.01],
    besieged=[0.02],
    flooded=Flooded(Counter({(Attack.FORGED, 401): 4000}), seconds=20.0),
    growth_mib=7,
    too_many=0,
    refused=0,
    words=BOOKED_ONCE,
)


@pytest.mark.parametrize("place", sorted(_DOOR))
def test_each_limit_that_is_shortened_is_in_the_code(place: str) -> None:
    owner, name = found(place)
    assert hasattr(owner, name)


def test_each_kind_of_call_is_made_and_has_an_answer() -> None:
    assert WEIGHTS.keys() | HELD_AT_ONCE.keys() == ANSWERS.keys() == set(Attack)


def test_slow_calls_do_not_count_for_the_pace() -> None:
    slow = Counter({(Attack.SLOW_BODY, 408): 9000, (Attack.FORGED, 401): 4000})
    assert Flooded(slow, seconds=20.0).a_minute == WELL.flooded.a_minute == 12_000


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, []),
        ({"words": "1 duplicates"}, ["1 duplicates"]),
        ({"refused": 2}, ["the till was not taken 2 times"]),
        ({"too_many": 3}, ["3 deliveries of strangers were stored"]),
        ({"growth_mib": 200}, ["its memory grew by 200 MiB"]),
        ({"flooded": Flooded(WELL.flooded.answers, 60.0)}, ["only 4,000 hostile calls a minute"]),
    ],
)
def test_whatever_is_not_as_it_must_be_is_told(wrong: dict[str, Any], told: list[str]) -> None:
    assert list(replace(WELL, **wrong).trouble) == told
