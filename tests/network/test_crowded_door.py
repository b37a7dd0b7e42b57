"""A crowd stands at the door and says nothing whole: the till is let in, and its day is booked once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest
from proof.network.wired import Wired
from tests.factories import a_batch
from tests.little_shop import a_close, lunches, states, tell, tell_day
from tests.strangers import LET_GO, SOON, connected, go_on_until_cut_off, hear_nothing, let_go, pour

from fortnox_sync.web import server
from fortnox_sync.web.server import LARGEST_HEAD

PLACES = 4
SHORT_S = 0.2
HALF_A_HEAD = b"POST /v1/webhooks/till HTTP/1.1\r\nHost: here\r\n"


@pytest.fixture(autouse=True)
def _a_small_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", PLACES)
    monkeypatch.setattr(server, "HEAD_WITHIN_S", 2 * SOON)
    for limit in ("READ_WITHIN_S", "CLOSED_WITHIN_S"):
        monkeypatch.setattr(server, limit, SHORT_S)


async def test_a_crowd_that_finishes_no_head_keeps_the_till_out_for_a_moment_only(
    wire: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 54."""
    monkeypatch.setattr(server, "HEAD_WITHIN_S", SHORT_S)
    async with AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(connected(wire.port)) for _ in range(PLACES)]
        for reader, writer in crowd:
            writer.write(HALF_A_HEAD)
            assert await let_go(reader) == LET_GO
        monkeypatch.setattr(server, "HEAD_WITHIN_S", 2 * SOON)
        await tell_day(wire.world)
    await is_booked_once(wire)


async def test_a_head_without_an_end_is_cut_off_and_the_day_beside_it_is_booked(wire: Wired) -> None:
    """Row 54: what one stranger can make us remember has an end."""
    async with connected(wire.port) as (_, writer):
        writer.write(HALF_A_HEAD)
        with pytest.raises(ConnectionError):
            await pour(writer, b"X-And-On: " + b"x" * LARGEST_HEAD + b"\r\n")
        await tell_day(wire.world)
    await is_booked_once(wire)


async def test_a_till_that_comes_one_too_many_is_told_so_and_comes_again(
    wire: Wired,
) -> None:
    """Row 54: 503 is a no that a till understands."""
    sold, close = a_batch(lunches()), a_close(lunches())
    async with AsyncExitStack() as stack:
        for _ in range(PLACES):
            await stack.enter_async_context(connected(wire.port))
        refused = await wire.world.send(sold)
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
    async with asyncio.timeout(SOON):
        while not (await wire.world.send(sold)).is_success:
            pass  # those who went may still be counted
    await tell(wire.world, close)
    await is_booked_once(wire)


async def test_whoever_reads_no_answer_is_let_go_of_and_the_day_beside_it_is_booked(wire: Wired) -> None:
    """Row 54: answers that nobody takes fill no memory."""
    async with connected(wire.port) as (reader, writer):
        hear_nothing(reader)
        await go_on_until_cut_off(writer, b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n")
        await tell_day(wire.world)
    await is_booked_once(wire)


async def is_booked_once(wire: Wired) -> None:
    """Work, and find the day in Fortnox once."""
    await wire.world.work()
    assert await states(wire.world) == ["booked"]
    assert len(await wire.world.booked()) == 1
