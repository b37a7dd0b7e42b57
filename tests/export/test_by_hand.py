"""Export by hand: what is in no voucher yet is booked at once, and the close books the rest."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from tests.export import invariants
from tests.factories import a_batch, a_payment, a_sale, a_transaction, an_event
from tests.little_shop import LUNCH, a_close, lunches, tell, tell_day
from tests.world import World

Json = dict[str, Any]


async def click(world: World, **period: str) -> Json:
    """Click on manual export and expect a yes."""
    answer: Json = await world.ok("POST", "/exports", period)
    return answer


async def parts(world: World) -> dict[str, str]:
    return {one["part"]: one["state"] for one in await world.vouchers()}


async def descriptions(world: World) -> list[str]:
    return [one["description"].partition(" #KX")[0] for one in await world.booked()]


async def card_total(world: World) -> int:
    rows = [row for one in await world.booked() for row in one["rows"] if row["account"] == 1686]
    return sum(row["debit"] - row["credit"] for row in rows)


async def test_an_open_session_is_booked_now_and_its_close_books_the_rest(shop: World) -> None:
    """Row 39: both together equal the Z report."""
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]))
    answer = await click(shop)
    assert answer["started"] is True
    assert answer["message"] == "Försäljningen skickas nu till Fortnox."
    (session,) = answer["sessions"]
    assert (session["transactions"], session["amount"], session["closed"]) == (2, 2 * LUNCH, False)
    await shop.work()
    assert await descriptions(shop) == ["Dagskassa 2026-10-02 Restaurang"]
    assert (await shop.ok("GET", f"/exports/{answer['export']['export_id']}"))["progress"] == "booked"

    await tell(shop, a_batch(sold[2:]), a_close(sold))
    await shop.work()
    assert await descriptions(shop) == [
        "Dagskassa 2026-10-02 Restaurang",
        "Dagsavslut 2026-10-02 Restaurang Z 412 del 2",
    ]
    assert await card_total(shop) == 3 * LUNCH
    assert await shop.faults() == []
    await invariants.check(shop)


async def test_a_close_with_nothing_new_books_nothing(shop: World) -> None:
    sold = lunches(2)
    await tell(shop, a_batch(sold))
    await click(shop)
    await shop.work()
    await tell(shop, a_close(sold))
    await shop.work()
    assert await parts(shop) == {"takings": "booked"}
    assert (await shop.integration())["unbooked"]["at_rest"] is True


async def test_five_clicks_at_once_begin_one_export(shop: World) -> None:
    """Row 38: one claim per sale, and the others hear that it is on its way."""
    await tell(shop, a_batch(lunches(3)))
    answers = await asyncio.gather(*(click(shop) for _ in range(5)))

    assert Counter(one["started"] for one in answers) == {True: 1, False: 4}
    assert len({one["export"]["export_id"] for one in answers}) == 1
    assert {one["message"] for one in answers if not one["started"]} == {"Allt är redan på väg till Fortnox."}
    await shop.work()
    assert await card_total(shop) == 3 * LUNCH
    assert len(await shop.posts()) == 1
    await invariants.check(shop)


async def test_clicks_while_a_close_is_exported_book_each_sale_once(shop: World) -> None:
    """Row 38: the worker plans and books while people click."""
    sold = await tell_day(shop, lunches(4))
    await asyncio.gather(*(click(shop) for _ in range(3)), shop.work(), *(click(shop) for _ in range(2)))
    await shop.work()

    assert await card_total(shop) == len(sold) * LUNCH
    assert len(await shop.posts()) == 1
    assert (await click(shop))["message"] == "Det finns inget nytt att exportera."
    await invariants.check(shop)


async def test_only_what_is_unbooked_is_exported_over_booked_and_unbooked_days(shop: World) -> None:
    """Row 39."""
    await tell_day(shop)
    await shop.work()
    await tell(shop, a_batch(lunches(1, session="K1-413", business_date="2026-10-03")))
    answer = await click(shop)
    assert [one["session_id"] for one in answer["sessions"]] == ["K1-413"]
    await shop.work()

    assert await card_total(shop) == 3 * LUNCH
    assert len(await shop.posts()) == 2
    await invariants.check(shop)


async def test_a_period_leaves_the_other_days_alone(shop: World) -> None:
    for day in (2, 3, 4):
        await tell(shop, a_batch(lunches(1, session=f"K1-41{day}", business_date=f"2026-10-0{day}")))
    await click(shop, from_on="2026-10-03", to_on="2026-10-03")
    await shop.work()
    assert [one["transaction_date"] for one in await shop.booked()] == ["2026-10-03"]


async def test_nothing_before_the_start_date_is_exported(shop: World) -> None:
    await tell(shop, a_batch(lunches(2, session="K1-300", business_date="2026-08-01")))
    answer = await click(shop)
    assert (answer["started"], answer["export"], answer["sessions"]) == (False, None, [])


async def test_a_closed_day_that_is_not_complete_stays_held(shop: World) -> None:
    """Row 32: a click proves nothing about what is missing."""
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    await shop.work()
    answer = await click(shop)

    assert answer["started"] is False
    assert answer["message"] == "Det som är kvar väntar på att något åtgärdas."
    assert [(one["standing"], one["faults"]) for one in answer["sessions"]] == [("held", ["day_incomplete"])]
    await shop.work()
    assert await shop.posts() == []


async def test_what_lacks_an_account_goes_on_without_another_click(shop: World) -> None:
    sold = [a_transaction(1, sales=[a_sale()], payments=[a_payment("swish")])]
    await tell(shop, a_batch(sold))
    answer = await click(shop)
    await shop.work()
    assert await shop.faults() == ["account_unmapped"]
    assert (await shop.ok("GET", f"/exports/{answer['export']['export_id']}"))["progress"] == "held"

    await shop.ok("PUT", "/mappings/payment_method/swish", {"account": 1686})
    await shop.work()
    assert await parts(shop) == {"takings": "booked"}
    assert await shop.faults() == []
    assert (await shop.ok("GET", f"/exports/{answer['export']['export_id']}"))["progress"] == "booked"


async def test_every_export_is_in_the_history_with_who_asked(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await tell(shop, a_batch(lunches(1, session="K1-413", business_date="2026-10-03")))
    await click(shop, from_on="2026-10-03")
    await shop.work()

    history = (await shop.ok("GET", "/exports"))["exports"]
    assert [(one["kind"], one["asked_by"], one["vouchers"]) for one in history] == [
        ("manual", "owner", {"booked": 1}),
        ("day_close", None, {"booked": 1}),
    ]
    first = await shop.ok("GET", "/exports?limit=1")
    second = await shop.ok("GET", f"/exports?limit=1&cursor={first['next_cursor']}")
    assert [one["kind"] for one in (*first["exports"], *second["exports"])] == ["manual", "day_close"]


async def test_a_company_that_is_not_active_exports_nothing(shop: World) -> None:
    await tell(shop, a_batch(lunches(1)))
    await shop.ok("POST", "/integration/deactivate")
    answer = await shop.call("POST", "/exports")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_active")


async def test_a_period_back_to_front_is_refused(shop: World) -> None:
    answer = await shop.call("POST", "/exports", {"from_on": "2026-10-03", "to_on": "2026-10-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_another_companys_export_is_not_there(shop: World) -> None:
    """Row 55."""
    for method, path in (("GET", "/exports/01a21504-7fc4-71ae-8327-689fe6affb6e"), ("POST", "/exports")):
        answer = await shop.call(method, path, company_ids=["c_other"])
        assert answer.status_code == 404


async def test_a_preview_shows_what_a_click_would_book_and_writes_nothing(shop: World) -> None:
    await tell(shop, a_batch([*lunches(2), a_transaction(3, events=[an_event("tip", 500)])]))
    shown = await shop.ok("POST", "/exports/preview")
    assert shown["held"] == []
    (voucher,) = shown["vouchers"]
    assert voucher["description"] == "Dagskassa 2026-10-02 Restaurang"
    assert await shop.vouchers() == []

    await click(shop)
    await shop.work()
    (booked,) = await shop.vouchers()
    spoken = [{**row, "text": row["text"].partition(" #KX")[0]} for row in booked["rows"]]
    assert spoken == [{key: row[key] for key in spoken[0]} for row in voucher["rows"]]
    assert {row["transactions"] is None for row in voucher["rows"]} == {True}


async def test_a_preview_of_one_session_shows_what_is_behind_each_row(shop: World) -> None:
    refund = a_transaction(3, sales=[a_sale(gross=-5600, vat=-600)], payments=[a_payment("cash", -5600)])
    await tell(shop, a_batch([*lunches(2), refund]))
    await tell(shop, a_batch(lunches(1, session="K1-413", business_date="2026-10-03")))
    shown = await shop.ok("POST", "/exports/preview", {"session_id": "K1-412"})

    (voucher,) = shown["vouchers"]
    for row in voucher["rows"]:
        assert sum(one["debit"] for one in row["transactions"]) == row["debit"] - row["credit"]
    behind = {row["of"]: [one["receipt_number"] for one in row["transactions"]] for row in voucher["rows"]}
    assert behind == {
        "payment:card": [1, 2], "payment:cash": [3], "sales:12": [1, 2, 3], "vat:12": [1, 2, 3]
    }  # fmt: skip


async def test_a_preview_says_what_would_be_held_and_why(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    swish = a_transaction(1, session="K1-413", sales=[a_sale()], payments=[a_payment("swish")])
    await tell(shop, a_batch([swish]))

    shown = await shop.ok("POST", "/exports/preview")
    assert shown["vouchers"] == []
    assert {one["session_id"]: (one["fault"]["code"], one["amount"]) for one in shown["held"]} == {
        "K1-412": ("day_incomplete", 2 * LUNCH),
        "K1-413": ("account_unmapped", LUNCH),
    }


async def test_the_same_click_again_is_answered_as_the_first_time(shop: World) -> None:
    await tell(shop, a_batch(lunches(1)))
    answers = [await click_with(shop, "k1") for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert [one.headers.get("idempotent-replayed") for one in answers] == [None, "true"]
    assert len((await shop.ok("GET", "/exports"))["exports"]) == 1


async def test_the_same_click_many_times_at_once_is_one(shop: World) -> None:
    """Row 38."""
    await tell(shop, a_batch(lunches(1)))
    answers = await asyncio.gather(*(click_with(shop, "k1") for _ in range(8)))
    assert {one.status_code for one in answers} == {202}
    assert [one.json() for one in answers] == [answers[0].json()] * 8
    assert len((await shop.ok("GET", "/exports"))["exports"]) == 1


async def test_a_key_used_for_something_else_is_refused(shop: World) -> None:
    await tell(shop, a_batch(lunches(1)))
    await click_with(shop, "k1")
    other = await click_with(shop, "k1", {"from_on": "2026-10-01"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_is_its_callers_own_and_forgotten_after_two_days(shop: World) -> None:
    await tell(shop, a_batch(lunches(1)))
    await click_with(shop, "k1")
    assert "idempotent-replayed" not in (await click_with(shop, "k1", sub="another")).headers
    shop.clock.advance(hours=49)
    assert "idempotent-replayed" not in (await click_with(shop, "k1")).headers


async def test_a_refused_click_leaves_its_key_free(shop: World) -> None:
    await shop.ok("POST", "/integration/deactivate")
    assert [(await click_with(shop, "k1")).status_code for _ in range(2)] == [409, 409]


async def click_with(world: World, key: str, body: Json | None = None, **claims: Any) -> Any:
    return await world.call("POST", "/exports", body, key=key, **claims)
