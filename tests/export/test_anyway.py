"""Export anyway: an operator signs for exactly the differences that are shown, and for nothing more."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from tests.export import invariants
from tests.factories import a_batch
from tests.little_shop import LUNCH, a_close, fault, lunches, tell, tell_day
from tests.world import World

from fortnox_sync.runtime.audit import audit

Json = dict[str, Any]
OPERATOR = {"sub": "support", "scope": "operator", "company_ids": "*"}


async def sign(world: World, session_id: str = "K1-412", reason: str = "Kvitto 3 finns på papper") -> Any:
    return await world.call("POST", f"/sessions/{session_id}/export-anyway", {"reason": reason}, **OPERATOR)


async def audited(world: World, action: str) -> list[Json]:
    async with world.service.database.read() as connection:
        query = sa.select(audit).where(audit.c.action == action)
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def test_a_day_that_lacks_a_sale_is_booked_when_an_operator_signs(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    await shop.work()
    assert await shop.posts() == []

    signed = await sign(shop)
    assert signed.status_code == 202
    await shop.work()
    (booked,) = await shop.booked()
    assert sum(row["debit"] for row in booked["rows"]) == 2 * LUNCH
    assert await shop.faults() == []
    (written,) = await audited(shop, "export.anyway")
    assert (written["actor"], written["details"]["reason"]) == ("support", "Kvitto 3 finns på papper")
    assert written["details"]["shown"]["missing_receipts"] == []
    await invariants.check(shop)


async def test_the_sale_that_was_missing_completes_the_day_when_it_comes_at_last(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    await shop.work()
    await sign(shop)
    await shop.work()

    await tell(shop, a_batch(sold[2:]))
    await shop.work()
    assert sorted(one["part"] for one in await shop.vouchers()) == ["takings", "takings:2"]
    assert sum(row["debit"] for one in await shop.booked() for row in one["rows"]) == 3 * LUNCH
    assert await shop.faults() == []
    await invariants.check(shop)


async def test_what_differs_otherwise_than_was_signed_for_waits_again(shop: World) -> None:
    sold = lunches(4)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    await shop.work()
    await sign(shop)
    await shop.work()

    await tell(shop, a_batch(sold[2:3]))
    await shop.work()
    told = await fault(shop, "day_incomplete")
    assert told["waiting"]["amount"] == LUNCH
    assert len(await shop.posts()) == 1


async def test_what_comes_between_the_look_and_the_planning_is_not_signed_for(shop: World) -> None:
    sold = lunches(4)
    await tell(shop, a_batch(sold[:2]), a_close(sold))
    await shop.work()
    await sign(shop)
    await tell(shop, a_batch(sold[2:3]))
    await shop.work()
    assert await shop.faults() == ["day_incomplete"]
    assert await shop.posts() == []


async def test_there_is_nothing_to_sign_for_where_nothing_is_missing(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    for session_id in ("K1-412", "K1-999"):
        answer = await sign(shop, session_id)
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_sign_for")


async def test_it_takes_an_operator_and_a_reason(shop: World) -> None:
    await tell(shop, a_batch(lunches(1)), a_close(lunches(2)))
    await shop.work()
    refused = await shop.call("POST", "/sessions/K1-412/export-anyway", {"reason": "Vi vill"})
    assert refused.status_code == 403
    for reason in ("", "   ", "Vi\x00vill"):
        assert (await sign(shop, reason=reason)).status_code == 422
