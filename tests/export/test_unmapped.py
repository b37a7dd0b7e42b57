"""What has no account is held, gathered in one fault with its money, and booked once it has one."""

from typing import Any

from tests.factories import a_batch, a_payment, a_sale, a_transaction, an_event
from tests.little_shop import a_close, fault, states, tell, tell_day
from tests.world import World


def swished(session: str, *amounts: int, day: str) -> list[dict[str, Any]]:
    return [
        a_transaction(
            number + 1,
            session=session,
            business_date=day,
            sales=[a_sale(gross=amount, vat=amount * 12 // 112)],
            payments=[a_payment("swish", amount)],
        )
        for number, amount in enumerate(amounts)
    ]


async def lacking(world: World) -> dict[tuple[str, str, str], int]:
    """Return what has no account, with the money that waits for it."""
    items = (await fault(world, "account_unmapped"))["fault"]["facts"]["items"]
    return {(one["dimension"], one["key"], one["narrow"]): one["amount_ore"] for one in items}


async def test_one_fault_gathers_every_session_and_item_with_its_money(shop: World) -> None:
    await tell_day(shop, swished("K1-500", 11200, 5600, day="2026-10-02"), "K1-500", "2026-10-02")
    tip = a_transaction(
        1, session="K1-501", business_date="2026-10-03", sales=[], events=[an_event("deposit", 700)]
    )
    more = swished("K1-501", 1120, 2240, day="2026-10-03")[1:]
    await tell_day(shop, [tip, *more], "K1-501", "2026-10-03")
    await shop.work()

    assert await shop.faults() == ["account_unmapped"]
    found = await lacking(shop)
    assert {(d, k): amount for (d, k, _), amount in found.items()} == {
        ("payment_method", "swish"): 11200 + 5600 + 2240,
        ("event", "deposit"): 700,
    }
    waiting = (await fault(shop, "account_unmapped"))["waiting"]
    assert (waiting["sessions"], waiting["dates"]) == (2, ["2026-10-02", "2026-10-03"])
    assert waiting["amount"] == 11200 + 5600 + 2240 + 700
    assert await states(shop) == []


async def test_a_session_that_grows_while_it_waits_is_counted_as_it_is_now(shop: World) -> None:
    sold = swished("K1-500", 11200, 5600, day="2026-10-02")
    await tell_day(shop, sold, "K1-500", "2026-10-02")
    await shop.work()
    late = swished("K1-500", 0, 0, 2240, day="2026-10-02")[2:]
    await tell(shop, a_batch(late), a_close([*sold, *late], "K1-500", day="2026-10-02", revision=2))
    await shop.work()

    assert sum((await lacking(shop)).values()) == 11200 + 5600 + 2240


async def test_a_session_that_leaves_takes_its_money_along(shop: World) -> None:
    """One of two turns out to be incomplete: the other's money alone waits for the account."""
    first = swished("K1-500", 11200, day="2026-10-02")
    await tell_day(shop, first, "K1-500", "2026-10-02")
    await tell_day(shop, swished("K1-501", 5600, day="2026-10-03"), "K1-501", "2026-10-03")
    await shop.work()
    missing = swished("K1-500", 0, 2240, day="2026-10-02")[1:]
    await tell(shop, a_close([*first, *missing], "K1-500", day="2026-10-02", revision=2))
    await shop.work()

    assert sorted(await shop.faults()) == ["account_unmapped", "day_incomplete"]
    assert sum((await lacking(shop)).values()) == 5600


async def test_an_account_books_everything_that_waited_oldest_date_first(shop: World) -> None:
    for number in (3, 1, 2):
        session, day = f"K1-{500 + number}", f"2026-10-0{number}"
        await tell_day(shop, swished(session, 11200 * number, day=day), session, day)
    await shop.work()
    assert await shop.posts() == []

    await shop.ok("PUT", "/mappings/payment_method/swish", {"account": 1686})
    await shop.work()

    assert [(one["number"], one["transaction_date"]) for one in await shop.booked()] == [
        (1, "2026-10-01"),
        (2, "2026-10-02"),
        (3, "2026-10-03"),
    ]
    assert await shop.faults() == []


async def test_half_a_cure_keeps_the_rest_waiting(shop: World) -> None:
    both = a_transaction(1, sales=[a_sale("wine", "25", 12500, 2500)], payments=[a_payment("swish", 12500)])
    await tell_day(shop, [both])
    await shop.work()
    assert {key for _, key, _ in await lacking(shop)} == {"swish", "wine", "25"}

    await shop.ok("PUT", "/mappings/payment_method/swish", {"account": 1686})
    await shop.work()
    assert {(d, k): amount for (d, k, _), amount in (await lacking(shop)).items()} == {
        ("article_group", "wine"): 10000,
        ("vat_rate", "25"): 2500,
    }
    assert await states(shop) == []

    for item, account in (("article_group/wine", 3001), ("vat_rate/25", 2611)):
        await shop.ok("PUT", f"/mappings/{item}", {"account": account})
    await shop.work()
    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


async def test_many_waiting_sessions_are_gathered_within_few_turns(shop: World) -> None:
    """More than one turn plans: the sweep ends, and nothing is counted twice."""
    days = {
        f"K1-{500 + number}": swished(f"K1-{500 + number}", 1120, day="2026-10-02") for number in range(55)
    }
    await tell(shop, a_batch([one for sold in days.values() for one in sold]))
    await tell(shop, *(a_close(sold, session, day="2026-10-02") for session, sold in days.items()))
    assert await shop.work() <= 4

    assert sum((await lacking(shop)).values()) == 55 * 1120
    await shop.ok("PUT", "/mappings/payment_method/swish", {"account": 1686})
    assert await shop.work() <= 10
    assert await states(shop) == ["booked"] * 55
