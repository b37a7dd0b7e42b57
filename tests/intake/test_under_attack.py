"""The door under attack: what is not the till's is refused, and what is the till's is taken all the while."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
from tests.factories import a_batch, a_transaction, body_of
from tests.intake.desk import rows
from tests.world import World

from fortnox_sync.intake.tables import delivery, till_transaction

EACH = 25
NESTED = b'{"type":"transactions","data":' + b"[" * 50_000 + b"]" * 50_000 + b"}"


async def test_real_deliveries_are_taken_amid_a_hundred_that_are_not(world: World) -> None:
    """Row 54: forged, unsigned, captured an hour ago, oversized, deeply nested."""
    body = body_of(a_batch([a_transaction(99)]))
    good = world.headers(body, "msg_captured")
    world.clock.moment += timedelta(hours=1)

    def attack(content: bytes, headers: dict[str, str]) -> asyncio.Task[httpx.Response]:
        return asyncio.create_task(world.api.post("/v1/webhooks/till", content=content, headers=headers))

    forged = good | {"webhook-timestamp": str(int(world.clock.now().timestamp()))}
    attacks = [
        attack(content, headers)
        for content, headers in [(body, forged), (body, {}), (body, good), (NESTED, forged)] * EACH
    ]
    huge = [attack(b" " * (1024 * 1024 + 1), forged) for _ in range(5)]
    real = [asyncio.create_task(world.send(a_batch([a_transaction(number)]))) for number in range(1, 21)]

    answers = Counter(answer.status_code for answer in await asyncio.gather(*attacks))
    assert answers == {401: 4 * EACH}
    assert {answer.status_code for answer in await asyncio.gather(*huge)} == {413}
    assert {answer.status_code for answer in await asyncio.gather(*real)} == {202}
    assert len(await rows(world.service.database, delivery)) == len(real)
    assert len(await rows(world.service.database, till_transaction)) == len(real)
