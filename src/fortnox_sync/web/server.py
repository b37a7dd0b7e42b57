"""The HTTP server: uvicorn, with what it lacks to stand at a door by itself.

It ends streams before it waits for the calls that are open, and lets go of whoever begins a request without
ever finishing its head, or takes no answer: uvicorn knows neither a time nor a size for that (read and tried
with 0.54).
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
# Of a head, or of whatever else is no body: trailers, the extensions of chunks.
LARGEST_HEAD = 64 * 1024
# For an answer that nobody reads; twice what `web.event_stream` gives a reader that is stuck.
READ_WITHIN_S = 60.0
# What is on its way when a connection is closed may take so long to arrive.
CLOSED_WITHIN_S = 10.0
# Twice the screens that may follow along (`web.event_stream`); whoever comes then is told to come again.
MOST_CONNECTIONS = 2_000
# So many are told so; the next are not even listened to.
_MOST_TOLD = 500
_STOPS_WITHIN_S = 60


class Server(uvicorn.Server):
    """A server that tells streams to end when it is asked to stop; it would wait for them for ever."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        """Take what ends the streams; who is let in, and how many, is decided here for every server."""
        config.http, config.limit_concurrency = Doorstep, MOST_CONNECTIONS
        config.timeout_graceful_shutdown = _STOPS_WITHIN_S
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, let the calls that are open finish, and stop."""
        self._end_streams()
        await super().shutdown(sockets)


class Doorstep(HttpToolsProtocol):
    """One connection, with limits for all that is no body; a body has its own in `web.limits`."""

    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _is_in_head = False
    _has_progressed = False
    _bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a first head, unless far too many wait already."""
        super().connection_made(cast("asyncio.Transport", transport))
        if len(self.connections) > MOST_CONNECTIONS + _MOST_TOLD:
            self.transport.abort()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on, but not for ever where neither a head was finished nor a body went on."""
        self._has_progressed = False
        super().data_received(data)
        self._bytes = 0 if self._has_progressed else self._bytes + len(data)
        if self._bytes > LARGEST_HEAD:
            self._let_go()
        elif self._waiting is None and self._is_between_calls():
            self._wait()

    def on_message_begin(self) -> None:
        """Know that the headers to come are a head's."""
        self._is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what is a head's; trailers come after a body, and nobody reads them."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop waiting: this head is whole."""
        self._is_in_head, self._has_progressed = False, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take note that a body goes on."""
        self._has_progressed = True
        super().on_body(body)

    def pause_writing(self) -> None:
        """Give whoever does not read its answer a while."""
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(READ_WITHIN_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with an answer that is read after all."""
        super().resume_writing()
        self._stop_unread()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        self._stop_unread()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Let go of a connection that was idle for too long."""
        self._let_go()

    def shutdown(self) -> None:
        """Begin to stop; what nobody reads is not waited for."""
        super().shutdown()
        self.loop.call_later(READ_WITHIN_S, self.transport.abort)

    def _is_between_calls(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_WITHIN_S, self._head_is_late)

    def _head_is_late(self) -> None:
        """Let go, unless a call is open by now: its answer comes first."""
        self._waiting = None
        if self._is_between_calls():
            self._let_go()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _let_go(self) -> None:
        """Close without a word; whoever does not read what is on its way loses it."""
        if not self.transport.is_closing():
            self.transport.close()
            self.loop.call_later(CLOSED_WITHIN_S, self.transport.abort)
