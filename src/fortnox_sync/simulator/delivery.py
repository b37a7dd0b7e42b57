"""How an answer reaches the client: whole, not at all, cut short or byte by byte."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, cast

from starlette.types import Receive, Send

from fortnox_sync.simulator.switches import HangUp

Sleep = Callable[[float], Awaitable[object]]

# A client that never gives up would otherwise hold a silent connection for ever.
_LONGEST_SILENCE = 3600.0
# Linger on, zero seconds: the kernel answers with a reset instead of a farewell.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Whole:
    """Deliver the answer as it is."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Deliver nothing."""

    how: HangUp


@dataclass(frozen=True, slots=True)
class Cut:
    """Deliver the head and some bytes of the body."""

    after_bytes: int


@dataclass(frozen=True, slots=True)
class Trickled:
    """Deliver a few bytes at a time."""

    step_bytes: int
    every_seconds: float


Delivery = Whole | Lost | Cut | Trickled


class HungUpError(Exception):
    """The connection ends early; raised where there is none to close, as in a test's own process."""

    def __init__(self, how: HangUp, got: int = 0, expected: int = 0) -> None:
        super().__init__(how)
        self.how = how
        self.got = got
        self.expected = expected


class _Transport(Protocol):
    def close(self) -> None: ...
    def abort(self) -> None: ...
    def get_extra_info(self, name: str) -> object: ...


class Connection:
    """The client's end of one request.

    uvicorn hands its request cycle over as the owner of `send`; through it the socket can be closed without a
    word, and uvicorn's own Date header, which knows nothing of our clock, is left out.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        cycle = getattr(send, "__self__", None)
        self._transport = cast("_Transport | None", getattr(cycle, "transport", None))
        if cycle is not None and hasattr(cycle, "default_headers"):
            cycle.default_headers = []

    async def send_head(self, answer: Answer) -> None:
        """Send status and headers."""
        await self._send(
            {"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)}
        )

    async def send_bytes(self, body: bytes, *, more: bool) -> None:
        """Send a piece of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def hang_up(self, how: HangUp, sleep: Sleep, got: int = 0, expected: int = 0) -> None:
        """End the connection early."""
        if self._transport is None:
            raise HungUpError(how, got, expected)
        if how == "silence":
            await self.while_there(sleep(_LONGEST_SILENCE))
        if how == "reset":
            _reset_on_close(self._transport)
            self._transport.abort()
        else:
            self._transport.close()
        await self._gone()

    async def while_there(self, work: Awaitable[object]) -> None:
        """Do some work, and leave it when the client goes away."""
        waits = {asyncio.ensure_future(work), asyncio.ensure_future(self._gone())}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for wait in waits:
                wait.cancel()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _reset_on_close(transport: _Transport) -> None:
    end = cast("socket.socket | None", transport.get_extra_info("socket"))
    if end is not None:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


async def deliver(delivery: Delivery, answer: Answer, connection: Connection, sleep: Sleep) -> None:
    """Send an answer the way it is to be delivered."""
    match delivery:
        case Lost(how):
            await connection.hang_up(how, sleep)
        case Cut(after_bytes):
            part = answer.body[:after_bytes]
            await connection.send_head(answer)
            await connection.send_bytes(part, more=True)
            await connection.hang_up("close", sleep, len(part), len(answer.body))
        case Trickled(step, every):
            await connection.send_head(answer)
            await connection.while_there(_trickle(answer.body, step, every, connection, sleep))
        case Whole():
            await connection.send_head(answer)
            await connection.send_bytes(answer.body, more=False)


async def _trickle(body: bytes, step: int, every: float, connection: Connection, sleep: Sleep) -> None:
    for first in range(0, len(body), step):
        await connection.send_bytes(body[first : first + step], more=True)
        await sleep(every)
    await connection.send_bytes(b"", more=False)
