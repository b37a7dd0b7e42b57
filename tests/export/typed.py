"""Days that somebody typed into Fortnox by hand."""

from __future__ import annotations

from typing import Any

from tests.little_shop import LUNCH, fault, states, tell_day
from tests.world import World

Json = dict[str, Any]
TYPED = [{"account": 1686, "debit": 2 * LUNCH}, {"account": 3001, "credit": 2 * LUNCH}]


async def typed(shop: World, rows: list[Json] = TYPED, day: str = "2026-10-02", series: str = "A") -> int:
    form = {"series": series, "transaction_date": day, "description": "Dagskassa", "rows": rows}
    number: int = (await shop.control("POST", "/vouchers", form))["number"]
    return number


async def a_typed_day(shop: World) -> Json:
    """Have a person type the day in another series, and the till close it after; return what is told."""
    number = await typed(shop)
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["needs_decision"]
    assert await shop.posts() == []
    told = await fault(shop, "decision_needed")
    facts = told["fault"]["facts"]
    assert (facts["reason"], facts["amount_ore"]) == ("already_booked_by_hand", 2 * LUNCH)
    assert [(one["series"], one["number"]) for one in facts["candidates"]] == [("A", number)]
    assert told["remediations"][0]["remediation"]["choices"] == ["dismiss", "send_again"]
    return told


async def decide(shop: World, decision: str, **more: Any) -> Any:
    (voucher,) = await shop.vouchers()
    body = {"decision": decision, "reason": "Har tittat i Fortnox", **more}
    return await shop.call("POST", f"/vouchers/{voucher['voucher_id']}/decision", body)
