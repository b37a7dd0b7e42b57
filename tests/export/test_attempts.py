"""The database itself refuses what the protocol forbids."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from tests.little_shop import tell_days
from tests.world import World

from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.repository import NotOneRowError
from fortnox_sync.export.state import AttemptOutcome
from fortnox_sync.export.tables import attempt, booking


async def first_of(world: World, table: sa.Table) -> dict[str, Any]:
    await tell_days(world, 2)
    await world.work()
    async with world.service.database.read() as connection:
        return dict((await connection.execute(sa.select(table).limit(1))).mappings().one())


async def refused(world: World, table: sa.Table, row: dict[str, Any]) -> None:
    async with world.service.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            await connection.execute(table.insert().values(row))


async def test_a_second_live_try_of_a_voucher_can_not_be_written(shop: World) -> None:
    await shop.switch("never_book")
    live = await first_of(shop, attempt)
    await refused(shop, attempt, live | {"attempt_id": "another", "no": 2, "outcome": "open"})


async def test_a_try_has_a_number_of_its_own(shop: World) -> None:
    ended = await first_of(shop, attempt)
    await refused(shop, attempt, ended | {"attempt_id": "another"})


async def test_a_fortnox_number_books_one_voucher_and_a_voucher_has_one_number(shop: World) -> None:
    booked = await first_of(shop, booking)
    await refused(shop, booking, booked | {"voucher_id": "another"})
    await refused(shop, booking, booked | {"number": 99})


async def test_a_try_that_ended_is_left_as_it_ended(shop: World) -> None:
    ended = await first_of(shop, attempt)
    async with shop.service.database.write() as connection:
        with pytest.raises(NotOneRowError):
            await Attempts(shop.service.database, connection).end(ended["attempt_id"], AttemptOutcome.ABSENT)
