"""Something in Fortnox stands in the way: the fault names it, and only it waits; cured, it is booked once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.factories import a_payment, a_sale, a_transaction, an_event
from tests.journeys.obstacles import OBSTACLES, YEAR, Call, Obstacle
from tests.little_shop import fault, states, tell_day
from tests.world import World, is_booking

Json = dict[str, Any]


def accounts(told: Json) -> list[int]:
    return [one["number"] for one in told.get("accounts", ())]


by_code = pytest.mark.parametrize("obstacle", [*OBSTACLES, YEAR], ids=lambda one: one.code)


def said(facts: Json) -> Json:
    """Bring facts into the shape the table above has them in."""
    year = facts.get("financial_year") or {}
    return {
        **facts,
        "accounts": accounts(facts),
        "year": facts.get("year") or year.get("label"),
    }


async def held(shop: World, obstacle: Obstacle) -> None:
    """See that the voucher is held by exactly this fault, which names what it is about."""
    assert await states(shop) == ["held"]
    told = await fault(shop, obstacle.code)
    facts = said(told["fault"]["facts"])
    assert {name: facts[name] for name in obstacle.facts} == obstacle.facts
    assert told["waiting"] == {"sessions": 0, "vouchers": 1, "dates": ["2026-10-02"], "amount": 22400}
    assert told["remediations"]
    assert await shop.faults() == [obstacle.code]


@by_code
async def test_what_preflight_sees_is_never_posted_and_heals_without_a_click(
    shop: World, obstacle: Obstacle
) -> None:
    """Rows 13 and 46."""
    await shop.control(*obstacle.breaks)
    await tell_day(shop)
    await shop.work()
    await held(shop, obstacle)
    assert await shop.posts() == []

    await shop.work_for(minutes=59)
    await held(shop, obstacle)
    await shop.control(*obstacle.cures)
    await shop.work_for(minutes=2)

    assert await states(shop) == ["booked"]
    assert await shop.faults() == []
    assert len(await shop.posts()) == len(await shop.booked()) == 1


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda one: one.code)
async def test_what_changes_after_the_look_is_refused_and_cured_by_a_click(
    shop: World, obstacle: Obstacle
) -> None:
    """Row 13: the person cures it in Fortnox and changes any setting here; nobody waits for an hour."""
    await change_on_the_way(shop, obstacle.breaks)
    await tell_day(shop)
    await shop.work()
    await held(shop, obstacle)
    assert len(await shop.posts()) == 1

    await shop.control(*obstacle.cures)
    await shop.ok("PATCH", "/integration/settings", {"language": "en"})
    await shop.work()

    assert await states(shop) == ["booked"]
    assert await shop.faults() == []
    assert (len(await shop.posts()), len(await shop.booked())) == (2, 1)


async def test_a_look_for_the_cure_trusts_no_list_from_before_it(shop: World) -> None:
    """Another voucher has had the chart of accounts read meanwhile: it counts as fresh, and is too old."""
    await shop.control("PATCH", "/accounts/3002", {"active": False})
    await tell_day(shop)
    await shop.work_for(minutes=50)
    await shop.switch("refuse", operation="POST /3/vouchers", code=9999999, message="Nej", status=400)
    purchase = a_transaction(1, session="K1-413", sales=[], events=[an_event("tip")])
    await tell_day(shop, [purchase], "K1-413")
    await shop.work()
    assert sorted(await shop.faults()) == ["account_inactive", "rejected_by_fortnox"]

    await shop.control("PATCH", "/accounts/3002", {"active": True})
    await shop.work_for(minutes=11)

    assert sorted(await states(shop)) == ["booked", "held"]


async def change_on_the_way(shop: World, call: Call) -> None:
    """Have a person change something in Fortnox while the next POST is on its way."""

    async def change(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.before.remove(change)
            await shop.control(*call)

    shop.wire.before.append(change)


async def test_a_demanded_cost_center_is_put_on_the_row_once_the_chart_tells(shop: World) -> None:
    """The account begins to demand one after the look: the till's own is sent at the next look."""
    await change_on_the_way(shop, ("PATCH", "/accounts/1686", {"cost_center_settings": "MANDATORY"}))
    await tell_day(shop)
    await shop.work()
    told = await fault(shop, "cost_center_required")
    assert told["fault"]["facts"]["account"] == 1686

    await shop.work_for(minutes=61)

    (booked,) = await shop.booked()
    assert {row["account"]: row["cost_center"] for row in booked["rows"]}[1686] == "100"
    assert await shop.faults() == []


async def test_an_account_chosen_anew_is_booked_instead_of_the_one_switched_off(shop: World) -> None:
    """Row 13: cured by the mapping; the marker stays."""
    await shop.control("PATCH", "/accounts/3002", {"active": False})
    await tell_day(shop)
    await shop.work()
    marker = (await shop.vouchers())[0]["marker"]

    await shop.ok("PUT", "/mappings/article_group/food", {"account": 3003})
    await shop.work()

    (booked,) = await shop.booked()
    assert {row["account"] for row in booked["rows"]} == {1686, 2621, 3003}
    assert booked["comments"].startswith(marker)
    assert await shop.faults() == []


async def test_a_series_chosen_anew_is_booked_in_instead_of_the_one_not_manual(shop: World) -> None:
    """Row 46."""
    await shop.control("PATCH", "/series/F", {"manual": False})
    await tell_day(shop)
    await shop.work()

    await shop.ok("PATCH", "/integration/settings", {"voucher_series": "A"})
    await shop.work()

    (booked,) = await shop.booked()
    assert booked["series"] == "A"
    assert await shop.faults() == []


async def test_one_day_that_is_held_does_not_stop_the_others(shop: World) -> None:
    """Row 46 and 36: the lock ends on the first day; the next is booked in the same sweep."""
    await shop.control("PUT", "/locked-period", {"end_on": "2026-10-02"})
    await tell_day(shop)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work()

    assert sorted(await states(shop)) == ["booked", "held"]


async def test_a_day_in_the_new_year_is_booked_in_the_new_year(shop: World) -> None:
    """Row 46: broken off by a missing year, then booked in the right one."""
    await shop.control("DELETE", "/financial-years/3")
    await tell_day(shop, session="K1-500", day="2026-12-31")
    await tell_day(shop, session="K1-501", day="2027-01-01")
    await shop.work()
    assert (await fault(shop, "financial_year_missing"))["fault"]["facts"]["year"] == 2027

    await shop.control("POST", "/financial-years", {"id": 3, "from_on": "2027-01-01", "to_on": "2027-12-31"})
    await shop.work_for(minutes=61)

    booked = {one["transaction_date"]: one["year"] for one in await shop.booked()}
    assert booked == {"2026-12-31": 2, "2027-01-01": 3}
    assert await shop.faults() == []


async def test_a_lock_that_no_look_can_see_is_tried_once_an_hour(shop: World) -> None:
    """Fortnox shows no automatic lock in its API: only the POST can tell."""
    await shop.control("PUT", "/locked-period", {"end_on": "2026-10-31", "automatic": True})
    await tell_day(shop)
    await shop.work_for(hours=3, minutes=1)

    assert await shop.faults() == ["period_locked"]
    assert len(await shop.posts()) == 4

    await shop.control("PUT", "/locked-period", {"end_on": None, "automatic": True})
    await shop.work_for(hours=1)
    assert await states(shop) == ["booked"]


@pytest.mark.parametrize("status", [400, 404, 409])
async def test_a_refusal_nobody_knows_is_not_sent_again_by_itself(shop: World, status: int) -> None:
    await shop.switch("refuse", operation="POST /3/vouchers", code=9999999, message="Nej", status=status)
    await tell_day(shop)
    await shop.work_for(hours=5)

    told = await fault(shop, "rejected_by_fortnox")
    assert told["fault"]["facts"]["fortnox_code"] == 9999999
    assert told["fault"]["facts"]["text"] == "Nej"
    assert len(await shop.posts()) == 1

    await shop.ok("PATCH", "/integration/settings", {"language": "en"})
    await shop.work()
    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


async def test_several_accounts_switched_off_are_all_named(shop: World) -> None:
    for account in (1910, 3002):
        await shop.control("PATCH", f"/accounts/{account}", {"active": False})
    await tell_day(shop, [a_transaction(1, sales=[a_sale()], payments=[a_payment("cash")])])
    await shop.work()

    facts = (await fault(shop, "account_inactive"))["fault"]["facts"]
    assert accounts(facts) == [1910, 3002]
    items = [item for one in facts["accounts"] for item in one["items"]]
    assert [(one["dimension"], one["key"], one["amount_ore"]) for one in items] == [
        ("payment_method", "cash", 11200),
        ("article_group", "food", 10000),
    ]
