"""A person who looked in Fortnox says whether a voucher is booked; nothing else settles it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from tests.export import invariants
from tests.little_shop import LUNCH, states, tell_day
from tests.world import World

from fortnox_sync.export.tables import booking
from fortnox_sync.runtime.audit import audit

Json = dict[str, Any]
SAME = [
    {"account": 1686, "debit": 2 * LUNCH},
    {"account": 2621, "credit": 2400},
    {"account": 3002, "credit": 20000, "cost_center": "100"},
]
OTHER = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]


async def undecided(shop: World) -> str:
    """Send a day twice that Fortnox never books and never answers for; return its voucher."""
    await shop.switch("never_book", times=2)
    await tell_day(shop)
    await shop.work_for(hours=6)
    assert await states(shop) == ["needs_decision"]
    (voucher,) = await shop.vouchers()
    voucher_id: str = voucher["voucher_id"]
    return voucher_id


async def by_hand(shop: World, rows: list[Json], day: str = "2026-10-02") -> int:
    form = {"series": "F", "transaction_date": day, "description": "Dagskassa", "rows": rows}
    made = await shop.control("POST", "/vouchers", form)
    number: int = made["number"]
    return number


async def decide(shop: World, voucher_id: str, decision: str, key: str | None = None, **more: Any) -> Any:
    body = {"decision": decision, "reason": "Har tittat i Fortnox", **more}
    claims = {name: more.pop(name) for name in ("scope", "company_ids") if name in more}
    body = {name: value for name, value in body.items() if name not in claims}
    return await shop.call("POST", f"/vouchers/{voucher_id}/decision", body, key=key, **claims)


async def audited(shop: World) -> list[Any]:
    async with shop.service.database.read() as connection:
        query = sa.select(audit).where(audit.c.action.like("voucher.decided.%"))
        return list(await connection.execute(query))


async def test_sent_again_it_is_booked_once(shop: World) -> None:
    voucher_id = await undecided(shop)
    answer = await decide(shop, voucher_id, "send_again")
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    await shop.work()

    assert await states(shop) == ["booked"]
    assert len(await shop.booked()) == 1
    assert await shop.faults() == []
    (written,) = await audited(shop)
    assert (written.actor, written.action) == ("owner", "voucher.decided.send_again")
    assert written.details["reason"] == "Har tittat i Fortnox"
    assert written.details["shown"][0]["reason"] == "absent_twice"
    await invariants.check(shop)


async def test_sent_again_and_unanswered_it_is_a_persons_once_more(shop: World) -> None:
    voucher_id = await undecided(shop)
    await shop.switch("never_book", times=1)
    await decide(shop, voucher_id, "send_again")
    await shop.work_for(hours=3)
    assert await states(shop) == ["needs_decision"]
    assert len(await shop.posts()) == 3
    assert await shop.faults() == ["decision_needed"]


async def test_a_voucher_that_was_booked_by_hand_is_adopted(shop: World) -> None:
    voucher_id = await undecided(shop)
    number = await by_hand(shop, SAME)
    answer = await decide(shop, voucher_id, "adopt", number=number)
    assert (answer.status_code, answer.json()["state"]) == (200, "booked")
    await shop.work_for(hours=2)

    assert len(await shop.posts()) == 2
    assert await shop.faults() == []
    shown = await shop.ok("GET", f"/vouchers/{voucher_id}")
    assert (shown["booking"]["series"], shown["booking"]["number"]) == ("F", number)
    assert shown["booking"]["verified_at"] is not None
    async with shop.service.database.read() as connection:
        assert (await connection.execute(sa.select(booking.c.source))).scalar_one() == "decision"
    (day,) = (await shop.ok("GET", "/days?from=2026-10-01&to=2026-10-31"))["days"]
    assert (day["sessions"][0]["state"], day["difference"]) == ("booked", 0)


async def test_an_adopted_voucher_with_other_rows_is_told_with_both_sides(shop: World) -> None:
    voucher_id = await undecided(shop)
    number = await by_hand(shop, OTHER)
    answer = await decide(shop, voucher_id, "adopt", number=number)
    assert answer.json()["state"] == "booked"
    assert await shop.faults() == ["voucher_changed"]
    await shop.work_for(hours=2)
    assert await shop.faults() == ["voucher_changed"]
    assert len(await shop.posts()) == 2


async def test_a_number_that_is_not_there_or_another_vouchers_is_refused(shop: World) -> None:
    await tell_day(shop, session="K1-411", day="2026-10-01")
    await shop.work()
    await shop.switch("never_book", times=2)
    await tell_day(shop)
    await shop.work_for(hours=6)
    first, second = await shop.vouchers()
    taken = first["booking"]["number"]

    absent = await decide(shop, second["voucher_id"], "adopt", number=999)
    anothers = await decide(shop, second["voucher_id"], "adopt", number=taken)
    assert (absent.status_code, absent.json()["code"]) == (409, "no_such_voucher_in_fortnox")
    assert (anothers.status_code, anothers.json()["code"]) == (409, "number_is_anothers")
    assert await states(shop) == ["booked", "needs_decision"]
    assert await audited(shop) == []


async def test_dismissed_it_is_never_sent_and_its_sales_go_nowhere_else(shop: World) -> None:
    voucher_id = await undecided(shop)
    answer = await decide(shop, voucher_id, "dismiss")
    assert (answer.status_code, answer.json()["state"]) == (200, "dismissed")
    await shop.ok("POST", "/exports", {})
    await shop.work_for(hours=2)

    assert len(await shop.posts()) == 2
    assert await shop.booked() == []
    assert await shop.faults() == []
    (day,) = (await shop.ok("GET", "/days?from=2026-10-01&to=2026-10-31"))["days"]
    assert (day["sessions"][0]["state"], day["difference"]) == ("dismissed", 2 * LUNCH)


@pytest.mark.parametrize("decision", [{"decision": "send_again"}, {"decision": "adopt", "number": 1}])
async def test_what_is_decided_or_never_was_in_question_is_not_decided_again(
    shop: World, decision: Json
) -> None:
    await tell_day(shop)
    await shop.work()
    (voucher,) = await shop.vouchers()
    answer = await decide(shop, voucher["voucher_id"], **decision)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_decision_needed")
    assert await states(shop) == ["booked"]


async def test_two_people_at_once_decide_once(shop: World) -> None:
    voucher_id = await undecided(shop)
    number = await by_hand(shop, SAME)
    answers = await asyncio.gather(
        decide(shop, voucher_id, "adopt", number=number),
        decide(shop, voucher_id, "send_again"),
        decide(shop, voucher_id, "dismiss"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(await audited(shop)) == 1


async def test_with_a_key_the_second_click_is_answered_as_the_first(shop: World) -> None:
    voucher_id = await undecided(shop)
    number = await by_hand(shop, SAME)
    answers = [await decide(shop, voucher_id, "adopt", "k", number=number) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await audited(shop)) == 1


async def test_fortnox_away_nothing_is_adopted(shop: World) -> None:
    voucher_id = await undecided(shop)
    await shop.switch("fail", times=99)
    answer = await decide(shop, voucher_id, "adopt", number=1)
    assert (answer.status_code, answer.json()["code"]) == (503, "fortnox_unavailable")
    assert await states(shop) == ["needs_decision"]


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "adopt"},
        {"decision": "adopt", "number": 0},
        {"decision": "send_again", "number": 1},
        {"decision": "perhaps"},
        {"decision": "dismiss", "reason": " "},
    ],
)
async def test_what_says_nothing_is_refused(shop: World, body: Json) -> None:
    await tell_day(shop)
    await shop.work()
    (voucher,) = await shop.vouchers()
    assert (await decide(shop, voucher["voucher_id"], **body)).status_code == 422


async def test_it_takes_the_right_to_export(shop: World) -> None:
    voucher_id = await undecided(shop)
    assert (await decide(shop, voucher_id, "dismiss", scope="integration:write")).status_code == 403
    assert (await decide(shop, voucher_id, "dismiss", company_ids=["c_9"])).status_code == 404
    assert await states(shop) == ["needs_decision"]
