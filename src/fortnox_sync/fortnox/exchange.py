"""One request out, one answer back, once: faults on the way become members of the error tree."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx

from fortnox_sync.fortnox.answers import request_id_of
from fortnox_sync.fortnox.errors import FortnoxError, NotSent, Unanswered

OnCall = Callable[[str, str, int | None, float, str | None], object]
"""Told after each exchange: method, path template, status if any, seconds, request id if any."""

MayLeave = Callable[[], bool]
"""Asked right before a request goes out whether it still may."""

# httpcore tells of this once the connection stands and nothing of the request has been written to it.
_LEAVING = "http11.send_request_headers.started"


@dataclass(frozen=True, slots=True)
class Call:
    """A request by its path template and what fills it; only the template is fit for metrics."""

    method: str
    template: str
    keys: Mapping[str, str | int] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path with its keys filled in, each escaped."""
        return self.template.format(**{name: quote(str(key), safe="") for name, key in self.keys.items()})


@asynccontextmanager
async def within(seconds: float, lapse: FortnoxError) -> AsyncIterator[None]:
    """Give what is done inside one deadline for all of it, and raise the lapse when it is over.

    HTTP timeouts start anew with every byte, so an answer that trickles in never meets them.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise lapse from None


async def exchange(
    http: httpx.AsyncClient,
    request: httpx.Request,
    template: str,
    on_call: OnCall | None,
    may_leave: MayLeave | None = None,
) -> httpx.Response:
    """Send a request one time and wait for the whole answer."""
    started, answer = time.monotonic(), None
    if may_leave is not None:
        _guard(request, may_leave)
    try:
        answer = await _sent(http, request)
    finally:
        _report(on_call, request.method, template, answer, time.monotonic() - started)
    return answer


def _guard(request: httpx.Request, may_leave: MayLeave) -> None:
    """Let a request leave only while it may: asked now, and once more when it has its connection."""

    def ask() -> None:
        if not may_leave():
            raise NotSent("too late")

    async def listen(event: str, _: object) -> None:
        if event == _LEAVING:
            ask()

    ask()
    request.extensions["trace"] = listen


async def _sent(http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    try:
        return await http.send(request, auth=None, follow_redirects=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
        raise NotSent(type(fault).__name__) from fault
    except NotSent:
        raise
    except Exception as fault:  # whatever else a transport throws, the request may have arrived
        raise Unanswered(type(fault).__name__) from fault


def _report(
    on_call: OnCall | None, method: str, template: str, answer: httpx.Response | None, seconds: float
) -> None:
    if on_call is None:
        return
    status = None if answer is None else answer.status_code
    request_id = None if answer is None else request_id_of(answer)
    with suppress(Exception):  # a broken meter must not lose the answer to a write
        on_call(method, template, status, seconds, request_id)
