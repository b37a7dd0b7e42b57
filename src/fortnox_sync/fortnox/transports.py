"""The two ways out to Fortnox: reads share connections, each write goes out on one of its own.

On a connection that was used before, a failed write cannot be told from one that never left; on a fresh one,
failing to connect proves that nothing was sent.
"""

from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

# A client's speed falls with the size of its pool; ten is plenty for a rate of five requests a second.
_MOST_CONNECTIONS = 10
_CONNECT = 10.0
_SILENCE = 20.0  # a read that hangs is asked again; a write is only ended by the deadline of the whole call


@dataclass(frozen=True, slots=True)
class Transports:
    """The HTTP clients for reads and for writes."""

    reads: httpx.AsyncClient
    writes: httpx.AsyncClient

    async def aclose(self) -> None:
        """Close both."""
        await self.reads.aclose()
        await self.writes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def http_clients(transport: httpx.AsyncBaseTransport | None = None) -> Transports:
    """Build both clients; a test hands in the transport."""
    reads = httpx.Timeout(_SILENCE, connect=_CONNECT)
    writes = httpx.Timeout(None, connect=_CONNECT, pool=_CONNECT)
    return Transports(
        reads=_http_client(transport, reads, keep_alive=_MOST_CONNECTIONS),
        writes=_http_client(transport, writes, keep_alive=0),
    )


def _http_client(
    transport: httpx.AsyncBaseTransport | None, timeout: httpx.Timeout, *, keep_alive: int
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        timeout=timeout,
        limits=httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=keep_alive),
        trust_env=False,
        follow_redirects=False,
        http2=False,
        # One client serves many companies: a session cookie must not travel from one to the next.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
    )
