"""A day on which nothing was sold makes no voucher and is recorded, so that no day is missing."""

from __future__ import annotations

from tests.factories import a_transaction
from tests.little_shop import tell_day
from tests.world import World


async def test_a_day_with_nothing_in_it_is_recorded_as_empty_and_shown(shop: World) -> None:
    """Its Z number follows the one before, and nothing is sent to Fortnox."""
    await tell_day(shop)
    await tell_day(shop, [], session="K1-413", day="2026-10-03")
    await shop.work()

    _, empty = await shop.vouchers()
    assert (empty["session_id"], empty["part"], empty["state"]) == ("K1-413", "takings", "empty")
    assert (empty["transaction_date"], empty["rows"], empty["booking"]) == ("2026-10-03", [], None)
    assert "Z 413" in empty["description"]
    assert [one["voucher_id"] for one in (await shop.ok("GET", "/vouchers?state=empty"))["vouchers"]] == [
        empty["voucher_id"]
    ]
    assert len(await shop.posts()) == len(await shop.booked()) == 1
    assert (await shop.integration())["unbooked"]["at_rest"]
    assert await shop.faults() == []


async def test_a_sale_that_comes_after_an_empty_day_is_booked_beside_it(shop: World) -> None:
    """The record of the empty day stays; what was sold after all is a voucher of its own."""
    await tell_day(shop, [])
    await shop.work()
    await tell_day(shop, [a_transaction(1)], revision=2)
    await shop.work()

    assert [one["state"] for one in await shop.vouchers()] == ["empty", "booked"]
    assert await shop.faults() == []
