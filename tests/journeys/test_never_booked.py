"""Fortnox never executed the POST: absence is believed only behind the fence, twice, and sent once more."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.little_shop import fault, states, tell_day
from tests.world import World

from fortnox_sync.connection.tables import lane
from fortnox_sync.export.tables import attempt, voucher

# The token lives an hour on Fortnox's clock, and what Fortnox has begun may take a quarter of an hour more.
TOKEN, SETTLE = timedelta(hours=1), timedelta(minutes=15)


async def in_doubt(shop: World, switch: str = "never_book", **more: Any) -> None:
    """Send a voucher that nobody books and nobody answers for."""
    await shop.switch(switch, **more)
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["in_doubt"]


async def posted_at(shop: World) -> list[datetime]:
    return [datetime.fromisoformat(one["at"]) for one in await shop.posts()]


@pytest.mark.parametrize(
    "trouble",
    [
        {"switch": "never_book", "how": "silence"},
        {"switch": "drop_request", "how": "reset", "operation": "POST /3/vouchers"},
        {"switch": "fail", "status": 500, "operation": "POST /3/vouchers"},
        {"switch": "fail", "status": 200, "operation": "POST /3/vouchers"},
    ],
    ids=lambda one: f"{one['switch']}-{one.get('status', one.get('how'))}",
)
async def test_a_voucher_never_executed_is_sent_once_more_behind_the_fence(
    shop: World, trouble: dict[str, Any]
) -> None:
    """Rows 9 and 11: found absent twice, a minute apart, after the token died and all has settled."""
    await in_doubt(shop, **trouble)
    first = shop.clock.now()

    await shop.work_for(minutes=74)
    assert len(await shop.posts()) == 1
    await shop.work_for(minutes=5)

    assert await states(shop) == ["booked"]
    sent = await posted_at(shop)
    assert len(sent) == 2
    assert sent[1] - first > TOKEN + SETTLE + timedelta(seconds=60)
    assert len(await shop.booked()) == 1
    assert await shop.faults() == []


async def test_a_voucher_in_doubt_twice_waits_for_a_person_and_is_never_sent_a_third_time(
    shop: World,
) -> None:
    """Row 10."""
    await in_doubt(shop, times=2)

    await shop.work_for(hours=6)

    assert await states(shop) == ["needs_decision"]
    told = await fault(shop, "decision_needed")
    assert told["fault"]["facts"]["reason"] == "absent_twice"
    assert told["waiting"]["amount"] == 22400
    await shop.work_for(hours=30)
    assert len(await shop.posts()) == 2
    assert await shop.booked() == []


async def look_at(shop: World, moment: datetime) -> None:
    """Have a look at a moment, whenever the next was planned: a person may ask at any time."""
    shop.clock.moment = moment
    async with shop.service.database.write() as connection:
        await connection.execute(voucher.update().values(next_due_at=moment))
        await connection.execute(lane.update().values(next_due_at=moment))
    await shop.work()


async def dies_at(shop: World) -> datetime:
    """Return when the token of the only try expires."""
    async with shop.service.database.read() as connection:
        (expires_at,) = (await connection.execute(sa.select(attempt.c.token_expires_at))).scalars()
    moment: datetime = expires_at
    return moment


async def test_looks_before_everything_has_settled_prove_nothing(shop: World) -> None:
    """Row 8: the token is dead, but what was begun with it may still be going on."""
    await in_doubt(shop)
    dead = await dies_at(shop)
    for minutes in (1, 5, 10, 14, 15):
        await look_at(shop, dead + timedelta(minutes=minutes))

    assert await states(shop) == ["in_doubt"]
    assert len(await shop.posts()) == 1
    await shop.work_for(minutes=3)
    assert len(await shop.posts()) == 2


async def test_the_fence_goes_by_fortnox_own_clock(shop: World) -> None:
    """Row 37: theirs runs four minutes behind, so their token dies four minutes later than ours says."""
    await shop.simulator.post("/_simulator/clock", json={"advance_seconds": -240})
    await in_doubt(shop)
    fence = await dies_at(shop) + SETTLE
    for minutes in (1, 2, 2.5, 3):
        await look_at(shop, fence + timedelta(minutes=minutes))

    assert await states(shop) == ["in_doubt"]
    assert len(await shop.posts()) == 1
    await shop.work_for(minutes=5)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 2


async def test_one_look_behind_the_fence_is_not_enough(shop: World) -> None:
    """Nor are many within one minute."""
    await in_doubt(shop)
    fence = await dies_at(shop) + SETTLE
    for seconds in (1, 2, 30, 60):
        await look_at(shop, fence + timedelta(seconds=seconds))
    assert await states(shop) == ["in_doubt"]

    await look_at(shop, fence + timedelta(seconds=61))
    assert await states(shop) == ["booked"]


async def test_a_foreign_voucher_in_the_same_numbers_needs_a_person(shop: World) -> None:
    """Somebody books by hand in our series meanwhile: it may be this very day, booked from the paper."""
    await in_doubt(shop)
    rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
    hand_made = {"series": "F", "transaction_date": "2026-10-02", "description": "Dagskassa", "rows": rows}
    await shop.control("POST", "/vouchers", hand_made)

    await shop.work_for(minutes=80)

    assert (await fault(shop, "decision_needed"))["fault"]["facts"]["reason"] == "unknown_voucher"
    assert len(await shop.posts()) == 1


async def test_a_counter_that_fell_needs_a_person(shop: World) -> None:
    """A person deleted the last voucher while ours was in doubt: which one it was can't be told."""
    rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
    hand_made = {"series": "F", "transaction_date": "2026-10-02", "description": "Dagskassa", "rows": rows}
    made = await shop.control("POST", "/vouchers", hand_made)
    await in_doubt(shop)
    await shop.control("DELETE", f"/vouchers/{made['year']}/F/{made['number']}")

    await shop.work_for(minutes=80)

    assert (await fault(shop, "decision_needed"))["fault"]["facts"]["reason"] == "counter_moved"
    assert len(await shop.posts()) == 1


async def test_a_person_who_rewords_a_voucher_in_doubt_does_not_hide_it(shop: World) -> None:
    """Row 47: the marker stands in three places, and one is enough."""
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await shop.work()
    (booked,) = await shop.booked()
    place = f"/vouchers/{booked['year']}/{booked['series']}/{booked['number']}"
    await shop.control("PATCH", place, {"description": "Min egen text", "comments": ""})

    await shop.work_for(seconds=10)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 1


async def test_a_series_chosen_meanwhile_keeps_the_marker_and_is_looked_for_where_it_was_tried(
    shop: World,
) -> None:
    """Row 45: executed late in the old series while the settings already name another."""
    await shop.switch("book_late", after_seconds=600)
    await tell_day(shop)
    await shop.work()
    marker = (await shop.vouchers())[0]["marker"]
    await shop.ok("PATCH", "/integration/settings", {"voucher_series": "A"})

    await shop.work_for(minutes=25)

    (voucher,), (booked,) = await shop.vouchers(), await shop.booked()
    assert (voucher["booking"]["series"], voucher["marker"]) == ("F", marker)
    assert marker in booked["comments"]


async def test_a_voucher_proven_absent_goes_into_the_series_chosen_meanwhile(shop: World) -> None:
    """Row 45: nothing of the first try can come any more, so today's settings count."""
    await in_doubt(shop)
    marker = (await shop.vouchers())[0]["marker"]
    await shop.work_for(minutes=75)
    await shop.ok("PATCH", "/integration/settings", {"voucher_series": "A"})
    await shop.work_for(minutes=5)

    (voucher,), (booked,) = await shop.vouchers(), await shop.booked()
    assert voucher["state"] == "booked"
    assert voucher["marker"] == marker
    assert booked["comments"].startswith(marker)
