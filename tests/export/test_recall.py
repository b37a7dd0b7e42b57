"""Recalling: a voucher with a marker that nobody here gave is found however much was booked after it."""

from tests.little_shop import fault, states, tell_day
from tests.world import World

from fortnox_sync.export.recall import _MOST_NUMBERS

ROWS = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]


async def test_a_stranger_behind_many_numbers_is_found(shop: World) -> None:
    form = {"series": "F", "transaction_date": "2026-10-01", "rows": ROWS}
    await shop.control("POST", "/vouchers", form | {"description": "Kassa K1 Z 412 #KX7Q2M0ZB4TD"})
    for _ in range(_MOST_NUMBERS + 1):
        await shop.control("POST", "/vouchers", form | {"description": "Dagskassa"})
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["ready"]
    assert await shop.posts() == []
    assert (await fault(shop, "voucher_foreign"))["fault"]["facts"]["voucher"]["number"] == 1
