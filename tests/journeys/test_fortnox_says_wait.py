"""Fortnox can't be reached, asks for patience or lets nobody in: nothing is lost, nothing goes in circles."""

from datetime import datetime

import httpx
import pytest
from tests.connection.tampering import altered
from tests.little_shop import fault, states, tell_day, tell_days
from tests.world import World

EVERYTHING = "* /3/*"
POSTS = "POST /3/vouchers"


async def requests(shop: World) -> int:
    return len((await shop.simulator.get("/_simulator/requests")).json())


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_what_was_never_sent_is_sent_again_after_a_while(
    shop: World, error: type[httpx.TransportError]
) -> None:
    """The one case in which a POST may be repeated without a look: no connection, no request."""
    shop.wire.once(shop.wire.before, error("no"))
    await tell_days(shop, 2)
    await shop.work()

    assert await states(shop) == ["ready", "ready"]
    assert await shop.faults() == ["fortnox_unavailable"]
    shop.clock.advance(seconds=5)
    await shop.work()

    assert await states(shop) == ["booked", "booked"]
    assert len(await shop.posts()) == 2
    assert await shop.faults() == []


async def test_a_while_without_connections_is_a_while_of_few_tries(shop: World) -> None:
    """The wait doubles with every try, and the lane's others do not try in its stead."""
    tried: list[datetime] = []

    async def refuse(request: httpx.Request) -> None:
        if request.method == "POST":
            tried.append(shop.clock.now())
            raise httpx.ConnectError("no")

    shop.wire.before.append(refuse)
    await tell_days(shop, 5)
    await shop.work_for(minutes=20)
    assert 5 < len(tried) < 40

    shop.wire.before.clear()
    await shop.work_for(minutes=6)
    assert await states(shop) == ["booked"] * 5
    assert len(await shop.posts()) == 5


async def test_a_throttled_lane_rests_as_long_as_fortnox_asks(shop: World) -> None:
    """Row 14: none is lost, none is sent before its time."""
    await shop.control("PATCH", "/conditions", {"retry_after": True})
    await shop.switch("throttle", operation=POSTS)
    await tell_days(shop, 3)
    await shop.work()
    assert await states(shop) == ["ready"] * 3
    assert await shop.faults() == ["rate_limited"]

    shop.clock.advance(seconds=4)
    await shop.work()
    assert len(await shop.posts()) == 1
    shop.clock.advance(seconds=3)
    await shop.work()

    assert await states(shop) == ["booked"] * 3
    assert len(await shop.posts()) == 4
    assert await shop.faults() == []


async def test_a_storm_of_throttling_loses_nothing(shop: World) -> None:
    """Row 14: every other call of any kind."""
    await shop.switch("throttle", operation=EVERYTHING, times=40)
    await tell_days(shop, 3)
    await shop.work_for(minutes=60)

    assert await states(shop) == ["booked"] * 3
    assert len(await shop.booked()) == 3
    assert await shop.faults() == []


@pytest.mark.parametrize("status", [500, 503])
async def test_a_fortnox_that_is_down_is_asked_once_a_minute(shop: World, status: int) -> None:
    """Row 50: what closed meanwhile is planned all the same, and the fault tells since when."""
    await shop.switch("fail", operation=EVERYTHING, status=status, times=100_000)
    began = shop.clock.now()
    await tell_days(shop, 3)
    await shop.work()
    assert await states(shop) == ["ready"] * 3
    before = await requests(shop)

    await shop.work_for(minutes=10)

    assert await requests(shop) - before <= 11 * 2
    told = await fault(shop, "fortnox_unavailable")
    assert datetime.fromisoformat(told["fault"]["facts"]["began_at"]) == began
    await shop.control("DELETE", "/switches")
    await shop.work_for(minutes=2)
    assert await states(shop) == ["booked"] * 3
    assert await shop.faults() == []


async def test_three_days_down_are_booked_in_the_order_of_their_dates(shop: World) -> None:
    """Row 50."""
    await shop.switch("fail", operation=EVERYTHING, times=100_000)
    for number in (3, 1, 2):
        await tell_day(shop, session=f"K1-{500 + number}", day=f"2026-10-0{number}")
        shop.clock.advance(days=1)
        await shop.work()
    await shop.control("DELETE", "/switches")
    await shop.work_for(minutes=2)

    assert [one["transaction_date"] for one in await shop.booked()] == [
        "2026-10-01",
        "2026-10-02",
        "2026-10-03",
    ]


async def test_a_refused_token_is_replaced_once_and_the_voucher_sent_by_a_new_try(shop: World) -> None:
    await shop.switch("unauthorised", operation=POSTS)
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["booked"]
    assert [one["status"] for one in await shop.posts()] == [401, 201]
    async with shop.service.database.read() as connection:
        tries = (await connection.exec_driver_sql("SELECT outcome, token_id FROM attempt ORDER BY no")).all()
    assert [outcome for outcome, _ in tries] == ["refused", "created"]
    assert tries[0][1] != tries[1][1]


async def test_a_token_that_died_early_is_replaced_before_anything_is_sent(shop: World) -> None:
    await tell_day(shop)
    await shop.control("POST", "/tokens/expire", {})
    await shop.work()

    assert await states(shop) == ["booked"]
    assert [one["status"] for one in await shop.posts()] == [201]
    assert await shop.faults() == []


async def test_a_second_refused_token_stops_the_lane_until_a_person_consents(shop: World) -> None:
    """Row 43: no third try, and the rest is untouched."""
    await shop.switch("unauthorised", operation=POSTS, times=2)
    await tell_days(shop, 3)
    await shop.work()

    assert (await fault(shop, "authorization_expired"))["waiting"]["vouchers"] == 3
    assert await states(shop) == ["ready"] * 3
    await shop.work_for(minutes=59)
    assert [one["status"] for one in await shop.posts()] == [401, 401]

    await shop.connect()
    await shop.work()
    assert await states(shop) == ["booked"] * 3
    assert await shop.faults() == []


async def test_a_consent_taken_back_stops_the_lane_until_it_is_given_again(shop: World) -> None:
    """Row 43: between two vouchers."""
    await tell_day(shop)
    await shop.work()
    await shop.control("DELETE", "/consents?access_tokens_die=true")
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(minutes=30)
    assert await shop.faults() == ["authorization_expired"]
    assert sorted(await states(shop)) == ["booked", "ready"]

    await shop.connect()
    await shop.work()

    assert await states(shop) == ["booked", "booked"]
    assert await shop.faults() == []


async def test_a_token_altered_in_the_database_stops_its_company_until_it_consents(shop: World) -> None:
    """Row 52: told with its cure, as any consent that is no more."""
    await altered(shop)
    await shop.control("DELETE", "/consents")
    shop.clock.advance(hours=2)
    await tell_day(shop)
    await shop.work_for(minutes=30)
    assert await states(shop) == ["ready"]
    assert (await fault(shop, "authorization_expired"))["waiting"]["vouchers"] == 1

    await shop.connect()
    await shop.work()
    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


async def test_a_missing_licence_holds_what_was_refused_and_rests_the_others(shop: World) -> None:
    message = "Det finns ingen aktiv licens för önskat scope"
    await shop.switch("refuse", operation=POSTS, code=2001101, message=message, status=403)
    await tell_days(shop, 3)
    await shop.work()

    assert sorted(await states(shop)) == ["held", "ready", "ready"]
    assert await shop.faults() == ["license_missing"]
    assert len(await shop.posts()) == 1

    await shop.work_for(minutes=61)
    assert await states(shop) == ["booked"] * 3
    assert await shop.faults() == []


async def test_a_company_without_a_licence_is_asked_by_reading_once_an_hour(shop: World) -> None:
    await shop.control("PATCH", "", {"licences": ["integration"]})
    await tell_days(shop, 2)
    await shop.work()
    assert await shop.faults() == ["license_missing"]
    before = await requests(shop)

    await shop.work_for(hours=3)
    assert await requests(shop) - before < 20
    assert await shop.posts() == []

    await shop.control("PATCH", "", {"licences": ["integration", "bookkeeping"]})
    await shop.work_for(hours=1)
    assert await states(shop) == ["booked", "booked"]
    assert await shop.faults() == []
