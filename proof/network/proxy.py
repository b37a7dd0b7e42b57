"""A proxy on the loopback that lets every call pass but those it is told to harm."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections import Counter, deque
from types import TracebackType
from typing import Self, assert_never

from proof.network.harm import Harm, How, Oddity, Place, Tear, cut_at, name_of

HOST = "127.0.0.1"
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# Linger on, zero seconds: the kernel answers with a reset instead of a farewell.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_DRIP_S = 0.02
_LONGEST_ANSWER_S = 10.0
_CHUNK = 65536
_GARBAGE = bytes.fromhex("15030100020246") * 20
_PAGE = b"<html><head><title>Driftstopp</title></head><body><h1>Driftstopp</h1></body></html>"
_PAGES = {
    Oddity.PORTAL: b"200 OK",
    Oddity.BAD_GATEWAY: b"502 Bad Gateway",
    Oddity.UNAVAILABLE: b"503 Service Unavailable",
    Oddity.GATEWAY_TIMEOUT: b"504 Gateway Timeout",
}


class Proxy:
    """Stands before a server; harms, in turn, the calls of one operation that begin a connection."""

    def __init__(self, port: int, operation: str) -> None:
        """Say which server it stands before, and which calls it may harm: method and path."""
        self._target, self._operation = port, operation.encode()
        self.port = 0
        # How many connections began with such a call, what is still to be done, and what was done.
        self.met = 0
        self.harms: deque[Harm] = deque()
        self.struck: Counter[str] = Counter()
        self._kept: list[bytes] = []
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Future[None]] = set()

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.refuse()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def listen(self) -> None:
        """Take connections, always on the same port; again, if none were taken for a while."""
        if self._server is not None:
            return
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Take no new connections; those that are open stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def deliver_late(self) -> None:
        """Hand on what was kept back, now that whoever sent it has left."""
        kept, self._kept = self._kept, []
        for request in kept:
            await self._executed(request)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.ensure_future(self._met(reader, writer))
        self._calls.add(call)
        # Either side may leave at any time: that is for the other to notice.
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            await call
        self._calls.discard(call)
        writer.close()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(_END_OF_HEAD)
        is_ours = head.startswith(self._operation)
        self.met += is_ours
        if self.harms and self.harms[0] is Oddity.REFUSED:
            # Whoever is connected stays so; the call to be harmed needs a connection of its own.
            self.harms.popleft()
            await self.refuse()
        if not is_ours or not self.harms:
            await self._pass(head, reader, writer)
            return
        harm = self.harms.popleft()
        self.struck[name_of(harm)] += 1
        if isinstance(harm, Tear):
            await self._tear(harm, head, reader, writer)
        else:
            await self._twist(harm, await _whole(head, reader), reader, writer)

    async def _pass(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry both ways until both have ended."""
        there_reader, there_writer = await asyncio.open_connection(HOST, self._target)
        there_writer.write(head)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(reader, there_writer))
                both.create_task(_carry(there_reader, writer))
        except ExceptionGroup:
            pass  # one side broke off; the other is closed with it
        finally:
            there_writer.close()

    async def _tear(
        self, harm: Tear, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await _whole(head, reader)
        if harm.place.is_executed:
            answer = await self._executed(request)
            through = 0 if harm.place is Place.WHOLE_REQUEST else cut_at(answer, harm.place, harm.share)
            writer.write(answer[:through])
            await writer.drain()
        else:
            await self._begun(request[: cut_at(request, harm.place, harm.share)])
        await _end(harm.how, reader, writer)

    async def _twist(
        self, harm: Oddity, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        match harm:
            case Oddity.LATE:
                self._kept.append(request)
                await _end(How.HOLD, reader, writer)
            case Oddity.TRICKLE:
                await _drip(await self._executed(request), writer)
            case Oddity.GARBAGE:
                await self._executed(request)
                writer.write(_GARBAGE)
                await writer.drain()
            case Oddity.PORTAL | Oddity.BAD_GATEWAY | Oddity.UNAVAILABLE | Oddity.GATEWAY_TIMEOUT:
                await self._executed(request)
                writer.write(_page(_PAGES[harm]))
                await writer.drain()
            case Oddity.TWICE | Oddity.TWICE_LAST:
                answers = [await self._executed(request), await self._executed(request)]
                writer.write(answers[harm is Oddity.TWICE_LAST])
                await writer.drain()
            case Oddity.REFUSED:
                raise ValueError("a refused connection never comes here")
            case _:
                assert_never(harm)

    async def _executed(self, request: bytes) -> bytes:
        """Have a request carried out and return the whole answer: it asks for its connection to be closed."""
        reader, writer = await asyncio.open_connection(HOST, self._target)
        writer.write(request)
        async with asyncio.timeout(_LONGEST_ANSWER_S):
            answer = await reader.read(-1)
        writer.close()
        return answer

    async def _begun(self, part: bytes) -> None:
        """Let a part of a request through, and no more."""
        _, writer = await asyncio.open_connection(HOST, self._target)
        writer.write(part)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def _whole(head: bytes, reader: asyncio.StreamReader) -> bytes:
    length = _LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


async def _end(how: How, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End a connection in a manner; one that is held ends when the caller leaves."""
    match how:
        case How.CUT:
            writer.close()
        case How.RESET:
            _reset(writer)
        case How.HOLD:
            await reader.read(-1)
        case How.HALF_CLOSE:
            writer.write_eof()
            await reader.read(-1)
        case _:
            assert_never(how)


def _reset(writer: asyncio.StreamWriter) -> None:
    end: socket.socket = writer.get_extra_info("socket")
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def _drip(answer: bytes, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        for byte in answer:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(_DRIP_S)


def _page(status: bytes) -> bytes:
    head = b"HTTP/1.1 " + status + b"\r\ncontent-type: text/html\r\nconnection: close\r\n"
    return head + b"content-length: %d\r\n\r\n" % len(_PAGE) + _PAGE
