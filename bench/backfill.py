"""Back-fill: a company with months of stored sales is activated; only Fortnox's rate may slow it down."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus

import httpx
from tests.factories import a_day_close, a_delivery, a_transaction
from tests.little_shop import SHOP
from tests.standing import START, StandingClock
from tests.story import Json, World
from tests.wire import Wire
from tests.world import API, FORTNOX, found, settings_for

from bench.databases import Shelf
from bench.figures import Aim, Figure
from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.connection.link import PEOPLES_SHARE, WHOLE_RATE
from fortnox_sync.export.sweep import sweep, worker_name
from fortnox_sync.fortnox import Throttle, http_clients
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.runtime.clock import business_day
from fortnox_sync.simulator import create_app as create_simulator
from fortnox_sync.simulator.books import VoucherKey
from fortnox_sync.simulator.in_process import InProcess
from fortnox_sync.simulator.request_ledger import SeenRequest, peaks
from fortnox_sync.specimen import new_signing_key

DAYS, REGISTERS = 400, ("K1", "K2", "K3")
# So many seconds of the clock in one of ours: the waits shrink and our own work weighs as many times more.
PACE = 2
ALLOWED = 25
_SPAN_S = 5.25  # Fortnox's window and what the client adds to it
_TODAY = business_day(START)
_FULL = Aim(0.9, at_most=False)
_FEW = Aim(1.2, at_most=True)
_NEVER = Aim(1.0, at_most=True)
_NONE = Aim(0.0, at_most=True)


class NotBookedError(Exception):
    """Not every day was booked once: it is no use to measure that."""


class FastClock(StandingClock):
    """A clock that runs some times faster than the machine's."""

    def __init__(self) -> None:
        super().__init__(START)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment + timedelta(seconds=(time.monotonic() - self._began) * PACE)

    def __call__(self) -> datetime:
        """Return the moment, for the simulator."""
        return self.now()

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds of this clock."""
        await asyncio.sleep(seconds / PACE)


@dataclass
class Drained:
    """What was seen while the back-fill was booked."""

    calls: list[SeenRequest]
    vouchers: int
    before_todays: int
    seconds: float = field(init=False)

    def __post_init__(self) -> None:
        self.seconds = (self.calls[-1].at - self.calls[0].at).total_seconds()

    @property
    def per_voucher(self) -> float:
        """Count the calls for a voucher besides its POST and its read-back."""
        return len(self.calls) / self.vouchers - 2

    def of_rate(self, share: int) -> float:
        """Tell how much of a rate was used: so many calls in every window."""
        return len(self.calls) / self.seconds / (share / _SPAN_S)

    @property
    def refused(self) -> int:
        """Count the calls that Fortnox found too many."""
        return Counter(call.status for call in self.calls)[HTTPStatus.TOO_MANY_REQUESTS]

    @property
    def peak(self) -> int:
        """Count the most calls in any five seconds."""
        (most,) = peaks(self.calls).values()
        return most


def measure(shelf: Shelf) -> Iterator[Figure]:
    """Tell 400 days of three registers, activate, and let one worker drain them."""
    seen = asyncio.run(_drain(shelf.new()))
    share = WHOLE_RATE - PEOPLES_SHARE
    for name, against, ratio, aim in (
        (
            f"calls a second, {seen.vouchers} vouchers",
            f"{share} a window ({PACE} times as fast)",
            seen.of_rate(share),
            _FULL,
        ),
        ("the same", f"{WHOLE_RATE} a window, people's share too", seen.of_rate(WHOLE_RATE), None),
        ("calls besides POST and read-back", "vouchers", seen.per_voucher, _FEW),
        (
            f"most calls in any 5 s ({seen.peak})",
            f"what Fortnox allows ({ALLOWED})",
            seen.peak / ALLOWED,
            _NEVER,
        ),
        ("calls refused with 429", "none", float(seen.refused), _NONE),
        ("vouchers before a close of today", "all of them", seen.before_todays / seen.vouchers, None),
    ):
        yield Figure("backfill", shelf.kind, name, against, (ratio,), aim)


async def _drain(url: str) -> Drained:
    """Book everything; a close of today comes when a quarter is booked."""
    async with _world(url) as world:
        await _tell(world)
        await world.set_up(SHOP, start_on=_day(0).isoformat())
        await world.control("PATCH", "/conditions", {"rate_limit": ALLOWED})
        seen = world.fortnox.state.world.requests
        seen.clear()
        closing = asyncio.create_task(_close_today(world, seen))
        while await sweep(world.service.database, world.service.counter, worker_name()):
            pass
        ahead = await closing
        calls = [call for call in seen if call.path.startswith("/3/")]
        order = [key for call in calls for key in call.booked]
        if len(order) != DAYS * len(REGISTERS) + 1:
            raise NotBookedError(f"{len(order)} vouchers for {DAYS} days of {len(REGISTERS)} registers")
        todays = next(one for one in await world.booked() if one["transaction_date"] == _TODAY.isoformat())
        return Drained(calls, len(order), order.index(_key(todays)) - ahead)


@asynccontextmanager
async def _world(url: str) -> AsyncIterator[World]:
    """Put the service and a simulated Fortnox together, with the rate kept as in production."""
    clock, key = FastClock(), new_signing_key()
    fortnox = create_simulator(seed=1, clock=clock, sleep=clock.sleep)
    wire = Wire(InProcess(fortnox))
    settings = settings_for(url, key)
    service = bootstrap.build(
        settings,
        LocalBell(),
        clock=clock,
        transports=http_clients(wire),
        new_turns=lambda _: Throttle(
            WHOLE_RATE, reserve=PEOPLES_SHARE, clock=lambda: clock.now().timestamp(), sleep=clock.sleep
        ),
    )
    async with (
        bootstrap.running(service),
        httpx.AsyncClient(transport=httpx.ASGITransport(create_app(service)), base_url=API) as api,
        httpx.AsyncClient(transport=InProcess(fortnox), base_url=FORTNOX) as simulator,
    ):
        secret = settings.till_webhook_secrets[0].get_secret_value()
        world = World(clock, service, key, secret, fortnox, api, simulator, wire)
        await found(world, SHOP)
        yield world


async def _tell(world: World) -> None:
    """Send what the till has sent for months: every close with its receipts."""
    for delivery in SHOP["deliveries"]:
        await _send(world, delivery)
    for number in range(DAYS):
        for register in REGISTERS:
            await _send(world, _close(register, number + 1, _day(number)))


async def _close_today(world: World, seen: Sequence[SeenRequest]) -> int:
    """Wait for a quarter of the vouchers, close a register today, and tell how many were booked by then."""
    while (booked := _booked(seen)) < DAYS * len(REGISTERS) // 4:
        await world.clock.sleep(1)
    await _send(world, _close(REGISTERS[0], DAYS + 1, _TODAY))
    return max(booked, _booked(seen))


def _booked(seen: Sequence[SeenRequest]) -> int:
    return sum(len(call.booked) for call in seen)


def _key(booked: Json) -> VoucherKey:
    return VoucherKey(booked["year"], booked["series"], booked["number"])


def _close(register: str, z_number: int, day: date) -> Json:
    session = f"{register}-{z_number}"
    when = {"business_date": day.isoformat(), "occurred_at": f"{day}T12:00:00+02:00"}
    sold = [a_transaction(number, register=register, session=session, **when) for number in (1, 2)]
    close = {"register": register, "session": session, "z_number": z_number, "day": day.isoformat()}
    return a_delivery(a_day_close(sold, **close, transactions=sold))


async def _send(world: World, delivery: Json) -> None:
    answer = await world.send(delivery)
    answer.raise_for_status()


def _day(number: int) -> date:
    return _TODAY - timedelta(days=DAYS - number)
