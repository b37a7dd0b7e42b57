"""A Fortnox that is a function, and the clients that ask it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx

from fortnox_sync.fortnox import FortnoxClient, OAuthClient, OnCall, Throttle, http_clients


class FakeFortnox:
    """Answers every request by one handler and remembers what was asked."""

    def __init__(self, handler: Callable[[httpx.Request], httpx.Response]) -> None:
        self._handler = handler
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._handler(request)

    @asynccontextmanager
    async def client(
        self,
        *,
        throttle: Throttle | None = None,
        interactive: bool = False,
        turn_deadline: float = 20.0,
        on_call: OnCall | None = None,
    ) -> AsyncIterator[FortnoxClient]:
        async with http_clients(httpx.MockTransport(self)) as http:
            yield FortnoxClient(
                "https://api.test/3",
                "secret-token",
                http,
                throttle or Throttle(limit=100_000),
                interactive=interactive,
                turn_deadline=turn_deadline,
                on_call=on_call,
            )

    @asynccontextmanager
    async def oauth(self) -> AsyncIterator[OAuthClient]:
        async with http_clients(httpx.MockTransport(self)) as http:
            yield OAuthClient("https://apps.test/oauth-v1", "our-id", "our-secret", http.writes)


def answering(
    status: int,
    *,
    json: object = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> FakeFortnox:
    """Build a Fortnox that gives one answer to everything."""
    return FakeFortnox(lambda _: httpx.Response(status, json=json, content=content, headers=headers))
