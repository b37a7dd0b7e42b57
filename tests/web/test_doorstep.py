"""Whoever begins a call without ever finishing it is let go of; calls beside it are taken all the while."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from tests.strangers import LET_GO, SOON, connected, hear_nothing, let_go, pour

from fortnox_sync.web import limits, problems, server
from fortnox_sync.web.limits import bounded
from fortnox_sync.web.server import LARGEST_HEAD, Server

SHORT = 0.2
HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n"
server_of: dict[int, Server] = {}


async def _hello(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/unread":
        answer: Response = PlainTextResponse("not read")
    else:
        answer = PlainTextResponse(f"{len(await Request(scope, receive).body())} bytes")
    await answer(scope, receive, send)


def _an_api() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(bounded)

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.get("/large")
    async def large() -> Response:
        return Response(b"x" * 8 * 2**20)

    @app.get("/until-gone")
    async def until_gone() -> StreamingResponse:
        async def told() -> AsyncIterator[str]:
            yield "here\n"
            while True:
                await asyncio.sleep(SHORT)  # the pace of this stream
                yield "still\n"

        return StreamingResponse(told())

    return app


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_WITHIN_S", SHORT)
    monkeypatch.setattr(limits, "BODY_WITHIN_S", SHORT)


@asynccontextmanager
async def a_server(app: Any = _hello) -> AsyncIterator[int]:
    """Serve on a free port."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", access_log=False)
    serving = Server(config, lambda: None)
    task = asyncio.create_task(serving._serve())  # noqa: SLF001 - serve() would take our signals
    while not serving.started:  # noqa: ASYNC110 - uvicorn tells by a flag alone
        await asyncio.sleep(0)
    port = serving.servers[0].sockets[0].getsockname()[1]
    server_of[port] = serving
    try:
        yield port
    finally:
        serving.should_exit = True
        await task


async def answered(port: int) -> bytes:
    """Make an ordinary call and return all of its answer."""
    async with connected(port) as (reader, writer):
        writer.write(HEAD + b"Connection: close\r\n\r\n")
        return await reader.read()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD, HEAD + b"X-More: and so", b"\r\n"])
async def test_a_head_that_is_never_finished_is_not_waited_for(begun: bytes) -> None:
    async with a_server() as port, connected(port) as (reader, writer):
        writer.write(begun)
        assert (await answered(port)).endswith(b"0 bytes")
        assert await let_go(reader) == LET_GO


async def test_a_second_head_on_the_same_connection_is_not_waited_for_either() -> None:
    async with a_server() as port, connected(port) as (reader, writer):
        writer.write(HEAD + b"\r\n")
        assert (await reader.readuntil(b"0 bytes")).startswith(b"HTTP/1.1 200")
        writer.write(HEAD)
        assert await let_go(reader) == LET_GO


async def test_a_head_without_an_end_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_WITHIN_S", SOON)
    async with a_server() as port, connected(port) as (reader, writer):
        writer.write(HEAD)
        with pytest.raises(ConnectionError):
            await pour(writer, b"X-And-On: " + b"x" * LARGEST_HEAD + b"\r\n")
        assert await let_go(reader) == LET_GO


async def test_what_follows_an_answer_is_no_way_to_stay() -> None:
    """A call whose body nobody reads is answered at once; the rest of the body is not taken for ever."""
    async with a_server() as port, connected(port) as (reader, writer):
        writer.write(b"POST /unread HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\nx")
        assert (await reader.readuntil(b"not read")).startswith(b"HTTP/1.1 200")
        writer.write(b"x")
        assert await let_go(reader) == LET_GO


async def test_a_body_that_trickles_in_is_answered_with_408_and_let_go() -> None:
    async with a_server(_an_api()) as port, connected(port) as (reader, writer):
        writer.write(b"POST /length HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\nx")
        assert (await answered(port)).startswith(b"HTTP/1.1 404")
        refusal = await let_go(reader)
        assert refusal.startswith(b"HTTP/1.1 408")
        problem = json.loads(refusal.partition(b"\r\n\r\n")[2])
        assert problem["code"] == "request_timeout"
        assert "Send it again" in problem["detail"]


async def test_a_stream_that_has_its_whole_body_may_last() -> None:
    """Screens follow along for hours; only what comes in has a limit of time."""
    async with a_server(_an_api()) as port, connected(port) as (reader, writer):
        writer.write(b"GET /until-gone HTTP/1.1\r\nHost: here\r\n\r\n")
        await reader.readuntil(b"here\n")
        for _ in range(3):
            assert (await reader.readuntil(b"still\n")).endswith(b"still\n")


@pytest.mark.parametrize("poured", [b"X-And-On: " + b"x" * 65536 + b"\r\n", b"x" * 65536])
async def test_trailers_without_an_end_are_not_taken_in(
    monkeypatch: pytest.MonkeyPatch, poured: bytes
) -> None:
    monkeypatch.setattr(limits, "BODY_WITHIN_S", SOON)
    async with a_server(_an_api()) as port, connected(port) as (reader, writer):
        writer.write(b"POST /length HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"1\r\nx\r\n0\r\nX-More: ")
        with pytest.raises(ConnectionError):
            await pour(writer, poured)
        await let_go(reader)


async def test_a_body_in_many_small_chunks_is_no_trailer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_WITHIN_S", SOON)
    async with a_server(_an_api()) as port, connected(port) as (reader, writer):
        writer.write(b"POST /length HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"1\r\nx\r\n" * LARGEST_HEAD + b"0\r\nX-Sum: 1\r\n\r\n")
        assert (await reader.readuntil(str(LARGEST_HEAD).encode())).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("calls", [1, 30])
async def test_whoever_reads_no_answer_is_let_go_of(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    monkeypatch.setattr(server, "READ_WITHIN_S", SHORT)
    monkeypatch.setattr(server, "CLOSED_WITHIN_S", SHORT)
    async with a_server(_an_api()) as port, connected(port) as (reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n" * calls)
        hear_nothing(reader)
        state = server_of[port].server_state
        while not state.total_requests or state.connections:  # noqa: ASYNC110 - nothing tells of what is gone
            await asyncio.sleep(SHORT / 10)


async def test_whoever_is_one_too_many_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(server, "HEAD_WITHIN_S", SOON)
    async with a_server() as port:
        async with connected(port), connected(port):
            assert (await answered(port)).startswith(b"HTTP/1.1 503")
        async with asyncio.timeout(SOON):
            while not (await answered(port)).startswith(b"HTTP/1.1 200"):
                pass  # those who went may still be counted
