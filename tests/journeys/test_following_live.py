"""The BackOffice follows along: over a real connection, resumed after a break, from whichever process."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from tests.factories import a_batch
from tests.little_shop import a_close, lunches, tell, tell_day
from tests.standing import a_service
from tests.world import COMPANY, World

from fortnox_sync.app import create_app
from fortnox_sync.bootstrap import Service
from fortnox_sync.runtime import events
from fortnox_sync.runtime.broadcast import Broadcast, Joined, Pace
from fortnox_sync.web import auth
from fortnox_sync.web.event_stream import EventStream
from fortnox_sync.web.server import Server

Json = dict[str, Any]
SOON = 20.0
# Looks so rare that only a wake-up within the process can bring an event in time.
PATIENT = Pace(look_every_s=3600, heartbeat_s=3600)
QUICK = Pace(look_every_s=0.02, heartbeat_s=3600)


@asynccontextmanager
async def a_process(world: World, pace: Pace) -> AsyncIterator[tuple[str, Service, Server]]:
    """Serve the API on a port of its own, from a process that shares nothing with others but the database."""
    made = a_service(world.service.settings, world.clock, world.service.transports)
    service = replace(made, broadcast=Broadcast(made.database, pace))
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(service), log_config=None, lifespan="off", access_log=False)
    server = Server(config, service.broadcast.close)
    looking = asyncio.create_task(service.broadcast.run())
    taking = asyncio.create_task(service.inbox.run())
    serving = asyncio.create_task(server._serve(sockets=[listening]))  # noqa: SLF001 - serve() would take our signals
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag alone
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", service, server
    finally:
        server.should_exit = True
        await serving
        for task in (looking, taking):
            task.cancel()
        await asyncio.gather(looking, taking, return_exceptions=True)
        await service.database.dispose()


async def blocks(answer: httpx.Response) -> AsyncGenerator[Json, None]:
    """Read an event stream as the WHATWG has it: fields of a block, parted by empty lines."""
    block: Json = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            block[name or "comment"] = value.strip()
        elif block:
            yield block
            block = {}


@asynccontextmanager
async def following(
    world: World, address: str, last_seen: str | None = None, query: str = "", **claims: Any
) -> AsyncIterator[AsyncIterator[Json]]:
    headers = {"Authorization": f"Bearer {world.token(**claims)}"}
    if last_seen is not None:
        headers["Last-Event-ID"] = last_seen
    async with httpx.AsyncClient(base_url=address, timeout=SOON) as client:  # noqa: SIM117 - reads better
        async with client.stream("GET", f"/v1/companies/{COMPANY}/events{query}", headers=headers) as answer:
            assert answer.status_code == httpx.codes.OK
            assert answer.headers["content-type"].startswith("text/event-stream")
            async with aclosing(blocks(answer)) as read:
                assert await anext(read) == {"retry": "3000"}
                yield read


async def take(read: AsyncIterator[Json], number: int) -> list[Json]:
    async with asyncio.timeout(SOON):
        return [await anext(read) for _ in range(number)]


async def until(read: AsyncIterator[Json], kind: str) -> list[Json]:
    """Read up to and including the first event of a kind."""
    found: list[Json] = []
    async with asyncio.timeout(SOON):
        while not found or found[-1]["event"] != kind:
            found.append(await anext(read))
    return found


async def change(world: World, number: int = 1) -> None:
    """Change something small, some times."""
    for _ in range(number):
        await world.ok("PATCH", "/integration/settings", {"language": "en"})


async def test_a_day_is_followed_from_its_close_to_its_booking(shop: World) -> None:
    async with a_process(shop, QUICK) as (address, _, _), following(shop, address) as read:
        (ready,) = await take(read, 1)
        assert ready["event"] == "ready"
        await tell_day(shop)
        await shop.work()
        found = await until(read, "export.finished")
    told = [(one["event"], json.loads(one["data"])) for one in found]
    (voucher,) = await shop.vouchers()
    assert [(kind, data.get("state")) for kind, data in told] == [
        ("day.closed", None),
        ("export.started", None),
        ("voucher.changed", "ready"),
        ("voucher.changed", "booked"),
        ("export.finished", None),
    ]
    assert told[0][1]["session_id"] == "K1-412"
    assert told[3][1]["voucher_id"] == voucher["voucher_id"]
    assert {data["export_id"] for kind, data in told[1:]} == {voucher["export_id"]}
    assert {data["at"] for _, data in told} == {"2026-10-03T01:00:00Z"}
    first = int(ready["id"]) + 1
    assert [int(one["id"]) for one in found] == list(range(first, first + len(found)))


async def test_a_fault_opens_changes_and_closes_before_the_eyes_of_whoever_follows(shop: World) -> None:
    sold = lunches(3)
    async with a_process(shop, QUICK) as (address, _, _), following(shop, address) as read:
        await tell(shop, a_batch(sold[:1]), a_close(sold))
        await shop.work()
        opened = await until(read, "fault.opened")
        await tell(shop, a_batch(sold[1:2]))
        await shop.work()
        changed = await until(read, "fault.changed")
        await shop.work_for(minutes=10)  # looks again, finds the same: nothing to tell
        await tell(shop, a_batch(sold[2:]))
        await shop.work()
        closed = await until(read, "fault.closed")
    assert [one["event"] for one in closed[:-1] if one["event"].startswith("fault.")] == []
    told = [json.loads(found[-1]["data"]) for found in (opened, changed, closed)]
    assert len({one["fault_id"] for one in told}) == 1
    assert {one["code"] for one in told} == {"day_incomplete"}


async def test_a_reader_that_resumes_gets_what_it_missed_once_and_goes_on(shop: World) -> None:
    async with a_process(shop, QUICK) as (address, _, _):
        async with following(shop, address) as read:
            await take(read, 1)
            await change(shop)
            (seen,) = await take(read, 1)
        await change(shop, 3)
        async with following(shop, address, seen["id"]) as read:
            missed = await take(read, 3)
            await change(shop)
            live = await take(read, 1)
    first = int(seen["id"]) + 1
    assert [int(one["id"]) for one in (*missed, *live)] == list(range(first, first + 4))


async def test_after_in_the_query_serves_whoever_can_send_no_header(shop: World) -> None:
    async with a_process(shop, QUICK) as (address, service, _):
        await change(shop, 2)
        newest = await newest_of(service)
        async with following(shop, address, query=f"?after={newest - 1}") as read:
            (found,) = await take(read, 1)
        async with following(shop, address, str(newest - 2), query=f"?after={newest - 1}") as read:
            (by_header,) = await take(read, 1)
    assert found["id"] == str(newest)
    assert by_header["id"] == str(newest - 1)


async def newest_of(service: Service) -> int:
    async with service.database.read() as connection:
        return (await events.last_seqs(connection, [COMPANY]))[COMPANY]


async def test_more_than_a_page_that_was_missed_comes_in_order(shop: World) -> None:
    async with a_process(shop, QUICK) as (address, service, _):
        before = await newest_of(service)
        async with service.database.write() as connection:
            for number in range(450):
                events.tell(service.database, connection, COMPANY, "voucher.changed", voucher_id=str(number))
        async with following(shop, address, str(before)) as read:
            found = await take(read, 450)
    assert [json.loads(one["data"])["voucher_id"] for one in found] == [str(n) for n in range(450)]


@pytest.mark.parametrize("unknown", ["1", "999999", "an-id-of-somebody-else"])
async def test_an_id_that_is_not_kept_is_answered_with_a_reset(shop: World, unknown: str) -> None:
    shop.clock.moment += events.KEPT + timedelta(hours=1)
    await events.prune(shop.service.database)
    async with a_process(shop, QUICK) as (address, service, _):
        newest = await newest_of(service)
        async with following(shop, address, unknown) as read:
            (reset,) = await take(read, 1)
            await change(shop)
            (live,) = await take(read, 1)
    assert (reset["event"], reset["id"]) == ("reset", str(newest))
    assert (live["event"], live["id"]) == ("integration.changed", str(newest + 1))


async def test_the_newest_id_is_known_though_its_event_is_pruned(shop: World) -> None:
    shop.clock.moment += events.KEPT + timedelta(hours=1)
    await events.prune(shop.service.database)
    async with a_process(shop, QUICK) as (address, service, _):
        newest = await newest_of(service)
        async with following(shop, address, str(newest)) as read:
            await change(shop)
            (live,) = await take(read, 1)
    assert live["id"] == str(newest + 1)


async def test_what_this_process_commits_is_seen_at_once(shop: World) -> None:
    async with a_process(shop, PATIENT) as (address, service, _), following(shop, address) as read:
        await take(read, 1)
        await looked(service)
        async with service.database.write() as connection:
            events.tell(service.database, connection, COMPANY, "mapping.changed")
        (found,) = await take(read, 1)
    assert found["event"] == "mapping.changed"


async def looked(service: Service) -> None:
    """Wait until the broadcast has looked once and waits, so that a ring must wake it."""
    while not service.database.told._waiters:  # noqa: ASYNC110, SLF001 - nothing else tells
        await asyncio.sleep(0.005)


async def test_readers_of_two_processes_both_see_what_either_commits(shop: World) -> None:
    async with (
        a_process(shop, QUICK) as (one, first, _),
        a_process(shop, QUICK) as (other, second, _),
        following(shop, one) as here,
        following(shop, other) as there,
    ):
        await take(here, 1)
        await take(there, 1)
        for service in (first, second):
            async with service.database.write() as connection:
                events.tell(service.database, connection, COMPANY, "mapping.changed")
        assert await take(here, 2) == await take(there, 2)


async def test_one_look_serves_all_readers_of_a_process(shop: World) -> None:
    async with a_process(shop, PATIENT) as (address, service, _):
        async with following(shop, address) as one, following(shop, address) as other:
            for reader in (one, other):
                await take(reader, 1)
            await touch(service)
            for reader in (one, other):  # with this, each has read what it may have missed
                await take(reader, 1)
            await looked(service)
            asked = count_reads(service)
            await touch(service)
            for reader in (one, other):
                await take(reader, 1)
        assert len(asked) == 2


async def touch(service: Service) -> None:
    """Commit an event from within a process."""
    async with service.database.write() as connection:
        events.tell(service.database, connection, COMPANY, "mapping.changed")


def count_reads(service: Service) -> list[str]:
    """Gather the reads of events from now on."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("SELECT event"):
            asked.append(statement)

    sa.event.listen(service.database.engine.sync_engine, "before_cursor_execute", note)
    return asked


async def test_nobody_asks_the_database_while_nobody_follows(shop: World) -> None:
    async with a_process(shop, QUICK) as (address, service, _):
        async with following(shop, address) as read:
            await take(read, 1)
        while service.broadcast.listeners:  # noqa: ASYNC110 - the server notices in its own time
            await asyncio.sleep(0.005)
        await asyncio.sleep(QUICK.look_every_s * 2)  # the look that was under way
        asked = count_reads(service)
        await asyncio.sleep(QUICK.look_every_s * 5)
        assert asked == []


async def test_a_quiet_line_shows_that_it_lives(shop: World) -> None:
    pace = Pace(look_every_s=3600, heartbeat_s=0.02)
    async with a_process(shop, pace) as (address, _, _), following(shop, address) as read:
        await take(read, 1)
        assert await take(read, 2) == [{"comment": "alive"}] * 2


async def test_the_stream_ends_when_the_token_does(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_LEEWAY_S", 0)
    async with a_process(shop, QUICK) as (address, service, _):
        async with following(shop, address, exp=int(time.time()) + 2) as read:
            await take(read, 1)
            async with asyncio.timeout(SOON):
                assert [one async for one in read] == []
        while service.broadcast.listeners:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)


async def test_streams_end_by_themselves_when_the_process_stops(shop: World) -> None:
    async with a_process(shop, PATIENT) as (address, _, server), following(shop, address) as read:
        await take(read, 1)
        server.should_exit = True
        async with asyncio.timeout(SOON):
            assert [one async for one in read] == []


async def test_a_reader_that_leaves_too_much_unread_is_let_go_and_resumes(shop: World) -> None:
    broadcast = Broadcast(shop.service.database, Pace(look_every_s=0.02, most_unread=5))
    looking = asyncio.create_task(broadcast.run())
    async with aclosing(broadcast.follow(COMPANY, None, SOON)) as read:
        assert isinstance(await anext(read), Joined)
        await change(shop)
        first = await anext(read)
        (listener,) = broadcast._followed[COMPANY].listeners  # noqa: SLF001 - to see it fill
        while not listener.unread.qsize():  # noqa: ASYNC110 - the first was read from the database
            await asyncio.sleep(0.005)
        await change(shop, 8)
        while not listener.is_ended:  # noqa: ASYNC110 - the look ends it
            await asyncio.sleep(0.005)
        assert listener.unread.qsize() == 5 + 1  # and the end
        before = [one.seq async for one in read if isinstance(one, events.Event)]
    async with aclosing(broadcast.follow(COMPANY, before[-1], SOON)) as read:
        after = [one.seq for one in [await anext(read) for _ in range(4)] if isinstance(one, events.Event)]
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert broadcast.listeners == 0
    assert isinstance(first, events.Event)
    assert [first.seq, *before, *after] == list(range(first.seq, first.seq + 9))
    assert len(before) == 4


class _Stuck:
    """A reader whose line takes one message and then nothing more."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    async def send(self, message: Any) -> None:
        self.messages.append(message)
        if len(self.messages) > 1:
            await asyncio.Event().wait()


async def test_a_reader_that_takes_nothing_does_not_keep_its_place() -> None:
    is_closed = asyncio.Event()

    async def told() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b": alive\n\n"
        finally:
            is_closed.set()

    line = _Stuck()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    async with asyncio.timeout(SOON):
        await EventStream(told(), longest_send_s=0.05)(scope, line.receive, line.send)
    assert is_closed.is_set()
    assert [one["type"] for one in line.messages] == ["http.response.start", "http.response.body"]


async def test_only_the_own_company_is_heard(shop: World) -> None:
    async with a_process(shop, QUICK) as (address, service, _), following(shop, address) as read:
        await take(read, 1)
        async with service.database.write() as connection:
            events.tell(service.database, connection, "c_other", "mapping.changed")
            events.tell(service.database, connection, COMPANY, "integration.changed")
        (found,) = await take(read, 1)
        assert found["event"] == "integration.changed"
    answer = await shop.call("GET", "/events", company_ids=["c_other"])
    assert answer.status_code == httpx.codes.NOT_FOUND


async def test_no_more_streams_are_opened_than_a_process_can_serve(shop: World) -> None:
    async with a_process(shop, Pace(most_listeners=1)) as (address, _, _), following(shop, address) as read:
        await take(read, 1)
        async with httpx.AsyncClient(base_url=address) as client:
            answer = await client.get(
                f"/v1/companies/{COMPANY}/events", headers={"Authorization": f"Bearer {shop.token()}"}
            )
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert answer.json()["code"] == "too_many_streams"
