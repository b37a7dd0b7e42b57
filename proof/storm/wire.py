"""The wire to Fortnox in a storm: requests are lost, held up or executed unanswered; workers die or sleep."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx
from tests.standing import StandingClock
from tests.wire import KilledError, is_booking

from proof.storm.aboard import is_aboard
from proof.storm.weather import Weather

Carry = Callable[[httpx.Request], Awaitable[httpx.Response]]
# Longer than a lease; as long as that the token has died meanwhile.
_NAPS = (timedelta(seconds=91), timedelta(minutes=20), timedelta(hours=2))
_HOLD_UPS = (timedelta(seconds=3), timedelta(minutes=5), timedelta(minutes=50), timedelta(hours=30))
# It is rougher where it matters: a booking is one request of many.
_ON_BOOKINGS = 2
_GATEWAY = b"<html><body><h1>504 Gateway Time-out</h1></body></html>"


@dataclass
class StormyWire(httpx.AsyncBaseTransport):
    """Carries what a worker asks, or does not, or too late, or without bringing the answer back.

    `others` is what the other workers do while this one sleeps. Requests of people pass unharmed.
    """

    inner: httpx.AsyncBaseTransport
    weather: Weather
    clock: StandingClock
    others: Callable[[], Awaitable[None]]
    _held_up: list[tuple[datetime, httpx.Request]] = field(default_factory=list)
    _is_asleep: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        await self.deliver_late()
        likelihood = self.weather.of_request * (_ON_BOOKINGS if is_booking(request) else 1)
        if not (is_aboard() and self.weather.strikes(likelihood)):
            return await self.inner.handle_async_request(request)
        kinds = _OF_BOOKING if is_booking(request) else _OF_OTHERS
        return await kinds[self.weather.one_of(sorted(kinds))](self, request)

    async def deliver_late(self) -> None:
        """Let those requests arrive whose hour has come; their senders have long given up."""
        due = [one for one in self._held_up if one[0] <= self.clock.now()]
        for one in due:
            self._held_up.remove(one)
            answer = await self.inner.handle_async_request(one[1])
            late = "a request held up was executed" if answer.is_success else "a request held up was refused"
            self.weather.struck(late)

    # Before Fortnox sees it

    async def _refuse(self, request: httpx.Request) -> httpx.Response:
        self.weather.struck("connection refused")
        raise httpx.ConnectError("", request=request)

    async def _lose(self, request: httpx.Request) -> httpx.Response:
        self.weather.struck("request lost")
        raise httpx.ReadTimeout("", request=request)

    async def _hold_up(self, request: httpx.Request) -> httpx.Response:
        self.weather.struck("request held up")
        self._held_up.append((self.clock.now() + self.weather.one_of(_HOLD_UPS), _again(request)))
        raise httpx.ReadTimeout("", request=request)

    async def _die_before(self, request: httpx.Request) -> httpx.Response:
        self.weather.struck("killed", f"before {_told(request)}")
        raise KilledError

    async def _fail(self, _: httpx.Request) -> httpx.Response:
        self.weather.struck("server error, nothing done")
        return httpx.Response(HTTPStatus.INTERNAL_SERVER_ERROR, content=_GATEWAY)

    async def _throttle(self, request: httpx.Request) -> httpx.Response:
        self.weather.struck("throttled")
        return httpx.Response(HTTPStatus.TOO_MANY_REQUESTS, json={"message": "Rate limit"}, request=request)

    async def _sleep_before(self, request: httpx.Request) -> httpx.Response:
        await self._sleep("worker stopped before its request")
        return await self.inner.handle_async_request(request)

    # After Fortnox has executed it

    async def _lose_answer(self, request: httpx.Request) -> httpx.Response:
        await self.inner.handle_async_request(request)
        self.weather.struck("answer lost")
        raise self.weather.one_of(
            [
                httpx.ReadTimeout("", request=request),
                httpx.ReadError("", request=request),
                httpx.RemoteProtocolError("", request=request),
            ]
        )

    async def _cut_answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        self.weather.struck("answer cut")
        body = await answer.aread()
        part = body[: self.weather.chance.randrange(len(body) + 1)]
        if part == body:
            raise httpx.RemoteProtocolError("", request=request)
        return httpx.Response(answer.status_code, headers=_without_length(answer.headers), content=part)

    async def _give_up(self, request: httpx.Request) -> httpx.Response:
        await self.inner.handle_async_request(request)
        status = self.weather.one_of([408, 500, 502, 503, 504])
        self.weather.struck("executed and answered with an error page")
        return httpx.Response(status, content=_GATEWAY, headers={"content-type": "text/html"})

    async def _die_after(self, request: httpx.Request) -> httpx.Response:
        await self.inner.handle_async_request(request)
        self.weather.struck("killed", f"after {_told(request)}")
        raise KilledError

    async def _sleep_after(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        await self._sleep("worker stopped before its answer")
        return answer

    async def _sleep(self, kind: str) -> None:
        """Stop this worker for longer than its lease; another takes over. Sleepers do not nest."""
        if self._is_asleep:
            return
        self.weather.struck(kind)
        self._is_asleep = True
        try:
            self.clock.moment += self.weather.one_of(_NAPS)
            await self.deliver_late()
            await self.others()
        finally:
            self._is_asleep = False


_OF_BOOKING = {
    "refuse": StormyWire._refuse,  # noqa: SLF001 - its own ways
    "lose": StormyWire._lose,  # noqa: SLF001
    "hold up": StormyWire._hold_up,  # noqa: SLF001
    "die before": StormyWire._die_before,  # noqa: SLF001
    "throttle": StormyWire._throttle,  # noqa: SLF001
    "sleep before": StormyWire._sleep_before,  # noqa: SLF001
    "fail": StormyWire._fail,  # noqa: SLF001
    "lose answer": StormyWire._lose_answer,  # noqa: SLF001
    "cut answer": StormyWire._cut_answer,  # noqa: SLF001
    "give up": StormyWire._give_up,  # noqa: SLF001
    "die after": StormyWire._die_after,  # noqa: SLF001
    "sleep after": StormyWire._sleep_after,  # noqa: SLF001
}
# A look held up tells nobody anything when it arrives.
_OF_OTHERS = {name: way for name, way in _OF_BOOKING.items() if name != "hold up"}


def _again(request: httpx.Request) -> httpx.Request:
    """Make the same request once more, for its body has been read."""
    return httpx.Request(request.method, request.url, headers=request.headers, content=request.content)


def _told(request: httpx.Request) -> str:
    return f"{request.method} {re.sub(r'/[A-Z]{1,2}/[0-9]+|/[0-9]+', '/…', request.url.path)}"


def _without_length(headers: httpx.Headers) -> httpx.Headers:
    kept = headers.copy()
    kept.pop("content-length", None)
    return kept
