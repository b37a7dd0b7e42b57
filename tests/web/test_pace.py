"""One caller can't wear the service out: a burst, then a steady pace, and nobody else notices."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import a_world

from fortnox_sync.web.pace import CallPace
from fortnox_sync.web.problems import Problem


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def may(pace: CallPace, caller: str = "owner") -> bool:
    try:
        pace.count(caller)
    except Problem:
        return False
    return True


def test_a_burst_then_one_call_at_a_time() -> None:
    clock = Clock()
    pace = CallPace(60, clock)
    assert [may(pace) for _ in range(12)] == [True] * 10 + [False] * 2
    clock.now += 0.9
    assert not may(pace)
    clock.now += 0.1
    assert [may(pace), may(pace)] == [True, False]
    clock.now += 60
    assert [may(pace) for _ in range(11)] == [True] * 10 + [False]


def test_who_is_refused_hears_when_to_come_again_and_may_then() -> None:
    clock = Clock()
    pace = CallPace(6, clock)
    pace.count("owner")
    with pytest.raises(Problem) as refused:
        pace.count("owner")
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "10"}
    clock.now += 10
    pace.count("owner")


def test_one_caller_does_not_slow_another() -> None:
    pace = CallPace(6, Clock())
    assert [may(pace, one) for one in ("a", "a", "b", "b")] == [True, False, True, False]


def test_callers_who_rest_are_forgotten() -> None:
    clock = Clock()
    pace = CallPace(60, clock)
    for number in range(1000):
        pace.count(f"caller {number}")
    clock.now += 2
    pace.count("owner")
    assert len(pace._due_at) == 1  # noqa: SLF001 - the memory is what this is about


@given(
    st.lists(st.tuples(st.floats(0, 5), st.sampled_from("ab")), max_size=200),
    st.integers(min_value=1, max_value=600),
)
def test_no_caller_ever_gets_more_than_its_burst_and_its_pace(
    calls: list[tuple[float, str]], per_minute: int
) -> None:
    clock = Clock()
    began, pace, let_in = clock.now, CallPace(per_minute, clock), Counter[str]()
    for gap, caller in calls:
        clock.now += gap
        let_in[caller] += may(pace, caller)
        burst = max(1, per_minute // 6)
        assert let_in[caller] <= burst + (clock.now - began) * per_minute / 60 + 1e-6


async def test_over_http_it_is_a_problem_with_a_time(sqlite_url: str) -> None:
    async with a_world(sqlite_url) as world:
        world.service.door._pace = CallPace(12, Clock())  # noqa: SLF001 - as slow as a test needs
        answers = [await world.call("GET", "/faults") for _ in range(3)]
        other = await world.call("GET", "/faults", sub="colleague")
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert other.status_code == 200
        assert answers[2].json()["code"] == "too_many_requests"
        assert answers[2].headers["retry-after"] == "5"
        assert answers[2].headers["content-type"] == "application/problem+json"
