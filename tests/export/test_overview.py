"""The first screen costs the same however much has happened."""

import pytest
from tests.counting import statements
from tests.factories import a_batch, a_mapping, a_payment, a_sale, a_transaction
from tests.little_shop import lunches, tell, tell_day, tell_days
from tests.world import World

from fortnox_sync.fault.examples import EXAMPLES
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.intake.tables import till_session

STATEMENTS = 13


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


async def every_fault(world: World, waiting: int) -> None:
    """Open a fault of every kind, with vouchers that wait for each."""
    async with world.service.database.write() as connection:
        faults = Faults(world.service.database, connection, world.company)
        for code, one in EXAMPLES.items():
            waits = [Waiting("voucher", f"{code}-{n}", world.clock.now().date(), 100) for n in range(waiting)]
            await faults.open(one, waits)


async def test_the_first_screen_takes_as_many_statements_for_years_as_for_nothing(shop: World) -> None:
    with statements(shop) as for_nothing:
        shown = await shop.integration()
    assert (shown["unbooked"]["transactions"], shown["faults"]) == (0, [])
    await tell_day(shop)
    with statements(shop) as for_a_day:
        shown = await shop.integration()
    assert shown["unbooked"]["transactions"] == 2
    await many_sessions(shop, 300)
    choices = [a_mapping("article_group", f"group-{n}", 3002) for n in range(200)]
    await shop.ok("PUT", "/mappings", {"mappings": choices})
    await every_fault(shop, waiting=20)
    with statements(shop) as for_years:
        shown = await shop.integration()

    assert len(shown["faults"]) == len(EXAMPLES)
    assert {one["waiting"]["vouchers"] for one in shown["faults"]} == {20}
    assert [len(for_nothing), len(for_a_day), len(for_years)] == [STATEMENTS] * 3


async def test_a_sale_of_an_open_session_and_one_that_waits_are_unbooked_too(shop: World) -> None:
    unmapped = a_transaction(1, session="K1-600", payments=[a_payment("swish")], sales=[a_sale()])
    await tell_day(shop, [unmapped], "K1-600")
    await tell_day(shop)
    await shop.work()
    assert (await shop.integration())["unbooked"]["transactions"] == 1
    await tell(shop, a_batch(lunches(3, session="K2-7", register="K2")))
    await shop.work()

    unbooked = (await shop.integration())["unbooked"]
    assert (unbooked["transactions"], unbooked["sessions_to_plan"]) == (4, 0)


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
