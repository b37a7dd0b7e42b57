"""The HTTP server: uvicorn, with what it lacks to stand at a door by itself.

It ends streams before it waits for the calls that are open, and lets go of whoever begins a request without
ever finishing its head: uvicorn knows neither a time nor a size for that (read and tried with 0.54).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From the first byte, or from the connection on, to the end of the headers.
HEAD_WITHIN_S = 10.0
LARGEST_HEAD = 64 * 1024
# Twice the screens that may follow along (`web.event_stream`).
MOST_CONNECTIONS = 2_000


class Server(uvicorn.Server):
    """A server that tells streams to end when it is asked to stop; it would wait for them for ever."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        """Take what ends the streams; who is let in, and how many, is decided here for every server."""
        config.http, config.limit_concurrency = Doorstep, MOST_CONNECTIONS
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, let the calls that are open finish, and stop."""
        self._end_streams()
        await super().shutdown(sockets)


class Doorstep(HttpToolsProtocol):
    """One connection, with a limit of time and size for each head; a body has its limits in `web.limits`."""

    _waiting: asyncio.TimerHandle | None = None
    _is_in_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a first head."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on; what came is a part of a head where one has begun, or where no call is open."""
        super().data_received(data)
        if self._is_in_head or self._is_between_calls():
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD:
                self._let_go()
            elif self._waiting is None:
                self._wait()

    def on_message_begin(self) -> None:
        """Know that what comes is a head, also behind a call that is still open."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop waiting: this head is whole."""
        self._is_in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_between_calls(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_WITHIN_S, self._let_go)

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _let_go(self) -> None:
        """Close without a word, as uvicorn does with a connection that was idle for too long."""
        if not self.transport.is_closing():
            self.transport.close()
