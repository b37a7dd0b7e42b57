"""A reversal is the mirror of a booked voucher, and its sales are booked anew by today's choices."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.factories import a_batch, a_payment, a_transaction, an_event
from tests.little_shop import LUNCH, a_close, lunches, tell, tell_day
from tests.world import World

Json = dict[str, Any]


async def reverse(world: World, voucher_id: str, **more: Any) -> Any:
    return await world.call("POST", f"/vouchers/{voucher_id}/reversal", {"reason": "Fel konto"}, **more)


async def one(world: World, part: str = "takings") -> Json:
    (found,) = [voucher for voucher in await world.vouchers() if voucher["part"] == part]
    return found


async def sums(world: World) -> dict[int, int]:
    """Return what the books hold, by account; what cancels out is left out."""
    held: dict[int, int] = {}
    for row in (row for voucher in await world.booked() for row in voucher["rows"]):
        held[row["account"]] = held.get(row["account"], 0) + row["debit"] - row["credit"]
    return {account: debit for account, debit in held.items() if debit}


async def descriptions(world: World) -> list[str]:
    ordered = sorted(await world.booked(), key=lambda one: one["number"])
    return [voucher["description"].partition(" #KX")[0] for voucher in ordered]


async def test_a_voucher_on_the_wrong_account_is_mirrored_and_booked_on_the_right_one(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.ok("PUT", "/mappings/payment_method/card", {"account": 1580})
    answer = await reverse(shop, (await one(shop))["voucher_id"])
    assert answer.status_code == 202
    await shop.work()

    assert await sums(shop) == {1580: 2 * LUNCH, 2621: -2400, 3002: -20000}
    assert await descriptions(shop) == [
        "Dagsavslut 2026-10-02 Restaurang Z 412",
        "Rättelse av F 1, Dagsavslut 2026-10-02 Restaurang Z 412: Fel konto",
        "Dagsavslut 2026-10-02 Restaurang Z 412 ersätter F 1",
    ]
    first = await one(shop)
    mirror = await shop.ok("GET", f"/vouchers/{first['reversed_by']}")
    assert (mirror["reverses"], mirror["state"]) == (first["voucher_id"], "booked")
    assert [(row["debit"], row["credit"]) for row in mirror["rows"]] == [
        (row["credit"], row["debit"]) for row in first["rows"]
    ]
    assert await shop.faults() == []


async def test_the_replacement_waits_until_the_mirror_is_booked(shop: World) -> None:
    """Nothing half happens: else the sales would stand in the books twice meanwhile."""
    await tell_day(shop)
    await shop.work()
    await shop.ok("PUT", "/mappings/payment_method/card", {"account": 1580})
    await shop.control("PATCH", "/accounts/1686", {"active": False})
    shop.clock.advance(hours=2)
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.work()
    assert {v["part"].partition(":")[0]: v["state"] for v in await shop.vouchers() if v["reverses"]} == {
        "reversal": "held"
    }
    assert (await one(shop, "takings:2"))["state"] == "ready"
    assert len(await shop.booked()) == 1
    assert await shop.work() == 0

    await shop.control("PATCH", "/accounts/1686", {"active": True})
    await shop.work_for(hours=2)
    assert await sums(shop) == {1580: 2 * LUNCH, 2621: -2400, 3002: -20000}
    assert await shop.faults() == []


async def test_clicked_twice_it_is_reversed_once(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    voucher_id = (await one(shop))["voucher_id"]
    answers = await asyncio.gather(*(reverse(shop, voucher_id) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_reversed"}
    await shop.work()
    assert len(await shop.booked()) == 3


async def test_with_a_key_the_second_click_is_answered_as_the_first(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    voucher_id = (await one(shop))["voucher_id"]
    answers = [await reverse(shop, voucher_id, key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()


async def test_what_is_not_booked_and_what_is_a_mirror_can_not_be_reversed(shop: World) -> None:
    await shop.control("PATCH", "/series/F", {"manual": False})
    await tell_day(shop)
    await shop.work()
    held = await reverse(shop, (await one(shop))["voucher_id"])
    assert (held.status_code, held.json()["code"]) == (409, "not_booked")

    await shop.control("PATCH", "/series/F", {"manual": True})
    await shop.work_for(hours=2)
    mirror = (await reverse(shop, (await one(shop))["voucher_id"])).json()
    await shop.work()
    again = await reverse(shop, mirror["voucher_id"])
    assert (again.status_code, again.json()["code"]) == (409, "is_reversal")
    assert (await reverse(shop, "01a21504-7fc4-71ae-8327-689fe6affb6e")).status_code == 404


async def test_a_replacement_can_be_reversed_in_its_turn(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.work()
    await reverse(shop, (await one(shop, "takings:2"))["voucher_id"])
    await shop.work()
    assert (await descriptions(shop))[-1] == "Dagsavslut 2026-10-02 Restaurang Z 412 ersätter F 3"
    assert await sums(shop) == {1686: 2 * LUNCH, 2621: -2400, 3002: -20000}


async def test_each_kind_of_voucher_is_replaced_by_one_of_its_kind(shop: World) -> None:
    bought = a_transaction(
        8,
        kind="purchase",
        payments=[a_payment("cash", -4500)],
        events=[an_event("tip", -4500)],
        text="Blommor",
    )
    moved = a_transaction(
        7, kind="drawer", payments=[a_payment("cash", 9000)], events=[an_event("tip", 9000)]
    )
    await tell_day(shop, [*lunches(2), moved, bought])
    await shop.work()
    before = await sums(shop)
    for part in ("drawer", "purchase:K1-412-8"):
        await reverse(shop, (await one(shop, part))["voucher_id"])
    await shop.work()

    parts = {v["part"] for v in await shop.vouchers() if not v["reverses"]}
    assert parts == {"takings", "drawer", "drawer:2", "purchase:K1-412-8", "purchase:K1-412-8:2"}
    assert "kassarörelser ersätter F" in (await one(shop, "drawer:2"))["description"]
    assert "inköp K1-412-8 ersätter F" in (await one(shop, "purchase:K1-412-8:2"))["description"]
    assert await sums(shop) == before


async def test_a_reversed_part_of_a_day_comes_back_without_the_others(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]))
    await shop.ok("POST", "/exports")
    await shop.work()
    await tell(shop, a_batch(sold[2:]), a_close(sold))
    await shop.work()
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.work()
    assert await sums(shop) == {1686: 3 * LUNCH, 2621: -3600, 3002: -30000}
    assert (await descriptions(shop))[-1] == "Dagsavslut 2026-10-02 Restaurang Z 412 del 2 ersätter F 1"


async def test_a_restart_between_any_two_steps_loses_nothing(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.restart()
    await shop.switch("lose_answer_after_booking")
    await shop.work()
    await shop.restart()
    await shop.work_for(hours=1)
    assert await sums(shop) == {1686: 2 * LUNCH, 2621: -2400, 3002: -20000}
    assert len(await shop.booked()) == 3


async def test_a_sale_of_last_year_is_reversed_in_its_own_year(shop: World) -> None:
    await shop.ok("PATCH", "/integration/settings", {"start_on": "2025-12-30"})
    await tell_day(shop, session="K1-300", day="2025-12-30")
    await shop.work()
    await reverse(shop, (await one(shop))["voucher_id"])
    await shop.work()
    assert {v["transaction_date"] for v in await shop.booked()} == {"2025-12-30"}
    assert len({v["year"] for v in await shop.booked()}) == 1


async def test_it_takes_the_right_to_export_and_a_reason(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    voucher_id = (await one(shop))["voucher_id"]
    assert (await reverse(shop, voucher_id, scope="integration:read")).status_code == 403
    no_reason = await shop.call("POST", f"/vouchers/{voucher_id}/reversal", {"reason": ""})
    assert no_reason.status_code == 422
    assert len(await shop.vouchers()) == 1


@pytest.mark.parametrize("position", [0, 1, 2])
async def test_what_is_behind_a_row_adds_up_to_it(shop: World, position: int) -> None:
    await tell_day(shop, lunches(5))
    await shop.work()
    voucher = await one(shop)
    path = f"/vouchers/{voucher['voucher_id']}/rows/{position}/transactions?limit=2"
    pages = [await shop.ok("GET", path)]
    while pages[-1]["next_cursor"]:
        pages.append(await shop.ok("GET", f"{path}&cursor={pages[-1]['next_cursor']}"))

    told = [share for page in pages for share in page["transactions"]]
    row = voucher["rows"][position]
    assert sum(share["debit"] for share in told) == row["debit"] - row["credit"]
    assert [share["receipt_number"] for share in told] == [1, 2, 3, 4, 5]
    assert all(page["exact"] for page in pages)


async def test_what_is_behind_the_rows_of_the_worked_day_adds_up(active: World, krogen: Json) -> None:
    await active.play(krogen)
    for voucher in await active.vouchers():
        for position, row in enumerate(voucher["rows"]):
            path = f"/vouchers/{voucher['voucher_id']}/rows/{position}/transactions?limit=1000"
            page = await active.ok("GET", path)
            total = sum(share["debit"] for share in page["transactions"])
            assert (total, page["exact"]) == (row["debit"] - row["credit"], True), row


async def test_behind_a_mirror_are_the_sales_of_what_it_turns_round(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.ok("PUT", "/mappings/payment_method/card", {"account": 1580})
    mirror = (await reverse(shop, (await one(shop))["voucher_id"])).json()
    await shop.work()
    page = await shop.ok("GET", f"/vouchers/{mirror['voucher_id']}/rows/0/transactions")
    assert [share["debit"] for share in page["transactions"]] == [-LUNCH, -LUNCH]
    assert page["exact"] is True


async def test_a_voucher_shows_its_tries(shop: World) -> None:
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await shop.work_for(minutes=5)
    shown = await shop.ok("GET", f"/vouchers/{(await one(shop))['voucher_id']}")
    assert [(one["no"], one["outcome"]) for one in shown["tries"]] == [(1, "created")]
    assert shown["booking"]["number"] == 1
