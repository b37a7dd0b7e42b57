"""What each kind of failure proves, and what may follow when."""

from datetime import UTC, datetime, timedelta

import pytest

from fortnox_sync.export.verdict import Verdict, backoff, throttled_wait, verdict_on
from fortnox_sync.fault.kind import Kind
from fortnox_sync.fortnox import FortnoxError, NotSent, Throttled, Unanswered

NOW = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def verdict(kind: Kind, error: FortnoxError | None = None, *, is_last_token: bool = False) -> Verdict:
    return verdict_on(kind, error or Unanswered("any"), NOW, 1, is_last_token=is_last_token)


@pytest.mark.parametrize(
    ("kind", "outcome", "state"),
    [
        (Kind.NOT_SENT, "not_sent", "ready"),
        (Kind.THROTTLED, "refused", "ready"),
        (Kind.UNAUTHORISED, "refused", "ready"),
        (Kind.FORBIDDEN, "refused", "held"),
        (Kind.INVALID, "refused", "held"),
        (Kind.PERIOD, "refused", "held"),
        (Kind.AMBIGUOUS, "in_doubt", "in_doubt"),
    ],
)
def test_each_kind_says_what_became_of_the_try_and_the_voucher(kind: Kind, outcome: str, state: str) -> None:
    found = verdict(kind)
    assert (found.outcome.value, found.state.value) == (outcome, state)


def test_only_what_is_wrong_with_one_voucher_lets_the_next_follow_at_once() -> None:
    assert {kind for kind in Kind if verdict(kind).goes_on} == {Kind.INVALID, Kind.PERIOD}


def test_the_lane_rests_where_the_next_would_fare_no_better() -> None:
    resting = {Kind.NOT_SENT, Kind.THROTTLED, Kind.FORBIDDEN}
    assert {kind for kind in Kind if verdict(kind).rests_until} == resting
    assert verdict(Kind.UNAUTHORISED, is_last_token=True).rests_until == NOW + HOUR


def test_a_first_refused_token_is_no_news_for_anybody() -> None:
    assert not verdict(Kind.UNAUTHORISED).is_told
    assert verdict(Kind.UNAUTHORISED).due_at == NOW
    assert verdict(Kind.UNAUTHORISED, is_last_token=True).is_told


def test_what_is_in_doubt_is_first_looked_for_after_five_seconds() -> None:
    assert verdict(Kind.AMBIGUOUS).due_at == NOW + timedelta(seconds=5)


@pytest.mark.parametrize(("tries", "bound"), [(1, 4), (2, 8), (5, 64), (9, 300), (10_000, 300)])
def test_the_wait_doubles_up_to_five_minutes(tries: int, bound: float) -> None:
    waits = [backoff(tries).total_seconds() for _ in range(50)]
    assert min(waits) >= 0
    assert max(waits) <= bound
    assert max(waits) > bound / 2


@pytest.mark.parametrize(
    ("error", "least"),
    [(Throttled(retry_after=30.0), 30.0), (Throttled(), 5.0), (NotSent("other"), 5.0)],
)
def test_a_throttled_try_waits_as_long_as_asked_and_a_little_more(error: FortnoxError, least: float) -> None:
    assert least <= throttled_wait(error).total_seconds() <= least + 1
