"""Row 48: a person deletes our last voucher, and Fortnox gives its number to the next one."""

from __future__ import annotations

import pytest
from tests.little_shop import fault, states, tell_day
from tests.world import World

OURS = "/vouchers/2/F/1"


async def booked_and_deleted(shop: World) -> None:
    """Book a day, and have a person delete it in Fortnox a while after it was read back."""
    await tell_day(shop)
    await shop.work_for(minutes=5)
    await shop.control("DELETE", OURS)


@pytest.mark.parametrize("trouble", [None, "lose_answer_after_booking"])
async def test_the_next_is_booked_and_the_deleted_one_is_told(shop: World, trouble: str | None) -> None:
    await booked_and_deleted(shop)
    if trouble:
        await shop.switch(trouble)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(minutes=5)

    deleted, standing = await shop.vouchers()
    assert await states(shop) == ["booked", "booked"]
    assert (deleted["booking"]["number"], standing["booking"]["number"]) == (1, 1)
    assert deleted["booking"]["gone_at"]
    assert standing["booking"]["gone_at"] is None
    assert standing["booking"]["verified_at"]
    (booked,) = await shop.booked()
    assert booked["transaction_date"] == "2026-10-03"
    told = await fault(shop, "voucher_deleted")
    assert told["fault"]["facts"]["voucher"]["number"] == 1
    assert told["waiting"] == {"sessions": 0, "vouchers": 1, "dates": ["2026-10-02"], "amount": 22400}
    assert await shop.faults() == ["voucher_deleted"]
    assert len(await shop.posts()) == 2


async def test_a_number_given_again_twice_is_two_deleted_vouchers(shop: World) -> None:
    await booked_and_deleted(shop)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(minutes=5)
    await shop.control("DELETE", OURS)
    await tell_day(shop, session="K1-414", day="2026-10-04")
    await shop.work_for(minutes=5)

    assert (await fault(shop, "voucher_deleted"))["waiting"]["dates"] == ["2026-10-02", "2026-10-03"]
    assert [one["transaction_date"] for one in await shop.booked()] == ["2026-10-04"]


async def test_a_stranger_under_the_next_number_is_not_taken_for_ours(shop: World) -> None:
    """Somebody else gets the freed number; ours goes on after it."""
    await booked_and_deleted(shop)
    rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
    form = {"series": "F", "transaction_date": "2026-10-02", "description": "Annat", "rows": rows}
    await shop.control("POST", "/vouchers", form)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(minutes=20)

    assert [one["booking"]["number"] for one in await shop.vouchers()] == [1, 2]
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work_for(minutes=20)
    assert sorted(await shop.faults()) == ["voucher_deleted", "voucher_foreign"]
