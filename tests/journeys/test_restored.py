"""The database was restored from a backup: what was booked since is found in Fortnox, never booked twice."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.backups import a_backup, come_back
from tests.little_shop import CARD, SALES, fault, states, tell_day, tell_days
from tests.world import World

from fortnox_sync.connection.tables import lane

EVERYTHING = "* /3/*"
# A token's hour and the settle time, and the half minute after it.
FENCE = timedelta(minutes=76)


async def plan_only(shop: World, days: int = 1) -> None:
    """Have days planned while Fortnox is down."""
    await shop.switch("fail", operation=EVERYTHING, times=100_000)
    await tell_days(shop, days)
    await shop.work()
    assert await states(shop) == ["ready"] * days
    await shop.control("DELETE", "/switches")


async def is_suspect(shop: World) -> bool:
    async with shop.service.database.read() as connection:
        return (await connection.execute(sa.select(lane.c.suspect_until))).scalar_one() is not None


@pytest.mark.parametrize("unnoticed", [False, True])
async def test_what_was_booked_since_the_backup_is_taken_back_and_not_sent_again(
    shop: World, tmp_path: Path, *, unnoticed: bool
) -> None:
    """Row 25: the database says so itself, or Fortnox's counter does when it can't."""
    await plan_only(shop, 3)
    async with a_backup(shop, tmp_path) as backup:
        await shop.work_for(minutes=20)
        assert await states(shop) == ["booked"] * 3
        await come_back(shop, backup, unnoticed=unnoticed)
        assert await states(shop) == ["ready"] * 3

        await shop.work_for(minutes=20)

        listed = await shop.vouchers()
        assert [one["state"] for one in listed] == ["booked"] * 3
        assert sorted(one["booking"]["number"] for one in listed) == [1, 2, 3]
        assert all(one["booking"]["verified_at"] for one in listed)
        assert len(await shop.posts()) == len(await shop.booked()) == 3
        assert await shop.faults() == []


@pytest.mark.parametrize("unnoticed", [False, True])
async def test_nothing_is_sent_before_every_forgotten_token_is_dead_and_settled(
    shop: World, tmp_path: Path, *, unnoticed: bool
) -> None:
    """Row 25: a worker that outlived the restore may still be sending."""
    await plan_only(shop)
    async with a_backup(shop, tmp_path) as backup:
        await shop.work_for(minutes=2)
        await come_back(shop, backup, unnoticed=unnoticed)
        began = shop.clock.now()
        await shop.work()
        await tell_day(shop, session="K1-600", day="2026-10-02")

        await shop.work_for(minutes=74)
        assert await is_suspect(shop)
        assert await states(shop) == ["booked", "ready"]

        await shop.work_for(minutes=3)
        assert not await is_suspect(shop)
        assert await states(shop) == ["booked", "booked"]
        posts = await shop.posts()
        assert len(posts) == len(await shop.booked()) == 2
        assert shop.clock.now() - began >= FENCE


@pytest.mark.parametrize("by_its_epoch", [False, True])
async def test_what_arrives_late_from_before_is_found_before_anything_is_sent(
    shop: World, tmp_path: Path, *, by_its_epoch: bool
) -> None:
    """Row 25 with row 8: the forgotten try is carried out a quarter of an hour after the restore.

    Until then nothing in Fortnox tells of it: only the database does, or what the process remembers of it.
    """
    await plan_only(shop)
    async with a_backup(shop, tmp_path) as backup:
        await shop.switch("book_late", after_seconds=14 * 60, how="silence")
        await shop.work_for(minutes=2)
        assert await states(shop) == ["in_doubt"]
        await come_back(shop, backup, unnoticed=by_its_epoch, another_process=not by_its_epoch)

        await shop.work_for(minutes=80)

        assert await states(shop) == ["booked"]
        assert len(await shop.posts()) == len(await shop.booked()) == 1


@pytest.mark.parametrize("unnoticed", [False, True])
async def test_sales_told_again_after_a_restore_are_asked_about_and_adopted(
    shop: World, tmp_path: Path, *, unnoticed: bool
) -> None:
    """Row 25: planned anew under a new marker, they would be booked twice in silence."""
    async with a_backup(shop, tmp_path) as backup:
        await tell_day(shop)
        await shop.work_for(minutes=20)
        assert await states(shop) == ["booked"]
        await come_back(shop, backup, unnoticed=unnoticed)
        await tell_day(shop)

        await shop.work_for(minutes=90)

        assert await states(shop) == ["needs_decision"]
        facts = (await fault(shop, "decision_needed"))["fault"]["facts"]
        assert facts["reason"] == "unknown_voucher"
        assert [(one["series"], one["number"]) for one in facts["candidates"]] == [("F", 1)]
        assert sorted(await shop.faults()) == ["decision_needed", "voucher_foreign"]
        assert len(await shop.posts()) == 1

        (voucher,) = await shop.vouchers()
        body = {"decision": "adopt", "number": 1, "reason": "Samma dag, samma belopp."}
        await shop.ok("POST", f"/vouchers/{voucher['voucher_id']}/decision", body)
        await shop.work_for(minutes=5)
        assert await states(shop) == ["booked"]
        assert await shop.faults() == []
        assert len(await shop.posts()) == len(await shop.booked()) == 1


async def test_a_database_set_back_under_a_running_worker_is_noticed_by_the_worker(
    shop: World, tmp_path: Path
) -> None:
    """Row 25: where nothing of the database tells, the process knows an epoch it has gone past."""
    async with a_backup(shop, tmp_path) as backup:
        await tell_day(shop)
        await shop.work()
        await come_back(shop, backup, unnoticed=True, another_process=False)
        assert not await is_suspect(shop)

        await tell_day(shop, session="K1-600", day="2026-10-01")
        await shop.work_for(minutes=5)

        assert await is_suspect(shop)
        assert len(await shop.posts()) == 1
        assert await shop.faults() == ["voucher_foreign"]


# Another installation in the same books


async def an_orphan(shop: World, day: str = "2026-10-02") -> None:
    """Book as another installation of this service would: a marker that nobody here gave."""
    rows = [{"account": CARD, "debit": 22400}, {"account": SALES, "credit": 22400}]
    text = "Kassa K1 Z 412 #KX7Q2M0ZB4TD"
    form = {"series": "F", "transaction_date": day, "description": text, "rows": rows}
    await shop.control("POST", "/vouchers", form)


async def test_another_installation_is_told_and_nothing_is_sent_past_it(
    shop: World,
) -> None:
    """Row 20."""
    await an_orphan(shop, "2026-10-01")
    await tell_days(shop, 3)
    await shop.work_for(hours=3)

    assert sorted(await states(shop)) == ["needs_decision", "ready", "ready"]
    assert await shop.posts() == []
    told = await fault(shop, "voucher_foreign")
    assert told["fault"]["facts"]["voucher"]["number"] == 1
    assert told["waiting"]["vouchers"] >= 1
    decided = await fault(shop, "decision_needed")
    assert decided["waiting"]["dates"] == ["2026-10-01"]


async def test_once_a_person_has_said_what_it_is_everything_goes_on(shop: World) -> None:
    """Row 20: that it may stand is said once; of the day that may hold the same sales it is said apart."""
    await an_orphan(shop, "2026-10-01")
    await tell_days(shop, 2)
    await shop.work_for(hours=3)
    told = await fault(shop, "voucher_foreign")
    await shop.ok("POST", f"/faults/{told['fault_id']}/accept")
    await shop.work_for(minutes=90)
    assert sorted(await states(shop)) == ["booked", "needs_decision"]

    (asked,) = [one for one in await shop.vouchers() if one["state"] == "needs_decision"]
    body = {"decision": "send_again", "reason": "Den andra kassans dag."}
    await shop.ok("POST", f"/vouchers/{asked['voucher_id']}/decision", body)
    await shop.work_for(minutes=5)

    assert await states(shop) == ["booked", "booked"]
    assert len(await shop.posts()) == 2
    assert await shop.faults() == []


async def test_an_orphan_that_is_deleted_in_fortnox_holds_nothing_up_any_more(shop: World) -> None:
    """Row 20."""
    await an_orphan(shop, "2026-10-05")
    await tell_days(shop, 2)
    await shop.work_for(minutes=5)
    assert await states(shop) == ["ready", "ready"]
    await shop.control("DELETE", "/vouchers/2/F/1")

    await shop.work_for(hours=2)
    assert await states(shop) == ["booked", "booked"]
    assert await shop.faults() == []


async def test_an_orphan_of_a_time_before_the_till_began_holds_nothing_up(shop: World) -> None:
    """What it holds can be none of the sales that would be sent."""
    await an_orphan(shop, "2026-09-30")
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


async def test_a_day_planned_after_its_twin_was_accepted_is_asked_about(shop: World) -> None:
    """Row 25: the till tells a forgotten day again only after a person let its voucher stand."""
    await tell_day(shop)
    await shop.work_for(minutes=20)
    (twin,) = await shop.booked()
    form = {name: twin[name] for name in ("series", "transaction_date")}
    rows = [
        {name: row[name] for name in ("account", "debit", "credit", "cost_center") if row[name]}
        for row in twin["rows"]
    ]
    moved = {**form, "transaction_date": "2026-10-03", "description": "Kassa #KX7Q2M0ZB4TD", "rows": rows}
    await shop.control("POST", "/vouchers", moved)
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()
    told = await fault(shop, "voucher_foreign")
    await shop.ok("POST", f"/faults/{told['fault_id']}/accept")

    await tell_day(shop, session="K1-413", day="2026-10-03")
    await tell_day(shop, session="K1-414", day="2026-10-04")
    shop.clock.advance(days=2)
    await shop.work_for(minutes=90)

    assert [(one["transaction_date"], one["state"]) for one in await shop.vouchers()] == [
        ("2026-10-02", "booked"),
        ("2026-10-03", "needs_decision"),
        ("2026-10-04", "booked"),
    ]
