"""A booked voucher is read back: green only when it says what was sent."""

from typing import Any

import httpx
import pytest
from tests.little_shop import fault, states, tell_day
from tests.world import World, is_booking

Json = dict[str, Any]
ROWS_SENT = [{"account": 1686, "debit": 22400}, {"account": 2621, "credit": 2400}]
ROWS = [
    {"account": 1686, "debit": 20000},
    {"account": 2621, "credit": 2400},
    {"account": 3002, "credit": 17600, "cost_center": "100"},
]


async def edited(shop: World, method: str, path: str, form: Json | None = None) -> None:
    """Book a day that a person touches between the booking and the reading back."""

    async def touch(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.after.remove(touch)
            (booked,) = await shop.booked()
            place = f"/vouchers/{booked['year']}/{booked['series']}/{booked['number']}"
            await shop.control(method, place + path, form)

    shop.wire.after.append(touch)
    await tell_day(shop)
    await shop.work()


async def verified(shop: World) -> bool:
    (voucher,) = await shop.vouchers()
    return voucher["booking"]["verified_at"] is not None


async def test_changed_rows_are_told_account_by_account(shop: World) -> None:
    await edited(shop, "PATCH", "", {"rows": ROWS})

    facts = (await fault(shop, "voucher_changed"))["fault"]["facts"]
    assert facts["rows"] == [
        {"account": 1686, "cost_center": "", "ours_ore": 22400, "theirs_ore": 20000},
        {"account": 3002, "cost_center": "100", "ours_ore": -20000, "theirs_ore": -17600},
    ]
    assert facts["our_date"] is None
    assert not await verified(shop)


@pytest.mark.parametrize(
    ("sales", "cost_centers"),
    [
        ([{"credit": 20000, "cost_center": "200"}], ["100", "200"]),
        ([{"credit": 20000}], ["", "100"]),
        ([{"credit": amount, "cost_center": "100"} for amount in (12000, 8000)], ["100"]),
    ],
    ids=["on another cost centre", "on no cost centre", "in two rows"],
)
async def test_a_change_that_leaves_the_sums_is_told_too(
    shop: World, sales: list[Json], cost_centers: list[str]
) -> None:
    rows = [{"account": 3002, **row} for row in sales]
    await edited(shop, "PATCH", "", {"rows": [*ROWS_SENT, *rows]})

    told = await fault(shop, "voucher_changed")
    changed = told["fault"]["facts"]["rows"]
    assert [(row["account"], row["cost_center"]) for row in changed] == [(3002, one) for one in cost_centers]
    assert all(f"kostnadsställe {one}" in told["message"] for one in cost_centers if one)


async def test_a_moved_date_is_told_with_both_dates(shop: World) -> None:
    await edited(shop, "PATCH", "", {"transaction_date": "2026-10-05"})

    facts = (await fault(shop, "voucher_changed"))["fault"]["facts"]
    assert (facts["our_date"], facts["their_date"]) == ("2026-10-02", "2026-10-05")
    assert facts["rows"] == []


async def test_struck_rows_do_not_count(shop: World) -> None:
    """A struck row stays, marked as removed: for the sums it is gone."""
    await edited(shop, "POST", "/strike", {"rows": [1]})

    facts = (await fault(shop, "voucher_changed"))["fault"]["facts"]
    assert facts["rows"] == [{"account": 2621, "cost_center": "", "ours_ore": -2400, "theirs_ore": 0}]


async def test_a_text_reworded_by_a_person_is_no_difference(shop: World) -> None:
    await edited(shop, "PATCH", "", {"description": "Dagskassa", "comments": "ok"})

    assert await verified(shop)
    assert await shop.faults() == []


async def test_a_voucher_that_is_not_there_gets_the_settle_time_to_appear(shop: World) -> None:
    """Row 49, for reading back."""
    await shop.control("PATCH", "/conditions", {"stale_seconds": 600, "stale_views": ["single"]})
    await tell_day(shop)
    await shop.work()
    assert not await verified(shop)
    assert await shop.faults() == []

    await shop.work_for(minutes=11)
    assert await verified(shop)
    assert await shop.faults() == []


async def test_a_deleted_voucher_is_told_after_the_settle_time_and_not_sent_again(shop: World) -> None:
    """Row 48."""
    await edited(shop, "DELETE", "")
    await shop.work_for(minutes=14)
    assert await shop.faults() == []
    await shop.work_for(minutes=3)

    told = await fault(shop, "voucher_deleted")
    assert told["fault"]["facts"]["amount_ore"] == 22400
    assert told["fault"]["facts"]["voucher"]["number"] == 1
    await shop.work_for(hours=2)
    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 1


async def test_a_deleted_voucher_whose_number_was_given_out_again_is_told_as_deleted(shop: World) -> None:
    """Row 48: what stands under the number is somebody else's, not ours changed."""
    await edited(shop, "DELETE", "")
    rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
    hand_made = {"series": "F", "transaction_date": "2026-10-02", "description": "Annat", "rows": rows}
    await shop.control("POST", "/vouchers", hand_made)
    await shop.work_for(minutes=17)

    # What is gone has the books compared at once, which finds who has the number.
    assert sorted(await shop.faults()) == ["voucher_deleted", "voucher_foreign"]


async def test_a_copy_above_the_watermark_is_told(shop: World) -> None:
    """Row 16: another number that nobody here was given carries the marker too."""

    async def copy(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.after.remove(copy)
            (booked,) = await shop.booked()
            same = {key: booked[key] for key in ("series", "transaction_date", "description", "comments")}
            await shop.control("POST", "/vouchers", same | {"rows": ROWS})

    shop.wire.after.append(copy)
    await tell_day(shop)
    await shop.work()

    facts = (await fault(shop, "voucher_duplicate"))["fault"]["facts"]
    assert [one["number"] for one in facts["copies"]] == [2]
    assert await verified(shop)
