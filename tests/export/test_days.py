"""Days at a glance: what the till took, what is booked, and the word for what is next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.counting import statements
from tests.factories import a_batch, a_payment, a_sale, a_transaction
from tests.little_shop import LUNCH, a_close, lunches, tell, tell_day, tell_days
from tests.story import COMPANY
from tests.world import World

from fortnox_sync.export.tables import day_warning, voucher, voucher_file

Json = dict[str, Any]
OCTOBER = "from=2026-10-01&to=2026-10-31"


async def days(world: World, period: str = OCTOBER) -> Json:
    found: Json = await world.ok("GET", f"/days?{period}")
    return found


async def sessions(world: World) -> list[Json]:
    return [one for day in (await days(world))["days"] for one in day["sessions"]]


async def only(world: World) -> Json:
    (session,) = await sessions(world)
    return session


def sums(told: Json) -> tuple[int, int, int]:
    return told["till_gross"], told["booked_gross"], told["difference"]


async def test_the_worked_day_has_its_figures_to_the_ore(active: World, krogen: Json) -> None:
    await active.play(krogen)
    shown = await days(active)
    (day,) = shown["days"]

    assert [(one["register_name"], one["z_number"], *sums(one)) for one in day["sessions"]] == [
        ("Restaurang", 412, 14_908_00, 14_908_00, 0),
        ("Disk", 198, 1_661_00, 1_661_00, 0),
    ]
    assert [one["state"] for one in day["sessions"]] == ["booked", "booked"]
    assert sums(day) == sums(shown["totals"]) == (16_569_00, 16_569_00, 0)
    assert [(one["state"], one["sessions"]) for one in shown["states"]] == [("booked", 2)]
    assert [(one["part"], one["series"], one["number"]) for one in day["sessions"][1]["vouchers"]] == [
        ("takings", "F", 3),
        ("drawer", "F", 4),
        ("purchase:K2-198-15", "F", 5),
    ]
    assert day["sessions"][0]["transactions"] == {
        "reported": 11, "received": 11, "claimed": 11, "booked": 11
    }  # fmt: skip


async def test_what_is_told_and_not_booked_is_the_difference(active: World, krogen: Json) -> None:
    for delivery in krogen["deliveries"][:-1]:
        await tell(active, delivery)
    open_one, closed = await sessions(active)
    assert (open_one["state"], open_one["z_number"], *sums(open_one)) == (
        "open", None, 14_908_00, 0, 14_908_00
    )  # fmt: skip
    assert (closed["state"], *sums(closed)) == ("on_its_way", 1_661_00, 0, 1_661_00)


async def test_takings_that_are_booked_while_the_drawer_is_held_make_a_held_day(
    active: World, krogen: Json
) -> None:
    await active.control("PATCH", "/accounts/1689", {"active": False})
    await active.play(krogen)
    restaurant, shop = await sessions(active)

    assert restaurant["state"] == "booked"
    assert (shop["state"], shop["faults"], *sums(shop)) == (
        "held", ["account_inactive"], 1_661_00, 1_661_00, 0
    )  # fmt: skip
    assert shop["transactions"]["booked"] == shop["transactions"]["received"] - 1
    assert [one["state"] for one in shop["vouchers"]] == ["booked", "held", "booked"]


async def test_a_late_sale_without_an_account_leaves_its_money_as_the_difference(shop: World) -> None:
    sold = await tell_day(shop)
    await shop.work()
    late = a_transaction(3, payments=[a_payment("swish")], sales=[a_sale()])
    await tell(shop, a_batch([late]), a_close([*sold, late], revision=2))
    await shop.work()
    found = await only(shop)

    assert (found["state"], found["revision"], found["faults"]) == ("unmapped", 2, ["account_unmapped"])
    assert sums(found) == (3 * LUNCH, 2 * LUNCH, LUNCH)


async def test_a_day_whose_receipts_are_missing_shows_the_z_report_beside_the_receipts(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    await shop.work()
    found = await only(shop)

    assert found["state"] == "incomplete"
    assert (found["till_gross"], found["ledger_gross"]) == (3 * LUNCH, 2 * LUNCH)
    assert (found["transactions"]["reported"], found["transactions"]["received"]) == (3, 2)


async def test_a_held_day_is_held_until_it_is_cured(shop: World) -> None:
    await shop.control("PATCH", "/series/F", {"manual": False})
    await tell_day(shop)
    await shop.work()
    found = await only(shop)
    assert (found["state"], found["faults"], *sums(found)) == (
        "held", ["voucher_series_not_manual"], 2 * LUNCH, 0, 2 * LUNCH
    )  # fmt: skip


async def test_a_day_on_which_nothing_was_sold_is_empty(shop: World) -> None:
    await tell_day(shop, [])
    await shop.work()
    found = await only(shop)
    assert (found["state"], found["z_number"], *sums(found)) == ("empty", 412, 0, 0, 0)


async def test_days_before_the_start_date_say_so_and_keep_what_was_booked(shop: World) -> None:
    await tell_day(shop, session="K1-411", day="2026-09-30")
    await tell_day(shop)
    await shop.work()
    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-03"})
    shown = await days(shop, "from=2026-09-01&to=2026-10-31")

    assert [day["sessions"][0]["state"] for day in shown["days"]] == ["before_start", "booked"]
    assert sums(shown["totals"]) == (4 * LUNCH, 2 * LUNCH, 2 * LUNCH)
    assert {one["state"]: one["difference"] for one in shown["states"]} == {
        "before_start": 2 * LUNCH,
        "booked": 0,
    }


async def test_a_closed_day_waits_while_the_integration_is_switched_off(shop: World) -> None:
    await shop.ok("POST", "/integration/deactivate")
    await tell_day(shop)
    await shop.work()
    assert (await only(shop))["state"] == "waiting"


async def test_days_without_a_session_are_not_made_up(shop: World) -> None:
    await tell_day(shop, session="K1-412", day="2026-10-02")
    await tell_day(shop, session="K1-413", day="2026-10-05")
    assert [day["business_date"] for day in (await days(shop))["days"]] == ["2026-10-02", "2026-10-05"]
    assert (await days(shop, "from=2026-10-03&to=2026-10-04"))["days"] == []


async def test_warnings_and_papers_are_shown_with_their_day(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    (booked,) = (await only(shop))["vouchers"]
    now = shop.clock.now()
    odd = {"kind": "vat_off", "subject": "12", "facts": {"off_ore": 3}}
    paper = {"source": "service", "state": "connected", "voucher_id": booked["voucher_id"]}
    async with shop.service.database.write() as connection:
        row = {"company_id": COMPANY, "session_id": "K1-412", "seen_at": now, **odd}
        await connection.execute(day_warning.insert(), [row])
        await connection.execute(voucher_file.insert(), [{"company_id": COMPANY, **paper}])
    found = await only(shop)

    assert [{key: one[key] for key in odd} for one in found["warnings"]] == [odd]
    assert [one["paper"] for one in found["vouchers"]] == ["connected"]


async def test_a_session_that_should_have_closed_is_overdue(shop: World) -> None:
    await tell(shop, a_batch(lunches()))
    shop.clock.advance(days=1)
    await shop.work()
    assert (await only(shop))["state"] == "overdue"
    await tell(shop, a_close(lunches()))
    await shop.work()
    assert (await only(shop))["state"] == "booked"


async def test_a_session_never_closed_that_somebody_signed_for_is_not_overdue_any_more(shop: World) -> None:
    await tell(shop, a_batch(lunches()))
    shop.clock.advance(days=1)
    await shop.work()
    operator = {"sub": "support", "scope": "operator", "company_ids": "*"}
    signed = {"reason": "Kassan är stulen"}
    assert (await shop.call("POST", "/sessions/K1-412/export-anyway", signed, **operator)).is_success
    await shop.work()
    found = await only(shop)
    assert (found["state"], found["faults"], *sums(found)) == ("open", [], 2 * LUNCH, 2 * LUNCH, 0)


async def test_days_ask_as_often_for_one_session_as_for_many(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    with statements(shop) as for_one:
        await days(shop)
    await tell_days(shop, 8)
    await shop.control("PATCH", "/series/F", {"manual": False})
    unmapped = a_transaction(1, session="K1-600", payments=[a_payment("swish")], sales=[a_sale()])
    await tell_day(shop, [unmapped], "K1-600")
    await shop.work()
    with statements(shop) as for_many:
        shown = await days(shop)

    assert len(for_many) == len(for_one) <= 8
    assert {one["state"] for one in shown["states"]} == {"booked", "held", "unmapped"}


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ("from=2026-10-02&to=2026-10-01", "bad_period"),
        ("from=2025-01-01&to=2026-10-01", "bad_period"),
        ("from=2026-13-01", "invalid_request"),
        ("from=1790000000", "invalid_request"),
        ("to=yesterday", "invalid_request"),
    ],
)
@pytest.mark.parametrize("path", ["/days", "/statement", "/statement.html"])
async def test_days_that_make_no_period_are_a_problem(shop: World, path: str, period: str, code: str) -> None:
    answer = await shop.call("GET", f"{path}?{period}")
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


@pytest.mark.parametrize("path", ["/days", "/statement", "/statement.html"])
async def test_nobody_sees_another_companys_days(shop: World, path: str) -> None:
    await tell_day(shop)
    elsewhere = replace(shop, company="c_9999")
    stranger = await elsewhere.call("GET", path, company_ids=[COMPANY])
    unknown = await elsewhere.call("GET", path)
    unscoped = await shop.call("GET", path, scope="exports:write")

    assert stranger.status_code == unknown.status_code == httpx.codes.NOT_FOUND
    assert unscoped.status_code == httpx.codes.FORBIDDEN


async def test_two_companies_with_the_same_ids_are_kept_apart(shop: World) -> None:
    await tell_day(shop)
    other = replace(shop, company="c_2")
    sold = [one | {"transaction_id": "x"} for one in lunches(1)]
    close = a_close(sold)
    close["data"]["company_id"] = "c_2"
    await tell(shop, a_batch(sold, company="c_2"), close)
    await shop.work()

    assert sums(await only(other)) == (LUNCH, 0, LUNCH)
    assert sums(await only(shop)) == (2 * LUNCH, 2 * LUNCH, 0)
    async with shop.service.database.read() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(voucher))).scalar_one() == 1
