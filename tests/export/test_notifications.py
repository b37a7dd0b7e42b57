"""Notifications: one for each fault, read by each person for themselves; healed, it tells what was sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.counting import statements
from tests.factories import a_batch, a_transaction
from tests.little_shop import LUNCH, a_close, lunches, tell, tell_day
from tests.world import World

Json = dict[str, Any]
FOOD = "/mappings/article_group/food"


async def listed(world: World, query: str = "", **claims: Any) -> Json:
    answer = await world.call("GET", f"/notifications{query}", **claims)
    assert answer.is_success, answer.text
    told: Json = answer.json()
    return told


async def the_one(world: World) -> Json:
    (found,) = (await listed(world))["notifications"]
    told: Json = found
    return told


async def incomplete(world: World, session: str = "K1-412", **of: Any) -> list[Json]:
    """Close a session of which a receipt is missing; return what it sold."""
    sold = lunches(2, session=session, **of)
    day = {"day": of["business_date"]} if of else {}
    await tell(world, a_batch(sold[:1]), a_close(sold, session, **day))
    await world.work()
    return sold


async def test_a_fault_is_one_notification_however_often_it_is_met(shop: World) -> None:
    await incomplete(shop)
    await shop.work_for(hours=3)
    found = await the_one(shop)
    (open_fault,) = (await shop.ok("GET", "/faults"))["faults"]
    assert found["id"] == open_fault["fault_id"]
    for name in ("severity", "title", "message", "opened_at", "fault", "remediations"):
        assert found[name] == open_fault[name]
    assert (found["closed_at"], found["read_at"], found["sent"]) == (None, None, None)


async def test_a_healed_fault_tells_what_was_sent(shop: World) -> None:
    sold = await incomplete(shop)
    shop.clock.advance(minutes=5)
    await tell(shop, a_batch(sold[1:]))
    await shop.work()
    found = await the_one(shop)
    assert found["closed_at"] == "2026-10-03T01:05:00Z"
    assert found["remediations"] == []
    assert found["sent"] == {
        "vouchers": 1,
        "dates": ["2026-10-02"],
        "amount": 2 * LUNCH,
        "on_their_way": 0,
        "message": "Åtgärdat. Bokfört i Fortnox: 224,00\N{NO-BREAK SPACE}kr för 2026-10-02, "
        "antal verifikationer 1.",
    }


async def test_it_is_told_in_english_to_whoever_asks_for_it(shop: World) -> None:
    sold = await incomplete(shop)
    await tell(shop, a_batch(sold[1:]))
    await shop.work()
    headers = {"Authorization": f"Bearer {shop.token()}", "Accept-Language": "en"}
    answer = await shop.api.get(f"/v1/companies/{shop.company}/notifications", headers=headers)
    (found,) = answer.json()["notifications"]
    assert found["sent"]["message"].startswith("Healed. Booked in Fortnox: 224.00")
    assert found["title"] != (await the_one(shop))["title"]


async def test_what_several_days_waited_for_is_summed_over_them(shop: World) -> None:
    """A group without an account holds three days; the mapping lets all of them go."""
    await shop.ok("DELETE", FOOD)
    for one in (1, 2, 3):
        await tell_day(shop, session=f"K1-50{one}", day=f"2026-10-0{one}")
    await shop.work()
    await shop.ok("PUT", FOOD, {"account": 3002})
    before = await the_one(shop)
    assert before["sent"] is None
    await shop.work()
    sent = (await the_one(shop))["sent"]
    assert (sent["vouchers"], sent["amount"]) == (3, 6 * LUNCH)
    assert sent["dates"] == ["2026-10-01", "2026-10-02", "2026-10-03"]


async def test_a_held_voucher_counts_once_it_is_booked(shop: World) -> None:
    await shop.control("PATCH", "/accounts/3002", {"active": False})
    await tell_day(shop)
    await shop.work()
    assert (await the_one(shop))["fault"]["code"] == "account_inactive"
    await shop.control("PATCH", "/accounts/3002", {"active": True})
    await shop.work_for(hours=2)
    sent = (await the_one(shop))["sent"]
    assert (sent["vouchers"], sent["amount"], sent["dates"]) == (1, 2 * LUNCH, ["2026-10-02"])


async def test_a_late_sale_is_not_what_waited(shop: World) -> None:
    sold = await incomplete(shop)
    await tell(shop, a_batch(sold[1:]))
    await shop.work()
    shop.clock.advance(minutes=5)
    late = a_transaction(3)
    await tell(shop, a_batch([late]), a_close([*sold, late], revision=2))
    await shop.work()
    assert len(await shop.vouchers()) == 2
    assert (await the_one(shop))["sent"]["vouchers"] == 1


async def test_what_fortnox_kept_out_is_what_was_sent_when_it_let_us_in(shop: World) -> None:
    await tell_day(shop, session="K1-411", day="2026-10-01")
    await shop.work()
    shop.clock.advance(minutes=1)
    await shop.switch("fail", operation="* /3/*", status=503, times=1000)
    await tell_day(shop)
    await shop.work()
    assert await shop.faults() == ["fortnox_unavailable"]
    await shop.control("DELETE", "/switches")
    await shop.work_for(hours=1)
    sent = (await the_one(shop))["sent"]
    assert (sent["vouchers"], sent["amount"], sent["dates"]) == (1, 2 * LUNCH, ["2026-10-02"])


async def test_each_person_reads_for_themselves(shop: World) -> None:
    await incomplete(shop)
    found = await the_one(shop)
    shop.clock.advance(minutes=1)
    for _ in range(2):
        answer = await shop.call("POST", f"/notifications/{found['id']}/read", sub="anna")
        assert answer.status_code == httpx.codes.NO_CONTENT
        shop.clock.advance(minutes=1)

    hers, his = await listed(shop, sub="anna"), await listed(shop, sub="bo")
    assert [one["read_at"] for one in hers["notifications"]] == ["2026-10-03T01:01:00Z"]
    assert [one["read_at"] for one in his["notifications"]] == [None]
    assert (hers["unread"], his["unread"]) == (0, 1)
    assert (await listed(shop, "?unread=true", sub="anna"))["notifications"] == []
    assert len((await listed(shop, "?unread=true", sub="bo"))["notifications"]) == 1


async def test_a_fault_that_comes_again_is_a_new_notification(shop: World) -> None:
    for _ in range(2):
        await shop.ok("DELETE", FOOD)
        await tell_day(shop, session=f"K1-{500 + _}", day=f"2026-10-0{_ + 1}")
        await shop.work()
        await shop.ok("PUT", FOOD, {"account": 3002})
        await shop.work()
        shop.clock.advance(minutes=1)
    newest, oldest = (await listed(shop))["notifications"]
    assert newest["opened_at"] > oldest["opened_at"]
    assert [one["sent"]["dates"] for one in (newest, oldest)] == [["2026-10-02"], ["2026-10-01"]]


async def test_pages_run_from_the_newest_to_the_oldest(shop: World) -> None:
    for one in (1, 2, 3):
        await incomplete(shop, f"K1-50{one}", business_date=f"2026-10-0{one}")
        shop.clock.advance(minutes=1)
    first = await listed(shop, "?limit=2")
    second = await listed(shop, f"?limit=2&cursor={first['next_cursor']}")
    sessions = [
        one["fault"]["facts"]["session_id"] for one in (*first["notifications"], *second["notifications"])
    ]
    assert sessions == ["K1-503", "K1-502", "K1-501"]
    assert (first["unread"], second["next_cursor"]) == (3, None)


async def test_the_number_of_statements_does_not_grow_with_what_is_listed(shop: World) -> None:
    await incomplete(shop, "K1-501", business_date="2026-10-01")
    with statements(shop) as few:
        await listed(shop)
    for one in (2, 3):
        sold = await incomplete(shop, f"K1-50{one}", business_date=f"2026-10-0{one}")
        await tell(shop, a_batch(sold[1:]))
        await shop.work()
    with statements(shop) as many:
        await listed(shop)
    assert len(many) == len(few) + 1  # what was sent, asked only where something is healed


async def test_another_companys_notification_is_not_there(shop: World) -> None:
    await incomplete(shop)
    found = await the_one(shop)
    mine, shop.company = shop.company, "c_other"
    answers = [
        await shop.call("POST", f"/notifications/{found['id']}/read"),
        await shop.call("GET", "/notifications", company_ids=[mine]),
    ]
    assert [one.status_code for one in answers] == [httpx.codes.NOT_FOUND] * 2
    assert (await listed(shop))["notifications"] == []
    shop.company = mine
    assert (await the_one(shop))["read_at"] is None


@pytest.mark.parametrize("unknown", ["01a217f4-1813-7658-a93e-0f897248136f", "0"])
async def test_a_notification_nobody_knows_is_not_there(shop: World, unknown: str) -> None:
    answer = await shop.call("POST", f"/notifications/{unknown}/read")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert answer.json()["code"] == "not_found"


async def test_whoever_may_only_read_may_say_so(shop: World) -> None:
    await incomplete(shop)
    path = f"/notifications/{(await the_one(shop))['id']}/read"
    assert (await shop.call("POST", path, scope="integration:read")).status_code == httpx.codes.NO_CONTENT
    assert (await shop.call("POST", path, scope="exports:write")).status_code == httpx.codes.FORBIDDEN
