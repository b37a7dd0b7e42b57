"""What carries our marker in Fortnox is ours, whatever the database remembers of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from tests.little_shop import fault, states, tell_day
from tests.world import World

from fortnox_sync.export.tables import attempt, booking, voucher
from fortnox_sync.runtime.audit import audit

Json = dict[str, Any]
SENT = [{"account": 1686, "debit": 22400}, {"account": 2621, "credit": 2400}]
AS_SENT = [*SENT, {"account": 3002, "credit": 20000, "cost_center": "100"}]
CHANGED = [*SENT, {"account": 3003, "credit": 20000}]


async def forgotten(shop: World, state: str, *, due: bool = False) -> str:
    """Book a day, and have the database forget it, as one restored from yesterday does; return its id."""
    await tell_day(shop, session="K1-411", day="2026-10-01")
    await tell_day(shop)
    await shop.work_for(minutes=20)
    assert await states(shop) == ["booked", "booked"]
    voucher_id: str = (await shop.vouchers())[1]["voucher_id"]
    async with shop.service.database.write() as connection:
        for table in (attempt, booking):
            await connection.execute(table.delete().where(table.c.voucher_id == voucher_id))
        moment = shop.clock.now() if due else None
        values = {"state": state, "tries": 0, "next_due_at": moment}
        await connection.execute(voucher.update().where(voucher.c.voucher_id == voucher_id).values(values))
    return voucher_id


async def remembered(shop: World) -> None:
    """Forgetting leaves a POST without its intent: the oracle is right to say so, so that is put back."""
    async with shop.service.database.write() as connection:
        own = sa.select(voucher.c.voucher_id).where(
            ~sa.exists().where(attempt.c.voucher_id == voucher.c.voucher_id)
        )
        (voucher_id,) = (await connection.execute(own)).scalars()
        (model,) = (await connection.execute(sa.select(attempt))).mappings()
        moment = {"started_at": model["started_at"], "ended_at": model["ended_at"]}
        row = {**model, **moment, "attempt_id": "put-back", "voucher_id": voucher_id}
        await connection.execute(attempt.insert().values(row))


async def compare(shop: World) -> None:
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()


@pytest.mark.parametrize("state", ["ready", "held", "needs_decision"])
async def test_a_forgotten_voucher_is_adopted_and_that_is_written_down(shop: World, state: str) -> None:
    """Rows 20 and 25."""
    voucher_id = await forgotten(shop, state)
    await compare(shop)
    assert await states(shop) == ["booked", "booked"]
    assert len(await shop.booked()) == 2
    shown = await shop.ok("GET", f"/vouchers/{voucher_id}")
    assert shown["booking"]["number"] == 2
    assert shown["booking"]["verified_at"] is not None
    assert await shop.faults() == []
    async with shop.service.database.read() as connection:
        query = sa.select(audit).where(audit.c.action == "voucher.adopted")
        (written,) = list(await connection.execute(query))
    assert (written.actor, written.details["number"], written.details["was"]) == ("service", 2, state)
    await remembered(shop)


async def test_a_forgotten_voucher_with_other_rows_is_booked_and_told(shop: World) -> None:
    """Row 47."""
    await forgotten(shop, "held")
    await shop.control("PATCH", "/vouchers/2/F/2", {"rows": CHANGED})
    await compare(shop)
    assert await states(shop) == ["booked", "booked"]
    rows = (await fault(shop, "voucher_changed"))["fault"]["facts"]["rows"]
    assert [row["account"] for row in rows] == [3002, 3003]
    await remembered(shop)


async def test_a_forgotten_voucher_is_seen_before_it_is_sent_again(shop: World) -> None:
    """Row 25: the comparison comes after the sending, so the look before it has to find it."""
    await forgotten(shop, "ready", due=True)
    asked = len(await shop.posts())
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()
    assert len(await shop.posts()) == asked
    assert await states(shop) == ["booked", "booked"]
    await remembered(shop)


async def test_a_dismissed_voucher_that_stands_in_fortnox_is_told(shop: World) -> None:
    await forgotten(shop, "dismissed")
    await compare(shop)
    assert await states(shop) == ["booked", "dismissed"]
    assert (await fault(shop, "voucher_foreign"))["fault"]["facts"]["voucher"]["number"] == 2
    await remembered(shop)


async def test_what_is_in_doubt_is_left_to_who_resolves_it(shop: World) -> None:
    """Row 6."""
    await tell_day(shop, session="K1-411", day="2026-10-01")
    await shop.work_for(minutes=20)
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["booked", "in_doubt"]
    await compare(shop)
    assert await states(shop) == ["booked", "in_doubt"]
    await shop.work_for(minutes=1)
    assert await states(shop) == ["booked", "booked"]
    assert len(await shop.booked()) == 2
