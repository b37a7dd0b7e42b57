"""The first screen costs the same however much has happened."""

import pytest
from tests.counting import statements
from tests.factories import a_payment, a_sale, a_transaction
from tests.little_shop import tell_day, tell_days
from tests.world import World

from fortnox_sync.intake.tables import till_session


async def many_sessions(world: World, number: int) -> None:
    """Add closed sessions as if the till had told them."""
    rows = [
        {
            "company_id": world.company,
            "session_id": f"K9-{one}",
            "register_id": "K9",
            "business_date": world.clock.now().date(),
            "closed_at": world.clock.now(),
            "changes": 1,
            "planned_changes": 1,
        }
        for one in range(number)
    ]
    async with world.service.database.write() as connection:
        await connection.execute(till_session.insert(), rows)


async def test_the_first_screen_asks_as_often_for_one_session_as_for_three_hundred(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    with statements(shop) as for_one:
        await shop.integration()
    await many_sessions(shop, 299)
    await tell_days(shop, 5)
    await shop.control("PATCH", "/series/F", {"manual": False})
    for number in range(5):
        unmapped = a_transaction(
            1, session=f"K1-{600 + number}", payments=[a_payment("swish")], sales=[a_sale()]
        )
        await tell_day(shop, [unmapped], f"K1-{600 + number}")
    await shop.work()
    with statements(shop) as for_many:
        shown = await shop.integration()

    assert len(for_many) == len(for_one)
    assert len(for_one) < 15
    assert {one["fault"]["code"] for one in shown["faults"]} == {
        "account_unmapped",
        "voucher_series_not_manual",
        "z_number_gap",
    }


@pytest.mark.parametrize(("trouble", "at_rest"), [(None, True), ("never_book", False)])
async def test_at_rest_means_that_nothing_moves_by_itself(
    shop: World, trouble: str | None, *, at_rest: bool
) -> None:
    if trouble:
        await shop.switch(trouble)
    await tell_day(shop)
    assert not (await shop.integration())["unbooked"]["at_rest"]
    await shop.work()

    assert (await shop.integration())["unbooked"]["at_rest"] is at_rest


async def test_what_is_unbooked_is_counted_until_it_is_booked(shop: World) -> None:
    sold = await tell_day(shop)
    before = (await shop.integration())["unbooked"]
    assert (before["transactions"], before["sessions_to_plan"]) == (len(sold), 1)
    assert before["oldest_on"] == "2026-10-02"

    await shop.work()
    after = (await shop.integration())["unbooked"]
    assert (after["transactions"], after["oldest_on"], after["vouchers"]) == (0, None, {})
