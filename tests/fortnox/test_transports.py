"""Over real sockets: a write has its own connection, and a broken one never sends twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import anyio
import httpx
import pytest

from fortnox_sync.fortnox import (
    FortnoxClient,
    NotSent,
    Throttle,
    Unanswered,
    VoucherDraft,
    VoucherRowDraft,
    http_clients,
)

DRAFT = VoucherDraft("F", date(2026, 3, 14), "d", "c", (VoucherRowDraft(1910, 1, 0),))
BODY = b'{"Voucher":{"VoucherSeries":"F","VoucherNumber":1,"Year":7,"TransactionDate":"2026-03-14",'
BODY += b'"VoucherRows":[]}}'
WHOLE = b"HTTP/1.1 201 Created\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A raw server that counts connections and requests and behaves as told."""

    def __init__(self, behave: Behave) -> None:
        self._behave = behave
        self.connections = 0
        self.heads: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head)
                await reader.readexactly(_length(head))
                await self._behave(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _length(head: bytes) -> int:
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lengths[0].partition(b":")[2]) if lengths else 0


@asynccontextmanager
async def fortnox(behave: Behave, *, deadline: float = 5.0) -> AsyncIterator[tuple[Server, FortnoxClient]]:
    counting = Server(behave)
    async with await asyncio.start_server(counting.serve, "127.0.0.1", 0) as server, http_clients() as http:
        port = server.sockets[0].getsockname()[1]
        yield (
            counting,
            FortnoxClient(f"http://127.0.0.1:{port}/3", "t", http, Throttle(), deadline=deadline),
        )


async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE)
    await writer.drain()


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE[:-20])
    await writer.drain()
    writer.close()


async def trickle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in WHOLE:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_each_write_goes_out_on_a_connection_of_its_own() -> None:
    async with fortnox(answer) as (server, client):
        await client.create_voucher(DRAFT, 7)
        await client.create_voucher(DRAFT, 7)
    assert server.connections == 2
    assert all(b"connection: close" in head.lower() for head in server.heads)


async def test_the_client_for_writes_keeps_no_connection_even_if_nobody_asks_for_that() -> None:
    server = Server(answer)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening, http_clients() as http:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        await http.writes.post(url)
        await http.writes.post(url)
    assert server.connections == 2


async def test_reads_share_a_connection() -> None:
    async with fortnox(answer) as (server, client):
        await client.voucher("F", 1, 7)
        await client.voucher("F", 1, 7)
    assert (server.connections, len(server.heads)) == (1, 2)


async def test_no_cookie_travels_from_one_company_to_the_next() -> None:
    async with fortnox(answer) as (server, client):
        await client.voucher("F", 1, 7)
        await client.voucher("F", 1, 7)
    assert not any(b"cookie" in head.lower() for head in server.heads)


@pytest.mark.parametrize("behave", [reset, half])
async def test_a_reset_after_sending_is_unanswered(behave: Behave) -> None:
    async with fortnox(behave) as (server, client):
        with pytest.raises(Unanswered):
            await client.create_voucher(DRAFT, 7)
    assert len(server.heads) == 1


async def test_an_answer_that_trickles_in_ends_at_the_deadline() -> None:
    async with fortnox(trickle, deadline=0.3) as (server, client):
        with pytest.raises(Unanswered, match="deadline"):
            await client.create_voucher(DRAFT, 7)
    assert len(server.heads) == 1


async def test_a_closed_door_means_nothing_was_sent() -> None:
    async with fortnox(answer) as (_, client):
        pass
    async with http_clients() as http:
        client = FortnoxClient("http://127.0.0.1:9/3", "t", http, Throttle())
        with pytest.raises(NotSent):
            await client.create_voucher(DRAFT, 7)


async def test_a_closed_door_is_knocked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries live in one layer: httpx's own are off."""
    knocks: list[int] = []
    connect_tcp = anyio.connect_tcp

    async def knock(*, remote_port: int, **where: Any) -> Any:
        knocks.append(remote_port)
        return await connect_tcp(remote_port=remote_port, **where)

    monkeypatch.setattr(anyio, "connect_tcp", knock)
    async with http_clients() as http:
        client = FortnoxClient("http://127.0.0.1:1/3", "t", http, Throttle())
        with pytest.raises(NotSent):
            await client.create_voucher(DRAFT, 7)
    assert knocks == [1]


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    http = http_clients()
    assert not http.reads.trust_env
    assert not http.writes.trust_env
    assert not http.writes.follow_redirects


def test_only_the_deadline_ends_a_write() -> None:
    http = http_clients()
    assert http.writes.timeout == httpx.Timeout(None, connect=10.0, pool=10.0)


async def test_a_write_that_may_not_leave_any_more_leaves_nothing_on_its_connection() -> None:
    """It is asked again when the connection stands: to connect can take long."""
    asked = iter([True, False])
    async with fortnox(answer) as (server, client):
        with pytest.raises(NotSent):
            await client.create_voucher(DRAFT, 7, may_leave=lambda: next(asked))
    assert (server.connections, server.heads) == (1, [])


async def test_a_write_that_may_leave_is_asked_twice_and_leaves_once() -> None:
    asked = []
    async with fortnox(answer) as (server, client):
        await client.create_voucher(DRAFT, 7, may_leave=lambda: asked.append(1) or True)
    assert (len(asked), len(server.heads)) == (2, 1)
