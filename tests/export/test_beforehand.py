"""A day that somebody typed by hand is not sent before a person said so, and nothing else is held up."""

from __future__ import annotations

from typing import Any

import pytest
from tests.export.typed import TYPED, a_typed_day, decide, typed
from tests.little_shop import LUNCH, states, tell_day, tell_days
from tests.world import World

Json = dict[str, Any]
MORE = 2 * LUNCH + 1


async def test_what_a_person_typed_is_not_taken_for_ours(shop: World) -> None:
    """Its rows need not be ours, and it carries no marker to find it by."""
    await a_typed_day(shop)
    answer = await decide(shop, "adopt", number=1, series="A")
    assert (answer.status_code, answer.json()["code"]) == (409, "never_sent")
    assert await states(shop) == ["needs_decision"]


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        (
            [{"account": 1686, "debit": 2 * LUNCH + 1}, {"account": 3001, "credit": 2 * LUNCH + 1}],
            "2026-10-02",
        ),
        ([{"account": 1930, "debit": 2 * LUNCH}, {"account": 1510, "credit": 2 * LUNCH}], "2026-10-02"),
        ([{"account": 1686, "credit": 2 * LUNCH}, {"account": 1930, "debit": 2 * LUNCH}], "2026-10-02"),
        (TYPED, "2026-10-01"),
    ],
)
async def test_other_money_or_another_day_holds_nothing_up(shop: World, rows: list[Json], day: str) -> None:
    await typed(shop, rows, day)
    await tell_day(shop)
    await shop.work_for(minutes=20)
    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


async def test_registers_that_sold_as_much_do_not_hold_each_other_up(shop: World) -> None:
    await tell_day(shop)
    await shop.work_for(minutes=20)
    await tell_day(shop, session="K2-77")
    await shop.work_for(minutes=20)
    assert await states(shop) == ["booked", "booked"]


async def test_days_in_a_row_are_looked_at_with_one_list(shop: World) -> None:
    await tell_days(shop, 15)
    seen = shop.fortnox.state.world.requests
    seen.clear()
    await shop.work()
    lists = [one for one in seen if one.path == "/3/vouchers" and one.method == "GET"]
    assert len(await shop.posts()) == 15
    assert len(lists) == 1
