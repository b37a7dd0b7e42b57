"""A day that should have closed and did not is told the next morning, once, and for as long as it is so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import DAY, a_batch, a_transaction
from tests.little_shop import a_close, fault, lunches, states, tell
from tests.world import World

from fortnox_sync.connection.tables import company
from fortnox_sync.export import overdue
from fortnox_sync.export.overdue import last_overdue_on, overdue_from, tell_overdue
from fortnox_sync.intake.tables import till_session

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("day", "hour_utc"),
    [
        (date(2026, 10, 2), datetime(2026, 10, 3, 4, tzinfo=UTC)),
        (date(2026, 10, 23), datetime(2026, 10, 24, 4, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 25, 5, tzinfo=UTC)),  # the night that has 25 hours
        (date(2026, 10, 25), datetime(2026, 10, 26, 5, tzinfo=UTC)),
        (date(2026, 3, 27), datetime(2026, 3, 28, 5, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 29, 4, tzinfo=UTC)),  # the night that has 23
        (date(2026, 12, 31), datetime(2027, 1, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_day_is_overdue_from_six_in_the_morning_after_it_swedish_time(
    day: date, hour_utc: datetime
) -> None:
    """Row 33."""
    assert overdue_from(day) == hour_utc
    assert last_overdue_on(hour_utc) == day
    assert last_overdue_on(hour_utc.replace(hour=hour_utc.hour - 1, minute=59)) < day


async def test_a_close_that_never_comes_is_told_the_next_morning(shop: World) -> None:
    """Row 33: not at night, when people may still be dancing."""
    await tell(shop, a_batch(lunches(3)))
    await shop.work()
    assert await shop.faults() == []

    shop.clock.moment = overdue_from(date(2026, 10, 2))
    await shop.work()

    told = await fault(shop, "day_overdue")
    assert told["severity"] == "warning"
    assert told["fault"]["facts"] == {
        "session_id": "K1-412",
        "till_register": {"register_id": "K1", "name": "Restaurang"},
        "business_date": DAY,
        "transactions_received": 3,
    }
    assert told["waiting"] == {"sessions": 1, "vouchers": 0, "dates": [DAY], "amount": 33600}
    assert [one["remediation"]["action"] for one in told["remediations"]] == [
        "resend_till_data",
        "export_anyway",
    ]
    assert await states(shop) == []


async def test_an_overdue_close_that_comes_ends_the_waiting(shop: World) -> None:
    """Row 33."""
    sold = lunches(3)
    await tell(shop, a_batch(sold))
    shop.clock.advance(days=1)
    await shop.work()
    assert await shop.faults() == ["day_overdue"]

    await tell(shop, a_close(sold))
    await shop.work()
    assert await shop.faults() == []
    assert await states(shop) == ["booked"]


async def test_an_overdue_close_that_comes_without_all_its_sales_is_told_as_incomplete(shop: World) -> None:
    """Rows 32 and 33: the day still waits, and the fault says for what by now."""
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]))
    shop.clock.advance(days=1)
    await shop.work()
    await tell(shop, a_close(sold))
    await shop.work()
    assert await shop.faults() == ["day_incomplete"]

    await tell(shop, a_batch(sold[2:]))
    shop.clock.advance(days=1)
    await shop.work()
    assert await shop.faults() == []


async def test_an_overdue_day_is_told_once_and_again_when_more_was_sold(shop: World) -> None:
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]))
    shop.clock.advance(days=1)
    await shop.work()
    assert await tell_overdue(shop.service.database) == 0

    await tell(shop, a_batch(sold[2:]))
    await shop.work()
    told = await fault(shop, "day_overdue")
    assert told["fault"]["facts"]["transactions_received"] == 3
    assert told["waiting"]["amount"] == 33600


async def test_what_was_exported_by_hand_waits_for_the_close_no_more(shop: World) -> None:
    await tell(shop, a_batch(lunches(3)))
    shop.clock.advance(days=1)
    await shop.work()
    assert (await fault(shop, "day_overdue"))["waiting"]["amount"] == 33600

    await shop.ok("POST", "/exports", {})
    await shop.work()
    assert await shop.work() == 0
    told = await fault(shop, "day_overdue")
    assert told["fault"]["facts"]["transactions_received"] == 3
    assert told["waiting"]["amount"] == 0


async def test_a_day_before_the_start_date_is_not_overdue_and_is_when_the_date_moves_back(
    shop: World,
) -> None:
    await tell(shop, a_batch(lunches(2)))
    shop.clock.advance(days=1)
    await shop.work()
    assert await shop.faults() == ["day_overdue"]

    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-03"})
    await shop.work()
    assert await shop.faults() == []

    await shop.ok("PATCH", "/integration/settings", {"start_on": "2026-10-01"})
    await shop.work()
    assert await shop.faults() == ["day_overdue"]


async def test_a_company_that_does_not_export_is_told_nothing(shop: World) -> None:
    await tell(shop, a_batch(lunches(2)))
    async with shop.service.database.write() as connection:
        await connection.execute(sa.update(company).values(status="setting_up"))
    shop.clock.advance(days=1)
    assert await tell_overdue(shop.service.database) == 0


async def test_a_year_of_days_never_closed_is_told_sweep_by_sweep(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep does a bounded piece of work, oldest days first; every session has its fault in the end."""
    monkeypatch.setattr(overdue, "_MOST_SESSIONS", 2)
    days = [f"2026-10-{day:02d}" for day in range(5, 1, -1)]
    sold = [
        a_transaction(1, session=f"K1-{number}", business_date=day) for number, day in enumerate(days, 400)
    ]
    await tell(shop, a_batch([*sold, a_transaction(2, session="K1-400", business_date="2026-10-05")]))
    shop.clock.advance(days=3, hours=4)
    assert [await tell_overdue(shop.service.database) for _ in range(3)] == [2, 2, 0]

    told = (await shop.ok("GET", "/faults"))["faults"]
    assert [one["fault"]["facts"]["business_date"] for one in told] == sorted(days)
    async with shop.service.database.read() as connection:
        left = await connection.execute(sa.select(till_session).where(till_session.c.overdue_at.is_(None)))
        assert left.all() == []
