"""Looking for a voucher nobody answered for: what is proven by a look, and what is not yet."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from tests.little_shop import fault, states, tell_day
from tests.world import START, World

from fortnox_sync.connection.tables import lane
from fortnox_sync.export import resolve
from fortnox_sync.export.attempts import Attempt
from fortnox_sync.export.desk import Patience
from fortnox_sync.export.resolve import Seen
from fortnox_sync.export.tables import attempt, voucher

ROWS = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
HAND_MADE = {"series": "F", "transaction_date": "2026-10-02", "description": "Dagskassa", "rows": ROWS}
A_TRY = Attempt("a_1", START, token_expires_at=START, looks=4, unseen_at=None)


async def in_doubt(shop: World, switch: str = "never_book") -> None:
    await shop.switch(switch)
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["in_doubt"]


async def look_at(shop: World, moment: datetime) -> None:
    """Have a look now, whenever the next was planned."""
    shop.clock.moment = moment
    async with shop.service.database.write() as connection:
        await connection.execute(voucher.update().values(next_due_at=moment))
        await connection.execute(lane.update().values(next_due_at=moment))
    await shop.work()


async def dies_at(shop: World) -> datetime:
    async with shop.service.database.read() as connection:
        moment: datetime = (await connection.execute(sa.select(attempt.c.token_expires_at))).scalar_one()
    return moment


def desk(theirs: datetime | None) -> Any:
    """Lend as much of a desk as knows Fortnox's own clock."""
    client = SimpleNamespace(fortnox_time=theirs)
    return SimpleNamespace(books=SimpleNamespace(client=client), patience=Patience())


async def test_nothing_is_believed_absent_while_its_token_lives(shop: World) -> None:
    """Row 9: however often it is looked for."""
    await in_doubt(shop)
    dead = await dies_at(shop)
    for minutes in (50, 40, 30, 20, 10, 0):
        await look_at(shop, dead - timedelta(minutes=minutes))

    assert await states(shop) == ["in_doubt"]
    assert len(await shop.posts()) == 1


@pytest.mark.parametrize(
    ("after", "is_past"),
    [
        (timedelta(minutes=-1), False),
        (timedelta(0), False),
        (timedelta(minutes=1), False),
        (timedelta(minutes=15), False),
        (timedelta(minutes=15, seconds=1), True),
    ],
)
def test_a_dead_token_is_not_enough_before_all_has_settled(after: timedelta, *, is_past: bool) -> None:
    assert resolve._is_past_fence(desk(START + after), A_TRY) is is_past  # noqa: SLF001 - the fence itself


def test_without_fortnox_own_clock_there_is_no_fence() -> None:
    assert not resolve._is_past_fence(desk(None), A_TRY)  # noqa: SLF001 - as above


async def test_nothing_is_believed_absent_at_one_look(shop: World) -> None:
    """Row 49: a look may see what was true a while ago."""
    await in_doubt(shop)
    await look_at(shop, await dies_at(shop) + Patience().settle + timedelta(seconds=1))

    assert await states(shop) == ["in_doubt"]
    assert len(await shop.posts()) == 1


async def test_a_voucher_moved_to_another_date_is_found_by_its_number(shop: World) -> None:
    """Row 47: the list of its date does not show it any more."""
    await in_doubt(shop, "lose_answer_after_booking")
    (booked,) = await shop.booked()
    place = f"/vouchers/{booked['year']}/{booked['series']}/{booked['number']}"
    await shop.control("PATCH", place, {"transaction_date": "2026-09-30"})
    await shop.work_for(minutes=1)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == 1
    assert (await fault(shop, "voucher_changed"))["fault"]["facts"]["their_date"] == "2026-09-30"


async def test_a_strangers_voucher_is_not_taken_for_ours(shop: World) -> None:
    """Row 20: it has the very number that ours would have got."""
    await in_doubt(shop)
    await shop.control("POST", "/vouchers", HAND_MADE)
    await shop.work_for(minutes=20)

    assert await states(shop) == ["in_doubt"]
    assert (await shop.vouchers())[0]["booking"] is None


@pytest.mark.parametrize(
    ("absences", "seen", "reason"),
    [
        (0, Seen((), (), counter_fell=False), None),
        (0, Seen((), (7,), counter_fell=False), "unknown_voucher"),
        (0, Seen((), (), counter_fell=True), "counter_moved"),
        (1, Seen((), (), counter_fell=False), "absent_twice"),
        (1, Seen((), (7,), counter_fell=True), "absent_twice"),
    ],
)
def test_what_forbids_to_send_a_second_time(absences: int, seen: Seen, reason: str | None) -> None:
    """Row 10."""
    standing: Any = SimpleNamespace(absences=absences)
    assert resolve._why_not_again(standing, seen) == reason  # noqa: SLF001 - the decision itself
