"""Reversals keep the books right whatever the start date, the reason's words and the series are."""

from __future__ import annotations

import pytest
from tests.export.test_reverse import one, reverse, sums
from tests.factories import a_batch, a_payment, a_sale, a_transaction, an_event
from tests.little_shop import LUNCH, lunches, tell, tell_day
from tests.world import World

WHOLE_DAY = {1686: 2 * LUNCH, 2621: -2400, 3002: -20000}


async def test_a_booked_day_before_a_later_start_is_booked_anew_when_reversed(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-03"})
    await shop.work()
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.work_for(hours=3)
    assert await sums(shop) == WHOLE_DAY


async def test_a_start_moved_behind_a_reversal_does_not_lose_its_sales(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-03"})
    await shop.work_for(hours=3)
    assert await sums(shop) == WHOLE_DAY


@pytest.mark.parametrize("reason", ["abc\x00def", "   "])
async def test_a_reason_is_words(shop: World, reason: str) -> None:
    await tell_day(shop)
    await shop.work()
    voucher_id = (await one(shop))["voucher_id"]
    answer = await shop.call("POST", f"/vouchers/{voucher_id}/reversal", {"reason": reason})
    assert answer.status_code == 422


async def test_a_reason_carries_no_marker_into_the_books(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    first = await one(shop)
    path = f"/vouchers/{first['voucher_id']}/reversal"
    await shop.call("POST", path, {"reason": f"Fel konto {first['marker']}"})
    await shop.work()
    assert sum(first["marker"] in one["description"] for one in await shop.booked()) == 1


async def test_a_mirror_held_for_its_series_goes_into_the_one_chosen_instead(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.control("PATCH", "/series/F", {"manual": False})
    shop.clock.advance(hours=2)
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.work()
    await shop.ok("PATCH", "/integration/settings", {"voucher_series": "A"})
    await shop.work_for(hours=3)
    assert await shop.faults() == []


async def test_a_name_with_an_at_sign_has_its_sales_behind_its_row(shop: World) -> None:
    await shop.ok("PUT", "/mappings/payment_method/card@shop", {"account": 1580})
    await tell_day(shop, [a_transaction(1, sales=[a_sale()], payments=[a_payment("card@shop")])])
    await shop.work()
    voucher = await one(shop)
    path = f"/vouchers/{voucher['voucher_id']}/rows/0/transactions"
    page = await shop.ok("GET", path)
    assert page["row"]["of"] == "payment:card@shop"
    assert [share["debit"] for share in page["transactions"]] == [LUNCH]


async def test_a_purchase_whose_id_looks_like_a_second_part_is_booked(shop: World) -> None:
    def bought(number: int, called: str) -> dict[str, object]:
        paid, event = [a_payment("cash", -4500)], [an_event("tip", -4500)]
        made = a_transaction(number, kind="purchase", payments=paid, events=event)
        return made | {"transaction_id": called}

    await tell_day(shop, [*lunches(2), bought(8, "P1")])
    await shop.work()
    await reverse(shop, (await one(shop, "purchase:P1"))["voucher_id"])
    await tell(shop, a_batch([bought(9, "P1:2")]))
    await shop.work_for(hours=3)
    assert await shop.faults() == []
