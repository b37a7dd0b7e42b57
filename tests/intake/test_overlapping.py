"""Several processes take deliveries of the same sessions at once, and none is lost or counted twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random
from typing import Any

import pytest
from tests.factories import Json, a_batch, a_catalog, a_day_close, a_delivery, a_transaction
from tests.intake.desk import Desk, a_desk

from fortnox_sync.intake.inbox import Answer
from fortnox_sync.intake.tables import catalog_item, day_close, delivery, till_session, till_transaction

COMPANIES = ("c_1", "c_2", "c_3")
SESSIONS = tuple(f"K{number}-412" for number in range(4))
SOLD = {
    (company, session): [a_transaction(number, session=session) for number in range(12)]
    for company in COMPANIES
    for session in SESSIONS
}


@pytest.fixture
async def desks(database_url: str) -> AsyncIterator[list[Desk]]:
    """Lend three inboxes on one database, as three processes would have."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(a_desk(database_url)) for _ in range(3)]


def shuffle(told: list[Any], seed: int) -> None:
    """Bring into an order that is the same every time."""
    Random(seed).shuffle(told)  # noqa: S311 - an order, no secret


def deliveries() -> dict[str, Json]:
    """Tell every company's sessions, each batch of them mixed, by webhook id."""
    told: dict[str, Json] = {}
    for company in COMPANIES:
        mine = [one for (owner, _), sold in SOLD.items() if owner == company for one in sold]
        shuffle(mine, 4711)
        for start in range(0, len(mine), 8):
            told[f"{company}-{start}"] = a_batch(mine[start : start + 8], company=company)
        told[f"{company}-catalog"] = a_delivery(a_catalog(mine, company_id=company))
        for session in SESSIONS:
            close = a_day_close(SOLD[company, session], session=session, company_id=company)
            told[f"{company}-{session}"] = a_delivery(close)
    return told


async def test_three_inboxes_at_once_store_every_delivery_once(desks: list[Desk]) -> None:
    told = deliveries()

    async def play(desk: Desk, seed: int) -> list[Answer]:
        order = list(told)
        shuffle(order, seed)
        return [r.answer for r in await asyncio.gather(*(desk.take(told[one], one) for one in order))]

    answers = await asyncio.gather(*(play(desk, seed) for seed, desk in enumerate(desks)))

    stored = [answer for mine in answers for answer in mine if answer is Answer.STORED]
    assert len(stored) == len(told)
    desk = desks[0]
    assert {row["status"] for row in await desk.rows(delivery)} == {"stored"}
    assert len(await desk.rows(delivery)) == len(told)
    assert len(await desk.rows(till_transaction)) == 144
    assert len(await desk.rows(day_close)) == 12
    assert {row["changes"] for row in await desk.rows(till_session)} == {13}
    assert len(await desk.rows(catalog_item)) == 3 * 7


async def test_three_inboxes_that_hear_the_same_under_different_ids_count_it_once(desks: list[Desk]) -> None:
    told = list(deliveries().values())

    async def play(desk: Desk, seed: int) -> None:
        order = [f"{seed}-{number}" for number in range(len(told))]
        shuffle(order, seed)
        await asyncio.gather(*(desk.take(told[int(one.partition("-")[2])], one) for one in order))

    await asyncio.gather(*(play(desk, seed) for seed, desk in enumerate(desks)))

    desk = desks[0]
    assert {row["status"] for row in await desk.rows(delivery)} == {"stored"}
    assert {row["changes"] for row in await desk.rows(till_session)} == {13}


async def test_a_transaction_told_otherwise_to_two_inboxes_at_once_stands_once(desks: list[Desk]) -> None:
    tellings = [a_batch([a_transaction(1, text=text)]) for text in ("one", "two", "three")]
    await asyncio.gather(
        *(desk.take(told, told_id) for desk, told, told_id in zip(desks, tellings, "abc", strict=True))
    )

    statuses = sorted(row["status"] for row in await desks[0].rows(delivery))
    assert statuses == ["conflicting", "conflicting", "stored"]
    assert len(await desks[0].rows(till_transaction)) == 1
