"""Z numbers run without a gap: the faults are exactly the gaps there are, whatever comes in which order."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import a_day_close, a_delivery
from tests.little_shop import fault, tell, tell_day
from tests.world import World

from fortnox_sync.export.tables import day_warning
from fortnox_sync.export.z_numbers import missing
from fortnox_sync.runtime.audit import audit

Json = dict[str, Any]


async def days(world: World, *z_numbers: int, register: str = "K1", first: int = 2) -> None:
    """Tell a day for each Z number, on consecutive dates of October, and let them be booked."""
    for day, number in enumerate(z_numbers, first):
        await tell_day(world, session=f"{register}-{number}", day=f"2026-10-{day:02d}")
    await world.work()


async def gaps(world: World) -> list[tuple[str, list[int]]]:
    """Return the open gaps by register."""
    told = [one["fault"] for one in (await world.ok("GET", "/faults"))["faults"]]
    return sorted(
        (one["facts"]["till_register"]["register_id"], one["facts"]["missing_z_numbers"])
        for one in told
        if one["code"] == "z_number_gap"
    )


async def warnings(world: World) -> list[tuple[str, str, int]]:
    """Return the day warnings: session, kind and the number before."""
    async with world.service.database.read() as connection:
        rows = (await connection.execute(sa.select(day_warning).order_by(day_warning.c.session_id))).all()
    return [(row.session_id, row.kind, row.facts["before"]) for row in rows]


async def sign(world: World, first: int, last: int, register: str = "K1", **claims: Any) -> Any:
    """Sign for numbers as an operator."""
    body = {"from_z_number": first, "to_z_number": last, "reason": "Kassan byttes ut."}
    claims = {"sub": "operator", "scope": "operator", "company_ids": "*"} | claims
    return await world.call("POST", f"/registers/{register}/z-gaps/accept", body, **claims)


async def test_numbers_that_follow_each_other_are_no_news(shop: World) -> None:
    await days(shop, 412, 413, 414)
    await days(shop, 198, 199, register="K2")
    assert await shop.faults() == []


async def test_a_close_that_never_came_is_a_gap_and_holds_nothing_up(shop: World) -> None:
    """SKVFS 2014:9: each register by itself, from the number before the gap to the one after it."""
    await days(shop, 412, 415)
    await days(shop, 198, 200, register="K2")

    assert await gaps(shop) == [("K1", [413, 414]), ("K2", [199])]
    assert len(await shop.booked()) == 4
    (one, _) = [
        one for one in (await shop.ok("GET", "/faults"))["faults"] if one["fault"]["code"] == "z_number_gap"
    ]
    assert one["severity"] == "warning"
    assert one["waiting"]["amount"] == 0
    assert one["fault"]["facts"]["till_register"] == {"register_id": "K1", "name": "Restaurang"}


async def test_a_gap_filled_in_part_is_another_gap_and_one_filled_is_none(shop: World) -> None:
    await days(shop, 412, 415)
    await days(shop, 414, first=4)
    assert await gaps(shop) == [("K1", [413])]

    await days(shop, 413, first=3)
    assert await shop.faults() == []


async def test_closes_that_come_in_any_order_leave_no_gap(shop: World) -> None:
    for day, number in ((6, 416), (2, 412), (5, 415), (3, 413), (4, 414)):
        await days(shop, number, first=day)
    assert await shop.faults() == []


async def test_numbers_before_the_start_date_are_nobodys_but_the_nearest_one_counts(shop: World) -> None:
    for number, day in ((400, "2026-09-20"), (409, "2026-09-29")):
        await tell_day(shop, session=f"K1-{number}", day=day)
    await days(shop, 412)
    assert await gaps(shop) == [("K1", [410, 411])]

    await tell_day(shop, session="K1-411", day="2026-10-01")
    await tell_day(shop, session="K1-410", day="2026-09-30")
    await shop.work()
    assert await shop.faults() == []


async def test_a_start_date_that_moves_takes_its_gaps_along(shop: World) -> None:
    await days(shop, 412, 414)
    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-05"})
    await shop.work()
    assert await gaps(shop) == []

    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-01"})
    await shop.work()
    assert await gaps(shop) == [("K1", [413])]


async def test_a_register_that_begins_again_has_no_gap_and_a_warning(shop: World) -> None:
    """Reset or replaced: the numbers between the old series and the new are nobody's."""
    await days(shop, 412, 1, 2, 4)
    assert await gaps(shop) == [("K1", [3])]
    assert await warnings(shop) == [("K1-1", "z_number_out_of_order", 412)]


async def test_a_number_that_comes_twice_is_a_warning(shop: World) -> None:
    """Two sessions, one Z number: both are booked, for nothing proves them the same, and somebody is told."""
    await tell_day(shop, session="K1-412")
    await tell_day(shop, session="K1-0412", day="2026-10-03")
    await shop.work()
    assert await shop.faults() == []
    assert await warnings(shop) == [("K1-0412", "z_number_repeated", 412)]


async def test_a_wrong_clock_makes_no_gap_of_numbers_that_came(shop: World) -> None:
    """Row 37: what is out of order is said, what is there is not missing."""
    await days(shop, 412, 414, 413, 415)
    assert await gaps(shop) == []
    assert await warnings(shop) == [("K1-413", "z_number_out_of_order", 414)]


async def test_of_a_corrected_close_the_latest_number_counts(shop: World) -> None:
    await days(shop, 412)
    sold = await tell_day(shop, session="K1-999", day="2026-10-03")
    await shop.work()
    assert len(await gaps(shop)) == 1

    mended = a_day_close(sold, session="K1-999", day="2026-10-03", z_number=413, revision=2)
    await tell(shop, a_delivery(mended))
    await shop.work()
    assert await shop.faults() == []


async def test_a_leap_of_many_numbers_lists_a_hundred_and_says_how_far_it_goes(shop: World) -> None:
    await days(shop, 412, 10**12)
    facts = (await fault(shop, "z_number_gap"))["fault"]["facts"]
    assert facts["missing_z_numbers"] == list(range(413, 513))
    assert facts["up_to"] == 10**12 - 1

    assert (await sign(shop, 413, 10**12 - 1)).status_code == 204
    assert await shop.faults() == []


async def test_an_operator_signs_for_a_gap_once_and_for_good(shop: World) -> None:
    await days(shop, 412, 415)
    for _ in range(2):
        assert (await sign(shop, 413, 413)).status_code == 204
        await shop.work()
        assert await gaps(shop) == [("K1", [414])]
    await sign(shop, 414, 414)
    await days(shop, 416, first=4)

    assert await shop.faults() == []
    async with shop.service.database.read() as connection:
        query = sa.select(audit).where(audit.c.action == "z_gap.accepted").order_by(audit.c.at)
        (first, second) = (await connection.execute(query)).all()
    assert (first.actor, second.actor) == ("operator", "operator")
    assert {first.details["from_z_number"], second.details["from_z_number"]} == {413, 414}
    assert first.details["reason"] == "Kassan byttes ut."


@pytest.mark.parametrize(
    ("first", "last", "register", "status"),
    [(420, 420, "K1", 409), (413, 413, "K2", 409), (414, 413, "K1", 422)],
)
async def test_only_numbers_that_are_missing_can_be_signed_for(
    shop: World, first: int, last: int, register: str, status: int
) -> None:
    await days(shop, 412, 415)
    assert (await sign(shop, first, last, register)).status_code == status
    assert await gaps(shop) == [("K1", [413, 414])]


async def test_only_an_operator_signs_for_a_gap(shop: World) -> None:
    await days(shop, 412, 415)
    for claims in ({"scope": "integration:write exports:write", "company_ids": [shop.company]},):
        assert (await sign(shop, 413, 414, **claims)).status_code == 403
    assert (await sign(shop, 413, 414, company_ids=["another"])).status_code == 404


@pytest.mark.parametrize(
    ("start", "stop", "found"),
    [(1, 4, [1, 2, 3]), (3, 0, [3, 2, 1]), (1, 1, []), (4, 12, [4, 11]), (11, 3, [11, 4]), (5, 6, [])],
)
def test_what_came_or_was_signed_for_is_not_missing(start: int, stop: int, found: list[int]) -> None:
    assert list(missing(start, stop, {10, 9}, [range(5, 7), range(6, 9)])) == found
