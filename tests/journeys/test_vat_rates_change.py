"""VAT rates are data: the law changes, a night crosses the change, and nobody changes the code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import a_mapping, a_sale, a_transaction, vat_of
from tests.little_shop import fault, states, tell_day
from tests.world import World

from fortnox_sync.export.tables import day_warning

Json = dict[str, Any]

FOOD_NOW, VAT_NOW = 3002, 2621  # 12 %, as the little shop has it
FOOD_OLD, VAT_OLD = 3003, 2631  # 6 %, from 2026-04-01 to 2027-12-31 (SFS 2026:118, 119)


def meal(number: int, rate: str, gross: int, **of: Any) -> Json:
    """Sell food to take away at a rate, paid by card; a negative amount is its refund."""
    return a_transaction(number, sales=[a_sale("food", rate, gross, vat_of(gross, rate))], **of)


async def with_six_percent(shop: World) -> None:
    """Choose accounts for food at 6 % beside those at 12 %."""
    at_six = a_mapping("article_group", "food", FOOD_OLD, vat_rate="6")
    await shop.ok("PUT", "/mappings", {"mappings": [at_six, a_mapping("vat_rate", "6", VAT_OLD)]})


async def balances(shop: World, date: str) -> dict[int, int]:
    """Return debit less credit by account of what is booked on a date."""
    (booked,) = [one for one in await shop.booked() if one["transaction_date"] == date]
    return {row["account"]: row["debit"] - row["credit"] for row in booked["rows"]}


async def warnings(shop: World) -> list[str]:
    async with shop.service.database.read() as connection:
        return list((await connection.execute(sa.select(day_warning.c.subject))).scalars())


async def test_a_night_over_the_change_of_a_rate_books_both_and_a_refund_keeps_its_sales(shop: World) -> None:
    """On 2028-01-01 food goes back to 12 %: the session of New Year's Eve holds both rates of one article."""
    await with_six_percent(shop)
    shop.clock.moment = datetime(2028, 1, 1, 1, 30, tzinfo=UTC)
    eve, night = "2027-12-31T23:50:00+01:00", "2028-01-01T00:10:00+01:00"
    of_eve = {"business_date": "2027-12-31"}
    sold = [
        meal(1, "6", 10600, occurred_at=eve, **of_eve),
        meal(2, "12", 11200, occurred_at=night, **of_eve),
    ]
    await tell_day(shop, sold, day="2027-12-31")
    await shop.work()
    assert await balances(shop, "2027-12-31") == {
        1686: 21800,
        FOOD_OLD: -10000,
        VAT_OLD: -600,
        FOOD_NOW: -10000,
        VAT_NOW: -1200,
    }

    shop.clock.advance(days=1)
    of_next = {"session": "K1-413", "business_date": "2028-01-01", "occurred_at": "2028-01-01T12:00:00+01:00"}
    back = [meal(1, "6", -5300, **of_next), meal(2, "12", 22400, **of_next)]
    await tell_day(shop, back, session="K1-413", day="2028-01-01")
    await shop.work()
    assert await balances(shop, "2028-01-01") == {
        1686: 17100,
        FOOD_OLD: 5000,
        VAT_OLD: 300,
        FOOD_NOW: -20000,
        VAT_NOW: -2400,
    }
    assert await shop.faults() == []
    assert await warnings(shop) == []


@pytest.mark.parametrize("rate", ["13.5", "17", "99.99", "0.25"])
async def test_a_rate_nobody_has_seen_waits_for_its_account_by_name_and_is_booked(
    shop: World, rate: str
) -> None:
    """Whatever the next law says: the day waits, the fault names rate and money, an account cures it."""
    vat = vat_of(20000, rate)
    await tell_day(shop, [meal(1, rate, 20000)])
    await shop.work()

    told = await fault(shop, "account_unmapped")
    (item,) = told["fault"]["facts"]["items"]
    assert (item["dimension"], item["key"], item["amount_ore"]) == ("vat_rate", rate, vat)
    assert told["waiting"]["amount"] == 20000

    await shop.ok("PUT", "/mappings", {"mappings": [a_mapping("vat_rate", rate, VAT_OLD)]})
    await shop.work()
    assert await states(shop) == ["booked"]
    assert await balances(shop, "2026-10-02") == {1686: 20000, FOOD_NOW: vat - 20000, VAT_OLD: -vat}
    assert await shop.faults() == []
    assert await warnings(shop) == []
