"""The wire between the service and a simulated Fortnox, where a test may listen in, tear it, or kill."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx


class KilledError(BaseException):
    """The worker's process is gone; nothing of it catches this, as nothing survives a kill -9."""


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """The wire to Fortnox: `before` sees each request leave, `after` each answer arrive."""

    inner: httpx.AsyncBaseTransport
    before: list[Callable[[httpx.Request], Awaitable[None]]] = field(default_factory=list)
    after: list[Callable[[httpx.Request], Awaitable[None]]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        for listen in tuple(self.before):
            await listen(request)
        answer = await self.inner.handle_async_request(request)
        for listen in tuple(self.after):
            await listen(request)
        return answer

    def once(self, ears: list[Callable[[httpx.Request], Awaitable[None]]], error: BaseException) -> None:
        """Let the next POST of a voucher end in an error, on its way there or back."""

        async def tear(request: httpx.Request) -> None:
            if is_booking(request):
                ears.remove(tear)
                raise error

        ears.append(tear)


def is_booking(request: httpx.Request) -> bool:
    """Tell whether a request asks Fortnox to book a voucher."""
    return (request.method, request.url.path) == ("POST", "/3/vouchers")
