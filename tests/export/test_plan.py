"""A closed session becomes vouchers: complete or not at all, whatever came in which order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from tests.factories import a_batch, a_mapping, a_payment, a_sale, a_transaction, an_event
from tests.little_shop import a_close, fault, lunches, states, tell, tell_day
from tests.world import World

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease, LeaseLostError
from fortnox_sync.export import plan as planning
from fortnox_sync.export import turn
from fortnox_sync.export.backlog import Session, sessions_to_plan
from fortnox_sync.export.plan import plan
from fortnox_sync.export.tables import claim
from fortnox_sync.runtime.database import Database

Json = dict[str, Any]


async def rows(world: World, part: str = "takings") -> dict[int, int]:
    """Return the debits less credits of a part, by account, as Fortnox has them."""
    (voucher,) = [one for one in await world.vouchers() if one["part"] == part]
    (booked,) = [one for one in await world.booked() if voucher["marker"] in one["comments"]]
    return {row["account"]: row["debit"] - row["credit"] for row in booked["rows"]}


async def test_a_close_before_its_sales_waits_for_them(shop: World) -> None:
    """Row 31."""
    sold = lunches(3)
    await tell(shop, a_close(sold))
    await shop.work()
    assert await states(shop) == []
    assert await shop.faults() == ["day_incomplete"]

    for one in reversed(sold):
        await tell(shop, a_batch([one]))
        await shop.work()

    assert await states(shop) == ["booked"]
    assert await rows(shop) == {1686: 33600, 2621: -3600, 3002: -30000}
    assert await shop.faults() == []


async def test_a_missing_sale_is_named_and_nothing_is_booked_short(shop: World) -> None:
    """Row 32: the differences to the öre, the receipt numbers left out, and what waits."""
    sold = lunches(4)
    await tell(shop, a_batch([sold[0], sold[3]]), a_close(sold))
    await shop.work()

    told = await fault(shop, "day_incomplete")
    facts = told["fault"]["facts"]
    assert facts["missing_receipts"] == [2, 3]
    assert (facts["transactions_reported"], facts["transactions_received"]) == (4, 2)
    assert {one["of"]: (one["till_ore"], one["ledger_ore"]) for one in facts["differences"]} == {
        "payment:card": (44800, 22400),
        "sales:12": (44800, 22400),
        "vat:12": (4800, 2400),
    }
    assert told["waiting"] == {"sessions": 1, "vouchers": 0, "dates": ["2026-10-02"], "amount": 22400}
    assert await shop.posts() == []

    await tell(shop, a_batch(sold[1:3]))
    await shop.work()
    assert await rows(shop) == {1686: 44800, 2621: -4800, 3002: -40000}
    assert await shop.faults() == []


async def test_a_count_that_differs_holds_a_day_whose_sums_agree(shop: World) -> None:
    """Row 32: a sale and its refund are missing, so the sums agree and the receipts do not."""
    sold = lunches(2)
    pair = [a_transaction(3), a_transaction(4, sales=[a_sale(gross=-11200, vat=-1200)])]
    await tell(shop, a_batch(sold), a_close([*sold, *pair]))
    await shop.work()

    facts = (await fault(shop, "day_incomplete"))["fault"]["facts"]
    assert facts["differences"] == []
    assert (facts["transactions_reported"], facts["transactions_received"]) == (4, 2)

    await tell(shop, a_batch(pair))
    await shop.work()
    assert await states(shop) == ["booked"]


async def test_a_late_sale_becomes_a_supplement_that_names_its_day_and_both_add_up(shop: World) -> None:
    """Row 34: what is booked stays as it is; the corrected report, should one come, agrees."""
    sold = await tell_day(shop)
    await shop.work()
    late = a_transaction(3)
    await tell(shop, a_batch([late]))
    await shop.work()

    assert {one["part"]: one["state"] for one in await shop.vouchers()} == {
        "takings": "booked",
        "takings:2": "booked",
    }
    assert await rows(shop) == {1686: 22400, 2621: -2400, 3002: -20000}
    assert await rows(shop, "takings:2") == {1686: 11200, 2621: -1200, 3002: -10000}
    second = next(one for one in await shop.vouchers() if one["part"] == "takings:2")
    assert "Komplettering till dagsavslut 2026-10-02 Restaurang Z 412 del 2 #KX" in second["description"]

    await tell(shop, a_close([*sold, late], revision=2))
    await shop.work()
    assert len(await shop.booked()) == 2
    assert await shop.faults() == []


async def test_two_late_sales_make_two_supplements(shop: World) -> None:
    """Row 34: the second is no less a supplement because the first made the day differ from its report."""
    await tell_day(shop)
    await shop.work()
    for number in (3, 4):
        await tell(shop, a_batch([a_transaction(number)]))
        await shop.work()
    assert sorted(one["part"] for one in await shop.vouchers()) == ["takings", "takings:2", "takings:3"]
    assert await shop.faults() == []


async def test_a_corrected_report_waits_for_the_sale_it_counts(shop: World) -> None:
    """Row 35: the report comes before its late sale; the sale then completes the day."""
    sold = await tell_day(shop)
    await shop.work()
    late = a_transaction(3)
    await tell(shop, a_close([*sold, late], revision=2))
    await shop.work()
    assert await shop.faults() == ["day_incomplete"]

    await tell(shop, a_batch([late]))
    await shop.work()
    assert await rows(shop, "takings:2") == {1686: 11200, 2621: -1200, 3002: -10000}
    assert await shop.faults() == []


async def test_a_corrected_report_can_not_move_a_booked_day(shop: World) -> None:
    """Row 35: not even before the start date, where nobody would look for it."""
    sold = await tell_day(shop)
    await shop.work()
    await tell(shop, a_close(sold, revision=2, day="2026-09-01"))
    await shop.work()

    facts = (await fault(shop, "day_incomplete"))["fault"]["facts"]
    assert (facts["business_date"], facts["reported_on"]) == ("2026-10-02", "2026-09-01")
    assert await states(shop) == ["booked"]


async def test_a_corrected_report_that_takes_away_what_is_booked_is_a_difference(shop: World) -> None:
    """Row 35: never a rewrite."""
    sold = await tell_day(shop)
    await shop.work()
    await tell(shop, a_close(sold[:1], revision=2))
    await shop.work()

    facts = (await fault(shop, "day_incomplete"))["fault"]["facts"]
    assert facts["differences"][0] == {
        "of": "payment:card", "name": facts["differences"][0]["name"], "till_ore": 11200, "ledger_ore": 22400
    }  # fmt: skip
    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 1


async def test_drawer_and_each_purchase_stand_in_vouchers_of_their_own(shop: World) -> None:
    bought = [
        a_transaction(
            number,
            kind="purchase",
            payments=[a_payment("cash", -amount)],
            events=[an_event("tip", -amount)],
            text=f"Kvitto {number}",
        )
        for number, amount in ((8, 4500), (9, 700))
    ]
    moved = a_transaction(
        7, kind="drawer", payments=[a_payment("cash", 9000)], events=[an_event("tip", 9000)]
    )
    await tell_day(shop, [*lunches(2), moved, *bought])
    await shop.work()

    parts = {one["part"]: one["description"] for one in await shop.vouchers()}
    assert set(parts) == {"takings", "drawer", "purchase:K1-412-8", "purchase:K1-412-9"}
    assert "Z 412 kassarörelser #KX" in parts["drawer"]
    assert "Z 412 inköp K1-412-8 #KX" in parts["purchase:K1-412-8"]
    assert await rows(shop, "purchase:K1-412-8") == {1910: -4500, 2820: 4500}
    assert await rows(shop) == {1686: 22400, 2621: -2400, 3002: -20000}


async def test_days_before_the_start_are_not_booked_until_it_is_moved(shop: World) -> None:
    await tell_day(shop, session="K1-411", day="2026-09-30")
    await tell_day(shop)
    await shop.work()
    assert [one["transaction_date"] for one in await shop.booked()] == ["2026-10-02"]
    assert await shop.faults() == []

    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-09-30"})
    await shop.work()
    assert [one["transaction_date"] for one in await shop.booked()] == ["2026-10-02", "2026-09-30"]


async def test_what_is_told_after_the_look_is_planned_again(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 31: a session that has changed since it was read is left as it was, and read once more."""
    sold = lunches(3)

    spoken: list[str] = []

    async def plan_after_the_till_spoke(database: Database, lease: Lease, session: Session) -> None:
        if not spoken:
            spoken.append(session.session_id)
            await tell(shop, a_batch(sold[2:]), a_close(sold, revision=2))
        await plan(database, lease, session)

    await tell(shop, a_batch(sold[:2]), a_close(sold[:2]))
    monkeypatch.setattr(turn, "plan", plan_after_the_till_spoke)
    assert await shop.work() == 2

    assert await states(shop) == ["booked"]
    assert await rows(shop) == {1686: 33600, 2621: -3600, 3002: -30000}


async def test_what_is_told_during_planning_waits_for_it_and_is_never_booked_short(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 31: between adding up and claiming; neither side gets in the other's way, on either database."""
    sold = lunches(3)
    answers: list[asyncio.Task[None]] = []
    freeze = planning._freeze  # noqa: SLF001 - the moment after adding up and before claiming

    async def freeze_while_the_till_talks(*asked: Any) -> str:
        if not answers:
            more = tell(shop, a_batch(sold[2:]), a_close(sold, revision=2))
            answers.append(asyncio.create_task(more))
            await asyncio.sleep(0.1)
        return await freeze(*asked)

    monkeypatch.setattr(planning, "_freeze", freeze_while_the_till_talks)
    await tell(shop, a_batch(sold[:2]), a_close(sold[:2]))
    await shop.work()
    await asyncio.gather(*answers)
    await shop.work()

    assert sum(row["debit"] for one in await shop.booked() for row in one["rows"]) == 33600
    assert await shop.faults() == []


async def test_two_planners_at_once_claim_each_sale_once(shop: World) -> None:
    """Row 38: one holds the lane; the other's lease is gone when it writes."""
    await tell_day(shop)
    database = shop.service.database
    (session,) = await sessions_to_plan(database, shop.company, 10)
    first = await lane.claim(database, "first")
    shop.clock.advance(seconds=91)
    second = await lane.claim(database, "second")
    assert first is not None
    assert second is not None

    outcomes = await asyncio.gather(
        plan(database, first, session), plan(database, second, session), return_exceptions=True
    )

    assert [type(one) for one in outcomes] == [LeaseLostError, type(None)]
    async with database.read() as connection:
        claims = (await connection.execute(sa.select(claim.c.transaction_id))).scalars().all()
    assert sorted(claims) == ["K1-412-1", "K1-412-2"]
    await lane.release(database, second, shop.clock.now())
    await shop.work()


async def test_a_sale_can_be_in_one_live_voucher_only(shop: World) -> None:
    """The database itself refuses the second claim."""
    await tell_day(shop)
    await shop.work()
    async with shop.service.database.read() as connection:
        taken = (await connection.execute(sa.select(claim).limit(1))).mappings().one()

    async with shop.service.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            await connection.execute(claim.insert().values(dict(taken) | {"voucher_id": "another"}))


async def test_cost_centers_stand_on_result_rows_and_where_an_account_demands_one(shop: World) -> None:
    await shop.control("PATCH", "/accounts/1686", {"cost_center_settings": "MANDATORY"})
    shop.clock.advance(hours=1, seconds=1)
    await tell_day(shop)
    await shop.work()

    (booked,) = await shop.booked()
    assert {row["account"]: row["cost_center"] for row in booked["rows"]} == {
        1686: "100",
        2621: "",
        3002: "100",
    }


async def test_a_session_planned_twice_has_its_vouchers_once(shop: World) -> None:
    """Row 30: the same content under new ids; row 39: nothing that is booked is booked again."""
    sold = await tell_day(shop)
    await shop.work()
    await tell(shop, a_batch(sold), a_close(sold))
    await shop.ok("PUT", "/mappings", {"mappings": [a_mapping("event", "tip", 2820)]})
    await shop.work()

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 1
