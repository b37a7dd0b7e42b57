"""The proof by real processes: its places are in the code, and its oracle sees what is wrong."""

import copy
from typing import Any

import pytest
from proof.crash.fail_points import FAIL_POINTS, NEVER_SENT, STORIES
from proof.crash.oracle import BOOKED_ONCE, judge
from proof.crash.process import HASTE, found
from proof.crash.shop import MAPPING
from tests.factories import a_batch, a_day_close, a_delivery
from tests.independent import expected_vouchers
from tests.little_shop import lunches

Json = dict[str, Any]
SOLD = lunches(3)
CASE: Json = {
    "mapping": MAPPING,
    "cost_centers": {},
    "deliveries": [a_batch(SOLD), a_delivery(a_day_close(SOLD))],
}
MARKER = "#KX0123456789"
KNOWN = [{"state": "booked", "marker": MARKER}]


def booked() -> Json:
    (voucher,) = expected_vouchers(CASE)
    return {**copy.deepcopy(voucher), "comments": f"{MARKER} 0000"}


@pytest.mark.parametrize("place", sorted({*(point.place for point in FAIL_POINTS), *HASTE}))
def test_each_place_is_in_the_code(place: str) -> None:
    owner, name = found(place)
    assert hasattr(owner, name)


def test_no_two_places_share_a_name() -> None:
    names = [point.name for point in FAIL_POINTS]
    assert len(names) == len(set(names))


def test_no_voucher_is_lost_twice_before_it_was_sent() -> None:
    assert all(sum(point in NEVER_SENT for point in story.points) <= 1 for story in STORIES)


def test_the_oracle_is_content_with_each_sale_in_one_voucher() -> None:
    assert judge(CASE, [booked()], KNOWN).words == BOOKED_ONCE


def test_the_oracle_sees_a_copy() -> None:
    assert judge(CASE, [booked(), booked()], KNOWN).duplicates == 1


def test_the_oracle_sees_a_voucher_that_nobody_knows() -> None:
    assert judge(CASE, [booked()], []).duplicates == 1


def test_the_oracle_sees_a_day_that_is_not_there() -> None:
    assert judge(CASE, [], KNOWN).lost == len(SOLD)


def test_the_oracle_sees_an_ore() -> None:
    short = booked()
    short["rows"][0]["debit"] += 1
    assert judge(CASE, [short], KNOWN).ore_difference == 1
