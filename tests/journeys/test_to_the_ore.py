"""Prices that no float holds, from the till's receipt to the row in Fortnox."""

from tests.factories import a_payment, a_sale, a_transaction, vat_of
from tests.little_shop import CARD, VAT, states, tell_day
from tests.world import World

# Each of these, divided by a hundred and multiplied by it again, is one less as a whole number.
PRICES = (29, 57, 58, 113, 114, 115, 201, 203)


async def test_prices_that_no_float_holds_are_booked_to_the_ore(shop: World) -> None:
    """Row 40."""
    for number, price in enumerate(PRICES):
        day = {"session": f"K1-{500 + number}", "business_date": f"2026-10-0{number + 1}"}
        sales = [a_sale("food", "12", price, vat_of(price, "12"))]
        sold = [a_transaction(1, sales=sales, payments=[a_payment("card", price)], **day)]
        await tell_day(shop, sold, session=day["session"], day=day["business_date"])
    await shop.work()

    assert await states(shop) == ["booked"] * len(PRICES)
    rows = [row for one in await shop.booked() for row in one["rows"]]
    assert [row["debit"] for row in rows if row["account"] == CARD] == list(PRICES)
    assert [row["credit"] for row in rows if row["account"] == VAT] == [vat_of(one, "12") for one in PRICES]
    assert await shop.faults() == []
