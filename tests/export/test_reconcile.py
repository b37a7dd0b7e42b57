"""Reconciliation: whatever a person did to the books is told with both sides, and nothing is changed."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.little_shop import fault, states, tell_day, tell_days
from tests.world import World

from fortnox_sync.connection.lane import ask_nightly
from fortnox_sync.export.reconcile import last_night
from fortnox_sync.export.standing import Marked, Shelf, Standing, to_read
from fortnox_sync.fortnox import VoucherListItem

Json = dict[str, Any]
OURS = "/vouchers/2/F/1"
SENT = [{"account": 1686, "debit": 22400}, {"account": 2621, "credit": 2400}]
CHANGED = [*SENT, {"account": 3003, "credit": 20000}]
AS_SENT = [*SENT, {"account": 3002, "credit": 20000, "cost_center": "100"}]
OTHER = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]


async def a_booked_day(shop: World) -> None:
    await tell_day(shop)
    await shop.work_for(minutes=20)
    assert await states(shop) == ["booked"]


async def by_hand(shop: World, series: str = "F", text: str = "Dagskassa") -> int:
    form = {"series": series, "transaction_date": "2026-10-02", "description": text, "rows": OTHER}
    number: int = (await shop.control("POST", "/vouchers", form))["number"]
    return number


async def compare(shop: World) -> None:
    """Ask for a comparison, as a person would, and let the worker make it."""
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()


async def test_books_as_they_were_sent_are_no_news(shop: World) -> None:
    await tell_days(shop, 3)
    await shop.work_for(minutes=20)
    asked = len(await shop.posts())
    await compare(shop)

    assert await shop.faults() == []
    assert len(await shop.posts()) == asked
    assert (await shop.ok("GET", "/integration/reconciliation"))["reconciled_at"] == "2026-10-03T01:20:00Z"


async def test_a_changed_voucher_is_told_and_its_fault_closes_when_the_change_is_undone(shop: World) -> None:
    await a_booked_day(shop)
    await shop.control("PATCH", OURS, {"rows": CHANGED})
    await compare(shop)
    rows = (await fault(shop, "voucher_changed"))["fault"]["facts"]["rows"]
    assert [(row["account"], row["ours_ore"], row["theirs_ore"]) for row in rows] == [
        (3002, -20000, 0),
        (3003, 0, -20000),
    ]

    await shop.control("PATCH", OURS, {"rows": AS_SENT})
    await compare(shop)
    assert await shop.faults() == []


async def test_a_moved_date_is_seen_in_the_list_however_old_the_voucher_is(shop: World) -> None:
    await a_booked_day(shop)
    shop.clock.advance(days=200)
    await shop.control("PATCH", OURS, {"transaction_date": "2026-10-09"})
    await compare(shop)
    facts = (await fault(shop, "voucher_changed"))["fault"]["facts"]
    assert (facts["our_date"], facts["their_date"]) == ("2026-10-02", "2026-10-09")


async def test_a_deleted_voucher_is_told_and_booked_again_by_a_click(shop: World) -> None:
    await a_booked_day(shop)
    await shop.control("DELETE", OURS)
    await compare(shop)
    told = await fault(shop, "voucher_deleted")
    assert told["fault"]["facts"]["amount_ore"] == 22400
    assert await shop.booked() == []

    body = {"reason": "Raderad av misstag"}
    assert (await shop.call("POST", f"/faults/{told['fault_id']}/book-again", body)).status_code == 204
    assert (await shop.call("POST", f"/faults/{told['fault_id']}/book-again", body)).status_code == 409
    await shop.work_for(minutes=5)
    (booked,) = await shop.booked()
    assert sum(row["debit"] for row in booked["rows"]) == 22400
    assert await shop.faults() == []


async def test_a_deleted_reversal_is_not_booked_again_by_a_click(shop: World) -> None:
    """It holds no sales: to plan its session again would book nothing, and the reversed one would stand."""
    await a_booked_day(shop)
    (voucher,) = await shop.vouchers()
    await shop.ok("POST", f"/vouchers/{voucher['voucher_id']}/reversal", {"reason": "Fel konto"})
    await shop.work_for(minutes=20)
    for number in (3, 2):  # what replaced it, and then the reversal: Fortnox deletes only the last
        await shop.control("DELETE", f"/vouchers/2/F/{number}")
    await compare(shop)
    told = (await shop.ok("GET", "/faults"))["faults"]
    by_number = {one["fault"]["facts"]["voucher"]["number"]: one["fault_id"] for one in told}
    answer = await shop.call("POST", f"/faults/{by_number[2]}/book-again", {"reason": "Raderad"})
    assert (answer.status_code, answer.json()["code"]) == (409, "holds_no_sales")
    assert await shop.faults() == ["voucher_deleted"] * 2


async def test_a_deleted_number_that_a_stranger_has_is_a_deleted_voucher_and_a_strangers(shop: World) -> None:
    """Row 48."""
    await a_booked_day(shop)
    await shop.control("DELETE", OURS)
    assert await by_hand(shop) == 1
    await compare(shop)
    assert sorted(await shop.faults()) == ["voucher_deleted", "voucher_foreign"]
    assert (await fault(shop, "voucher_deleted"))["waiting"]["amount"] == 22400


async def test_what_somebody_else_booked_in_our_series_is_told_once_and_may_be_accepted(shop: World) -> None:
    await a_booked_day(shop)
    number = await by_hand(shop, text="Privat uttag")
    await compare(shop)
    told = await fault(shop, "voucher_foreign")
    assert told["severity"] == "warning"
    assert told["fault"]["facts"]["voucher"]["number"] == number == 2
    assert told["fault"]["facts"]["description"] == "Privat uttag"

    await shop.ok("POST", f"/faults/{told['fault_id']}/accept")
    await compare(shop)
    assert await shop.faults() == []


async def test_a_strangers_voucher_that_leaves_takes_its_fault_along(shop: World) -> None:
    await a_booked_day(shop)
    await by_hand(shop)
    await compare(shop)
    assert await shop.faults() == ["voucher_foreign"]
    await shop.control("DELETE", "/vouchers/2/F/2")
    await compare(shop)
    assert await shop.faults() == []


async def test_in_a_series_that_others_used_before_us_theirs_are_no_news(shop: World) -> None:
    await by_hand(shop)
    await a_booked_day(shop)
    await by_hand(shop)
    await compare(shop)
    assert await shop.faults() == []


async def test_a_copy_made_later_is_told_with_both_numbers_and_turned_round_by_a_click(shop: World) -> None:
    """Row 16, however late: here a person copied the voucher with all its texts."""
    await a_booked_day(shop)
    (original,) = await shop.booked()
    form = {
        "series": "F",
        "transaction_date": "2026-10-02",
        "description": original["description"],
        "comments": original["comments"],
        "rows": AS_SENT,
    }
    await shop.control("POST", "/vouchers", form)
    await compare(shop)
    told = await fault(shop, "voucher_duplicate")
    facts = told["fault"]["facts"]
    assert (facts["voucher"]["number"], [one["number"] for one in facts["copies"]]) == (1, [2])

    body = {"reason": "Kopierad av misstag"}
    answers = [await shop.call("POST", f"/faults/{told['fault_id']}/reversal", body) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 409]
    await shop.work_for(minutes=5)
    await compare(shop)
    assert await shop.faults() == []
    assert await sums(shop) == {1686: 22400, 2621: -2400, 3002: -20000}


async def test_two_clicks_at_once_turn_a_copy_round_once(shop: World) -> None:
    await shop.switch("book_twice", answer="first")
    await a_booked_day(shop)
    told = await fault(shop, "voucher_duplicate")
    body = {"reason": "Två klick"}
    path = f"/faults/{told['fault_id']}/reversal"
    answers = await asyncio.gather(*(shop.call("POST", path, body) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [202, 409, 409, 409]
    await shop.work_for(minutes=5)
    assert await sums(shop) == {1686: 22400, 2621: -2400, 3002: -20000}


async def test_two_clicks_at_once_book_a_deleted_voucher_again_once(shop: World) -> None:
    await a_booked_day(shop)
    await shop.control("DELETE", OURS)
    await compare(shop)
    path = f"/faults/{(await fault(shop, 'voucher_deleted'))['fault_id']}/book-again"
    answers = await asyncio.gather(*(shop.call("POST", path, {"reason": "Två klick"}) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [204, 409, 409, 409]
    await shop.work_for(minutes=5)
    assert await sums(shop) == {1686: 22400, 2621: -2400, 3002: -20000}


async def test_a_copy_that_a_person_deletes_takes_its_fault_along(shop: World) -> None:
    await shop.switch("book_twice", answer="first")
    await a_booked_day(shop)
    assert await shop.faults() == ["voucher_duplicate"]
    await compare(shop)
    assert await shop.faults() == ["voucher_duplicate"]
    await shop.control("DELETE", "/vouchers/2/F/2")
    await compare(shop)
    assert await shop.faults() == []


async def test_a_changed_voucher_turned_round_leaves_the_sales_booked_once(shop: World) -> None:
    """The mirror is of what stands there, not of what was sent: else the person's change would stay."""
    await a_booked_day(shop)
    await shop.control("PATCH", OURS, {"rows": CHANGED, "transaction_date": "2026-10-05"})
    await compare(shop)
    told = await fault(shop, "voucher_changed")
    (voucher,) = await shop.vouchers()
    refused = await shop.call("POST", f"/vouchers/{voucher['voucher_id']}/reversal", {"reason": "Fel"})
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_in_fortnox")
    answer = await shop.ok("POST", f"/faults/{told['fault_id']}/reversal", {"reason": "Ändrad"})
    await shop.work_for(minutes=5)
    await compare(shop)

    (mirror,) = answer["vouchers"]
    assert mirror["transaction_date"] == "2026-10-05"
    assert await shop.faults() == []
    assert await sums(shop) == {1686: 22400, 2621: -2400, 3002: -20000}
    statement = await shop.ok("GET", "/statement?from=2026-10-01&to=2026-10-31")
    told_sums = {one["number"]: one["debit"] - one["credit"] for one in statement["accounts"]}
    assert {account: ore for account, ore in told_sums.items() if ore} == await sums(shop)


async def sums(shop: World) -> dict[int, int]:
    """Sum what stands in Fortnox per account, debit less credit."""
    found: dict[int, int] = {}
    for one in await shop.booked():
        for row in one["rows"]:
            found[row["account"]] = found.get(row["account"], 0) + row["debit"] - row["credit"]
    return {account: ore for account, ore in found.items() if ore}


async def test_a_marker_of_another_company_in_the_same_books_is_no_strangers(shop: World) -> None:
    await a_booked_day(shop)
    (voucher,) = await shop.vouchers()
    async with shop.service.database.read() as connection:
        own, neighbour = (Shelf(connection, one, shop.number) for one in (shop.company, "c_neighbour"))
        assert await own.marked(voucher["marker"]) == Marked(voucher["voucher_id"])
        assert await neighbour.marked(voucher["marker"]) == Marked(None)
        assert await own.marked("#KX0000000000") is None


async def test_by_night_every_active_company_is_asked_for_once(shop: World) -> None:
    await a_booked_day(shop)
    await by_hand(shop)
    database = shop.service.database
    assert await ask_nightly(database, last_night(shop.clock.now())) == 1
    assert await ask_nightly(database, last_night(shop.clock.now())) == 0
    await shop.work()
    assert await shop.faults() == ["voucher_foreign"]
    assert await ask_nightly(database, last_night(shop.clock.now())) == 0
    shop.clock.advance(days=1)
    assert await ask_nightly(database, last_night(shop.clock.now())) == 1
    await shop.work()


async def test_fortnox_going_away_meanwhile_has_it_done_later(shop: World) -> None:
    await a_booked_day(shop)
    await by_hand(shop)
    await shop.switch("fail", operation="GET /3/vouchers/F/*", times=10)
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()
    assert "voucher_foreign" not in await shop.faults()
    await shop.control("DELETE", "/switches")
    await shop.work_for(minutes=5)
    assert await shop.faults() == ["voucher_foreign"]


async def test_without_a_consent_there_is_nothing_to_compare_with(world: World) -> None:
    for method in ("GET", "POST"):
        answer = await world.call(method, "/integration/reconciliation")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_connected")


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-10-03T00:59:59Z", "2026-10-02T01:00:00Z"),
        ("2026-10-03T01:00:00Z", "2026-10-03T01:00:00Z"),
        ("2026-12-03T01:59:59Z", "2026-12-02T02:00:00Z"),
        ("2026-12-03T02:00:00Z", "2026-12-03T02:00:00Z"),
    ],
)
def test_the_night_is_three_oclock_in_sweden(now: str, night: str) -> None:
    assert last_night(datetime.fromisoformat(now)) == datetime.fromisoformat(night)


NOW = datetime(2026, 10, 31, tzinfo=UTC)
DAY = date(2026, 10, 2)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30), st.integers(0, 30), st.booleans(), st.sampled_from(["there", "moved", "gone"])
        ),
        max_size=60,
    )
)
def test_nothing_odd_or_new_is_left_unread_and_the_rest_takes_its_turn(
    told: list[tuple[int, int, bool, str]],
) -> None:
    ours, listed = [], {}
    for number, (age, read_days_ago, is_watched, how) in enumerate(told, 1):
        booked_at = NOW - timedelta(days=age)
        ours.append(
            Standing(str(number), number, DAY, booked_at, NOW - timedelta(days=read_days_ago), is_watched)
        )
        if how != "gone":
            on = DAY + timedelta(days=how == "moved")
            listed[number] = VoucherListItem("F", number, 2, on, "", "")
    chosen = to_read(ours, listed, NOW)
    must = {
        one.number
        for one, (age, _, is_watched, how) in zip(ours, told, strict=True)
        if age < 7 or is_watched or how != "there"
    }
    rest = [one for one in ours if one.number not in must]
    assert must <= {one.number for one in chosen}
    assert len(chosen) == len(must) + min(len(rest), 20)
    in_turn = [read_at(one) for one in chosen if one.number not in must]
    left = [read_at(one) for one in rest if one not in chosen]
    assert max(in_turn, default=NOW) <= min(left, default=NOW)


def test_of_a_back_fill_booked_lately_as_many_are_read_as_a_turn_has_time_for() -> None:
    ours = [
        Standing(str(n), n, DAY, NOW, NOW - timedelta(minutes=n), is_watched=False) for n in range(1, 1201)
    ]
    listed = {n: VoucherListItem("F", n, 2, DAY, "", "") for n in range(1, 1201)}
    chosen = to_read(ours, listed, NOW)
    assert [one.number for one in chosen] == list(range(1200, 1100, -1))


def read_at(one: Standing) -> datetime:
    assert one.verified_at
    return one.verified_at
