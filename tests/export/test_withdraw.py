"""The start date moves: earlier brings older days along, later lets go of what is not booked."""

from __future__ import annotations

from tests.export import invariants
from tests.factories import a_batch
from tests.little_shop import a_close, lunches, tell, tell_day
from tests.world import World


async def start(world: World, day: str) -> None:
    await world.ok("PATCH", "/integration/settings", {"start_on": day})
    await world.work()


async def dates(world: World) -> list[str]:
    return sorted(one["transaction_date"] for one in await world.booked())


async def test_a_later_start_leaves_booked_days_and_lets_go_of_held_ones(shop: World) -> None:
    await tell_day(shop)
    await shop.work()
    await shop.control("PATCH", "/accounts/1686", {"active": False})
    shop.clock.advance(hours=2)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await tell_day(shop, session="K1-414", day="2026-10-04")
    await shop.work()
    assert await shop.faults() == ["account_inactive"]

    await start(shop, "2026-10-04")
    assert {one["session_id"]: one["state"] for one in await shop.vouchers()} == {
        "K1-412": "booked",
        "K1-413": "dismissed",
        "K1-414": "held",
    }
    await shop.control("PATCH", "/accounts/1686", {"active": True})
    await shop.work_for(hours=2)
    assert await dates(shop) == ["2026-10-02", "2026-10-04"]
    assert await shop.faults() == []
    await invariants.check(shop)


async def test_an_earlier_start_brings_back_what_was_let_go(shop: World) -> None:
    await shop.control("PATCH", "/series/F", {"manual": False})
    await tell_day(shop)
    await shop.work()
    await shop.control("PATCH", "/series/F", {"manual": True})
    await start(shop, "2026-10-03")
    assert await shop.posts() == []
    assert await shop.faults() == []

    await start(shop, "2026-10-01")
    assert await dates(shop) == ["2026-10-02"]
    (live,) = [one for one in await shop.vouchers() if one["state"] != "dismissed"]
    assert live["part"] == "takings:2"
    assert "Dagsavslut 2026-10-02 Restaurang Z 412 #KX" in live["description"]
    await invariants.check(shop)


async def test_a_later_start_lets_go_of_a_day_that_waits_for_its_sales(shop: World) -> None:
    await tell(shop, a_batch(lunches(1)), a_close(lunches(2)))
    await shop.work()
    assert await shop.faults() == ["day_incomplete"]
    await start(shop, "2026-10-03")
    assert await shop.faults() == []

    await start(shop, "2026-10-02")
    assert await shop.faults() == ["day_incomplete"]
    await invariants.check(shop)


async def test_a_day_that_is_booked_in_part_is_booked_to_its_end(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]))
    await shop.ok("POST", "/exports")
    await shop.work()
    await shop.control("PATCH", "/series/F", {"manual": False})
    shop.clock.advance(hours=2)
    await tell(shop, a_batch(sold[2:]), a_close(sold))
    await shop.work()
    assert await shop.faults() == ["voucher_series_not_manual"]

    await shop.control("PATCH", "/series/F", {"manual": True})
    await start(shop, "2026-10-04")
    await shop.work_for(hours=2)
    assert await dates(shop) == ["2026-10-02", "2026-10-02"]
    assert await shop.faults() == []


async def test_a_back_fill_goes_oldest_first_with_todays_close_in_front(shop: World) -> None:
    """Row 51: months of stored sales do not hold up the evening."""
    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-04"})
    for number in range(60):
        day = f"2026-{8 + number // 30:02d}-{1 + number % 30:02d}"
        await tell_day(shop, session=f"K1-{300 + number}", day=day)
    shop.clock.advance(days=2)
    await tell_day(shop, session="K1-400", day="2026-10-04")
    await start(shop, "2026-08-01")

    booked = [one["transaction_date"] for one in sorted(await shop.booked(), key=lambda one: one["number"])]
    assert booked[0] == "2026-10-04"
    assert booked[1:] == sorted(booked[1:])
    assert len(booked) == 61
