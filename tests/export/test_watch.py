"""Watching over completeness holds up nothing, not even by a mistake of its own."""

from __future__ import annotations

import pytest
from tests.little_shop import states, tell_day
from tests.world import World

from fortnox_sync.export import sweep, watch, z_numbers


async def trip(*_: object) -> None:
    raise ZeroDivisionError


async def test_a_mistake_in_watching_holds_up_no_booking(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(z_numbers, "is_as_told", trip)
    monkeypatch.setattr(sweep, "tell_overdue", trip)
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["booked"]


async def test_a_turn_that_finds_all_as_told_writes_nothing(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look in every turn must be a cheap one."""
    await tell_day(shop)
    await tell_day(shop, session="K1-414", day="2026-10-03")
    await shop.work()
    assert await shop.faults() == ["z_number_gap"]

    monkeypatch.setattr(z_numbers, "tell", trip)
    monkeypatch.setattr(watch, "is_about_one", lambda _: False)
    await tell_day(shop, session="K1-415", day="2026-10-04")
    await shop.work()
    assert await states(shop) == ["booked"] * 3
