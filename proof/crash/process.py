"""A process of the service as its command starts it, which dies, stops or finds no room at a named place.

Nothing in the service knows of this: named functions are wrapped before the ordinary command runs. Leases,
looks and token lives are shortened here, and only here, so that a fence takes seconds.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import importlib
import inspect
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

from proof.crash.fail_points import ANY, FailPoint, Moment

COMPANY_PREFIX = "c_"
_IN_FLIGHT_S = 0.3
_FULL_FOR_S = 2.0
ACCESS_LIFE = timedelta(seconds=6)
# What takes minutes in earnest, by its place; the proportions are kept.
HASTE: Mapping[str, Any] = {
    "fortnox_sync.connection.lane:LEASE": timedelta(seconds=2.5),
    "fortnox_sync.connection.tokens:MARGIN": timedelta(seconds=2),
    "fortnox_sync.connection.tokens:HALF_LIFE": timedelta(seconds=3),
    "fortnox_sync.connection.grants:_REFRESH_TAKES": timedelta(seconds=3),
    "fortnox_sync.export.turn:MARGIN": timedelta(seconds=2),
    "fortnox_sync.export.turn:HALF_LIFE": timedelta(seconds=3),
    "fortnox_sync.export.verdict:FIRST_LOOK": timedelta(seconds=0.3),
    "fortnox_sync.export.resolve:_LOOKS": tuple(timedelta(seconds=one) for one in (0.3, 0.5, 1, 1)),
    "fortnox_sync.export.verify:_LOOK_AGAIN": timedelta(seconds=0.5),
    "fortnox_sync.worker:_LISTEN_AGAIN_S": 1.0,
    "fortnox_sync.simulator.tokens:ACCESS_LIFE": ACCESS_LIFE,
    "fortnox_sync.simulator.token_routes:ACCESS_LIFE": ACCESS_LIFE,
}
_SECOND_LOOK_AT_THE_FENCE = timedelta(seconds=0.5)


class Deed(StrEnum):
    """What befalls a process at a place."""

    KILL = "kill"
    STOP = "sigstop"
    DISK_FULL = "disk_full"


@dataclass(frozen=True, slots=True)
class Order:
    """Let this befall whoever comes by here for this company, once."""

    point: FailPoint
    company_id: str
    deed: Deed = Deed.KILL


@dataclass(frozen=True, slots=True)
class Struck:
    """An order that was carried out: on which process, and when."""

    order: Order
    pid: int
    at: float


@dataclass(frozen=True, slots=True)
class Start:
    """How a process is to be started: the command's words, its environment, and what is to befall it."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    orders: tuple[Order, ...]
    folder: Path
    haste: Mapping[str, Any]


def run(start: Start) -> None:
    """Be that process: the ordinary command in the end."""
    os.environ.clear()
    os.environ.update(start.environment)
    _write_to(start.folder / "log")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    hurry(start.haste)
    if start.orders:
        _Fate(start.orders, start.folder).await_them()
    sys.argv = ["fortnox-sync", *start.words]
    importlib.import_module("fortnox_sync.cli").main()


def _write_to(log: Path) -> None:
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)


def _end_with_parent() -> None:
    """Leave nothing behind, however the proof ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def hurry(haste: Mapping[str, Any]) -> None:
    """Put shorter times in the places of long ones."""
    for place, value in haste.items():
        owner, name = found(place)
        setattr(owner, name, value)
    bootstrap = importlib.import_module("fortnox_sync.bootstrap")
    bootstrap.Patience = functools.partial(bootstrap.Patience, again=_SECOND_LOOK_AT_THE_FENCE)  # type: ignore[attr-defined]


def found(place: str) -> tuple[Any, str]:
    """Find what is named by module:name or module:class.name; AttributeError when it is gone."""
    module, _, path = place.partition(":")
    *outer, name = path.split(".")
    owner: Any = functools.reduce(getattr, outer, importlib.import_module(module))
    getattr(owner, name)
    return owner, name


def struck_in(folder: Path, orders: Sequence[Order]) -> list[Struck]:
    """Read which orders were carried out."""
    told = folder / "struck"
    by_name = {_name(order): order for order in orders}
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    words = [line.split("\t") for line in lines]
    return [Struck(by_name[name], int(pid), float(at)) for at, pid, name in words if name in by_name]


def _name(order: Order) -> str:
    return f"{order.deed} {order.point.name} {order.company_id}"


_whose: ContextVar[frozenset[str]] = ContextVar("whose", default=frozenset())
_inside: ContextVar[tuple[str, ...]] = ContextVar("inside", default=())


class _Fate:
    """The orders of this process, and the file in which it says that one was carried out."""

    def __init__(self, orders: Sequence[Order], folder: Path) -> None:
        self._orders = list(orders)
        self._folder = folder
        self._told = os.open(folder / "struck", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def await_them(self) -> None:
        """Wrap every step that an order is about, the turns that tell whose it is, and the COMMITs."""
        for place in dict.fromkeys(order.point.place for order in self._orders):
            owner, name = found(place)
            setattr(owner, name, self._watched(place, getattr(owner, name)))
        owner, name = found("fortnox_sync.export.turn:Counter.serve")
        setattr(owner, name, _told_whose(getattr(owner, name)))
        owner, name = found("fortnox_sync.runtime.database:Database._transaction")
        setattr(owner, name, self._watched_transaction(getattr(owner, name)))

    def _watched(self, place: str, step: Callable[..., Any]) -> Callable[..., Any]:
        return (self._watched_walk if inspect.iscoroutinefunction(step) else self._watched_thought)(
            place, step
        )

    def _watched_thought(self, place: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(step)
        def watched(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the step takes and gives
            self._come_by(place, Moment.BEFORE)
            return step(*args, **kwargs)

        return watched

    def _watched_walk(self, place: str, step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(step)
        async def watched(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the step takes and gives
            with _within(place, args):
                self._come_by(place, Moment.BEFORE)
                later = asyncio.get_running_loop().call_later(
                    _IN_FLIGHT_S, self._come_by, place, Moment.DURING, _whose.get()
                )
                try:
                    result = await step(*args, **kwargs)
                finally:
                    later.cancel()
                self._come_by(place, Moment.AFTER)
            return result

        return watched

    def _watched_transaction(self, transaction: Any) -> Any:  # noqa: ANN401 - a context manager's maker
        @asynccontextmanager
        async def watched(database: Any, *, snapshot: bool) -> AsyncIterator[Any]:  # noqa: ANN401 - as above
            async with transaction(database, snapshot=snapshot) as connection:
                yield connection
                for place in _inside.get():
                    self._come_by(place, Moment.WRITTEN)
            for place in _inside.get():
                self._come_by(place, Moment.COMMITTED)

        return watched

    def _come_by(self, place: str, moment: Moment, whose: frozenset[str] | None = None) -> None:
        about = _whose.get() if whose is None else whose
        for order in tuple(self._orders):
            is_here = (order.point.place, order.point.moment) == (place, moment)
            if is_here and (order.company_id == ANY or order.company_id in about):
                self._orders.remove(order)
                if self._is_first(order):
                    self._strike(order)

    def _is_first(self, order: Order) -> bool:
        """Tell whether no other process came by before: what befalls one must not befall the next."""
        mark = self._folder / f"struck-{hashlib.sha256(_name(order).encode()).hexdigest()[:16]}"
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def _strike(self, order: Order) -> None:
        os.write(self._told, f"{time.time()}\t{os.getpid()}\t{_name(order)}\n".encode())
        match order.deed:
            case Deed.KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            case Deed.STOP:
                os.kill(os.getpid(), signal.SIGSTOP)
            case Deed.DISK_FULL:
                _fill_the_disk()
            case _:
                assert_never(order.deed)


def _told_whose(serve: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(serve)
    async def served(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        with _within("", args):
            return await serve(*args, **kwargs)

    return served


@contextmanager
def _within(place: str, args: Sequence[Any]) -> Iterator[None]:
    """Know inside a step which one it is, and whose."""
    whose, inside = _whose.get() | _companies(args), _inside.get()
    tokens = _whose.set(whose), _inside.set((*inside, place) if place else inside)
    try:
        yield
    finally:
        _inside.reset(tokens[1])
        _whose.reset(tokens[0])


def _companies(args: Sequence[Any]) -> frozenset[str]:
    """Find whose it is: an id, something that has one, or a list of arrived deliveries."""
    named = [
        *(one for one in args if isinstance(one, str) and one.startswith(COMPANY_PREFIX)),
        *(one.company_id for one in args if hasattr(one, "company_id")),
        *(arrival.contents.company_id for one in args if isinstance(one, list) for arrival in one),
    ]
    return frozenset(filter(None, named))


def _fill_the_disk() -> None:
    """Let no file grow or be written for a while, as on a disk without room."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    threading.Timer(_FULL_FOR_S, resource.setrlimit, (resource.RLIMIT_FSIZE, before)).start()
