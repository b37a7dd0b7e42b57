"""A statement is the till beside the books: what it says is what Fortnox holds, to the öre."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from tests.counting import statements
from tests.factories import a_batch, a_payment, a_sale, a_transaction
from tests.little_shop import CARD, LUNCH, SALES, VAT, lunches, tell, tell_day, tell_days
from tests.world import World, is_booking

Json = dict[str, Any]
OCTOBER = "from=2026-10-01&to=2026-10-31"


async def statement(world: World, period: str = OCTOBER) -> Json:
    found: Json = await world.ok("GET", f"/statement?{period}")
    return found


async def reverse_only(world: World) -> None:
    (booked,) = await world.vouchers()
    await world.ok("POST", f"/vouchers/{booked['voucher_id']}/reversal", {"reason": "Fel konto"})
    await world.work()


def by_account(rows: Iterable[Json]) -> dict[int, tuple[int, int]]:
    sums: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        debit, credit = sums[row["account"]]
        sums[row["account"]] = (debit + row["debit"], credit + row["credit"])
    return dict(sums)


def accounts(drawn: Json) -> dict[int, tuple[int, int]]:
    return {one["number"]: (one["debit"], one["credit"]) for one in drawn["accounts"]}


async def in_fortnox(world: World) -> dict[int, tuple[int, int]]:
    return by_account(row for voucher in await world.booked() for row in voucher["rows"])


async def test_the_worked_day_is_what_fortnox_holds_and_what_the_example_says(
    active: World, krogen: Json
) -> None:
    await active.play(krogen)
    drawn = await statement(active)

    assert accounts(drawn) == await in_fortnox(active)
    assert accounts(drawn) == by_account(row for one in krogen["expected_vouchers"] for row in one["rows"])
    assert all(one["net"] == one["debit"] - one["credit"] for one in drawn["accounts"])
    proof = drawn["proof"]
    assert (proof["till_gross"], proof["booked_gross"], proof["difference"]) == (16_569_00, 16_569_00, 0)
    assert (proof["vouchers"], proof["verified"]) == (5, 5)
    assert proof["debit"] == proof["credit"] == sum(debit for debit, _ in accounts(drawn).values())
    assert drawn["unbooked"] == []
    assert [one["kind"] for one in drawn["vouchers"]] == [
        "takings", "drawer", "takings", "drawer", "purchase"
    ]  # fmt: skip
    assert [(one["register_name"], one["first"], one["last"]) for one in drawn["z_numbers"]] == [
        ("Restaurang", 412, 412),
        ("Disk", 198, 198),
    ]


async def test_vat_is_the_tills_own_beside_what_was_booked(active: World, krogen: Json) -> None:
    await active.play(krogen)
    drawn = await statement(active)
    closes = [one["data"]["totals"] for one in krogen["deliveries"] if "totals" in one["data"]]
    reported: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in (sale for totals in closes for sale in totals["sales"]):
        reported[one["vat_rate"]][0] += one["gross"]
        reported[one["vat_rate"]][1] += one["vat"]

    assert {one["vat_rate"]: [one["till_gross"], one["till_vat"]] for one in drawn["vat"]} == reported
    for one in drawn["vat"]:
        assert (one["booked_net"], one["booked_vat"]) == (one["till_net"], one["till_vat"])


async def test_accounts_have_the_names_of_fortnox(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    names = {one["number"]: one["name"] for one in (await statement(shop))["accounts"]}
    assert set(names) == {CARD, SALES, VAT}
    assert all(names.values())


async def test_a_reversal_cancels_its_voucher_and_what_replaces_it_counts(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.ok("PUT", "/mappings/payment_method/card", {"account": 1580})
    await reverse_only(shop)
    drawn = await statement(shop)

    assert accounts(drawn) == await in_fortnox(shop)
    assert {one["number"]: one["net"] for one in drawn["accounts"]} == {
        1580: 2 * LUNCH, CARD: 0, VAT: -2400, SALES: -20000
    }  # fmt: skip
    first, mirror, _ = drawn["vouchers"]
    assert (mirror["kind"], mirror["reverses"]) == ("reversal", first["voucher_id"])
    assert (drawn["proof"]["booked_gross"], drawn["proof"]["difference"]) == (2 * LUNCH, 0)
    (rate,) = drawn["vat"]
    assert (rate["till_gross"], rate["booked_net"], rate["booked_vat"]) == (2 * LUNCH, 20000, 2400)


async def test_a_voucher_that_was_changed_in_fortnox_is_marked_and_not_counted_as_verified(
    shop: World,
) -> None:
    async def strike(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.after.remove(strike)
            (booked,) = await shop.booked()
            place = f"/vouchers/{booked['year']}/{booked['series']}/{booked['number']}"
            await shop.control("POST", f"{place}/strike", {"rows": [1]})

    shop.wire.after.append(strike)
    await tell_day(shop)
    await shop.work()
    drawn = await statement(shop)

    assert await shop.faults() == ["voucher_changed"]
    (entered,) = drawn["vouchers"]
    assert entered["faults"] == ["voucher_changed"]
    assert (drawn["proof"]["vouchers"], drawn["proof"]["verified"]) == (1, 0)
    assert [(one["state"], one["sessions"]) for one in drawn["unbooked"]] == [("differs", 1)]


async def test_a_voucher_that_was_deleted_in_fortnox_keeps_its_line_and_proves_nothing(shop: World) -> None:
    """Its number is in no list of Fortnox's any more; the statement is where an accountant sees that."""

    async def delete(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.after.remove(delete)
            (booked,) = await shop.booked()
            place = f"/vouchers/{booked['year']}/{booked['series']}/{booked['number']}"
            await shop.control("DELETE", place)

    shop.wire.after.append(delete)
    await tell_day(shop)
    await shop.work_for(hours=2)
    drawn = await statement(shop)

    assert await shop.booked() == []
    (entered,) = drawn["vouchers"]
    assert (entered["number"], entered["faults"]) == (1, ["voucher_deleted"])
    assert (drawn["proof"]["vouchers"], drawn["proof"]["verified"]) == (1, 0)
    assert [(one["state"], one["sessions"]) for one in drawn["unbooked"]] == [("differs", 1)]


async def test_what_waits_is_told_apart_and_in_no_sum_of_an_account(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    odd = a_transaction(1, session="K1-413", payments=[a_payment("swish")], sales=[a_sale()])
    await tell_day(shop, [odd], "K1-413")
    await tell(shop, a_batch(lunches(3, session="K1-414")))
    await shop.work()
    drawn = await statement(shop)

    assert accounts(drawn) == await in_fortnox(shop)
    assert {one["state"]: one["difference"] for one in drawn["unbooked"]} == {
        "unmapped": LUNCH,
        "open": 3 * LUNCH,
    }
    assert drawn["proof"]["difference"] == 4 * LUNCH
    (rate,) = drawn["vat"]
    assert (rate["till_gross"], rate["booked_net"] + rate["booked_vat"]) == (6 * LUNCH, 2 * LUNCH)


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("from=2026-10-02&to=2026-10-03", ["2026-10-02", "2026-10-03"]),
        ("from=2026-10-03&to=2026-10-03", ["2026-10-03"]),
        ("from=2026-10-05&to=2026-10-31", []),
    ],
)
async def test_both_ends_of_a_period_belong_to_it(shop: World, period: str, days: list[str]) -> None:
    await tell_days(shop, 4)
    await shop.work()
    drawn = await statement(shop, period)
    assert [one["transaction_date"] for one in drawn["vouchers"]] == days
    assert drawn["proof"]["booked_gross"] == drawn["proof"]["till_gross"] == len(days) * 2 * LUNCH
    assert [one["net"] for one in drawn["accounts"] if one["number"] == CARD] == [
        len(days) * 2 * LUNCH
    ] * bool(days)


async def test_a_missing_z_number_and_one_before_the_period_are_told(shop: World) -> None:
    for number, day in ((410, "2026-09-30"), (412, "2026-10-02"), (414, "2026-10-03")):
        await tell_day(shop, session=f"K1-{number}", day=day)
    await shop.work()
    (register,) = (await statement(shop))["z_numbers"]
    assert (register["follows"], register["first"], register["last"]) == (410, 412, 414)
    assert register["gaps"] == [{"first": 411, "last": 411}, {"first": 413, "last": 413}]


async def test_a_statement_asks_as_often_for_one_day_as_for_many(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    with statements(shop) as for_one:
        await statement(shop)
    await tell_days(shop, 8)
    await shop.work()
    with statements(shop) as for_many:
        await statement(shop)
    assert len(for_many) == len(for_one)


async def test_another_companys_statement_is_not_there(shop: World) -> None:
    assert (await shop.call("GET", f"/statement?{OCTOBER}", company_ids=["c_9"])).status_code == 404
