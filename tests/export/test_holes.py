"""Numbers that stand for nothing are told until somebody has the explanation, and only if none is known."""

from dataclasses import replace
from typing import Any

from tests.journeys.fault_stories import a_number_is_lost
from tests.little_shop import fault, tell_day
from tests.world import World

from fortnox_sync.export.holes import holes
from fortnox_sync.simulator.books import VoucherKey

ROWS = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
BY_HAND: dict[str, Any] = {
    "series": "F",
    "transaction_date": "2026-10-02",
    "description": "Hyra",
    "rows": ROWS,
}


async def compare(shop: World) -> None:
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()


async def test_what_was_accepted_is_not_told_again(shop: World) -> None:
    await a_number_is_lost(shop)
    told = await fault(shop, "voucher_numbers_missing")
    assert told["fault"]["facts"]["missing_numbers"] == [2]
    await shop.ok("POST", f"/faults/{told['fault_id']}/accept")

    await tell_day(shop, session="K1-414", day="2026-10-04")
    await shop.work()
    await compare(shop)
    assert await shop.faults() == []


async def test_a_list_that_lags_is_told_and_taken_back(shop: World) -> None:
    """What stands there again is somebody else's, and the gap is none."""
    await a_number_is_lost(shop)
    assert await shop.faults() == ["voucher_numbers_missing"]

    await shop.control("POST", "/vouchers", BY_HAND)
    standing = shop.fortnox.state.world.companies[shop.number].books._vouchers  # noqa: SLF001 - no API returns one
    last, lost = VoucherKey(2, "F", 4), VoucherKey(2, "F", 2)
    standing[lost] = replace(standing.pop(last), key=lost)
    await compare(shop)
    assert await shop.faults() == ["voucher_foreign"]


async def test_what_was_told_as_somebody_elses_leaves_no_gap_behind(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.control("POST", "/vouchers", BY_HAND)
    await compare(shop)
    assert await shop.faults() == ["voucher_foreign"]
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work()

    await shop.control("POST", "/vouchers/2/F/2/loss")
    await compare(shop)
    assert await shop.faults() == []


def test_a_hole_is_what_stood_below_us_and_was_never_ours() -> None:
    assert holes({2, 5, 6}, {1, 5}) == (3, 4)
    assert holes({1}, {1, 3}) == ()
    assert holes((), {3}) == ()
