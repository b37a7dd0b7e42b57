"""The HTTP server: uvicorn, which ends streams by itself before it waits for the calls that are open."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """A server that tells streams to end when it is asked to stop; it would wait for them for ever."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        """Take what ends the streams."""
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, let the calls that are open finish, and stop."""
        self._end_streams()
        await super().shutdown(sockets)
