"""The broadcast: one look at the database for everybody in this process who follows events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.events import Event
from fortnox_sync.runtime.telemetry import log

_PAGE = 200
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look for what other processes commit, and how much one reader may leave unread."""

    look_every_s: float = 1.0
    heartbeat_s: float = 15.0
    most_unread: int = 500
    most_listeners: int = 1000


class TooManyListenersError(Exception):
    """This process follows for as many readers as it can."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The reader follows from this number on: what it loads from now on misses nothing."""

    seq: int


@dataclass(frozen=True, slots=True)
class Reset:
    """What the reader saw last does not join on to what is kept: everything is to be loaded anew."""

    seq: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing has happened for a while; the line is alive."""


Told = Event | Joined | Reset | Silence


@dataclass(slots=True)
class Listener:
    """One reader of one company: what is new piles up here until it is taken, None at the end."""

    company_id: str
    most_unread: int
    unread: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    is_ended: bool = False

    def hand(self, one: Event) -> None:
        """Add what is new; who leaves too much unread is ended, and can resume from the database."""
        if self.is_ended:
            return
        if self.unread.qsize() < self.most_unread:
            self.unread.put_nowait(one)
        else:
            log.info("events.slow_reader", company_id=self.company_id)
            self.end()

    def end(self) -> None:
        """Let the reader go, once it has taken what is there."""
        self.is_ended = True
        self.unread.put_nowait(None)

    async def next(self, seconds: float) -> Event | Silence | None:
        """Return what comes next, or that nothing came for some seconds; None at the end."""
        try:
            async with asyncio.timeout(seconds):
                return await self.unread.get()
        except TimeoutError:
            return Silence()


@dataclass(slots=True)
class _Followed:
    """A company somebody follows: the number its readers were handed last, and who they are."""

    seq: int
    listeners: list[Listener] = field(default_factory=list)


async def _to_the_end(reading: Coroutine[Any, Any, _T]) -> _T:
    """Finish a read though its reader leaves meanwhile: a connection broken off as it opens is lost."""
    return await asyncio.shield(asyncio.create_task(reading))


class Broadcast:
    """Looks for events once for all readers of a process, and only while there are any."""

    def __init__(self, database: Database, pace: Pace | None = None) -> None:
        """Start with no readers; `run` does the looking."""
        self._database, self._pace = database, pace or Pace()
        self._followed: dict[str, _Followed] = {}
        self._is_followed = asyncio.Event()
        self._is_closed = False

    async def run(self) -> None:
        """Look until closed; while the database is away the readers wait."""
        while True:
            await self._is_followed.wait()
            if self._is_closed:
                return
            try:
                await self._look()
            except (sa.exc.SQLAlchemyError, OSError) as error:
                log.warning("events.unread", reason=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.look_every_s):
                    await self._database.told.wait()
            self._database.told.clear()

    async def _look(self) -> None:
        """Hand on what was committed since the last look, in a statement or two for all companies."""
        async with self._database.read() as connection:
            newest = await events.last_seqs(connection, self._followed)
            standing = {one: self._followed[one].seq for one in newest if one in self._followed}
            behind = {one: seq for one, seq in standing.items() if seq < newest[one]}
            found = await events.since(connection, behind) if behind else ()
        for one in found:
            self._hand_on(one)
        if len(found) == events.MOST_AT_ONCE:  # there may be more: look again at once
            self._database.told.set()

    def _hand_on(self, one: Event) -> None:
        followed = self._followed.get(one.company_id)
        if followed is not None and one.seq > followed.seq:
            followed.seq = one.seq
            for listener in followed.listeners:
                listener.hand(one)

    def close(self) -> None:
        """End every reader, whoever comes later at once, and the looking: the process stops."""
        self._is_closed = True
        self._is_followed.set()
        self._database.told.set()
        for followed in self._followed.values():
            for listener in followed.listeners:
                listener.end()

    @property
    def listeners(self) -> int:
        """Count who follows."""
        return sum(len(one.listeners) for one in self._followed.values())

    def check_room(self) -> None:
        """Raise TooManyListenersError when nobody more can follow here."""
        if self.listeners >= self._pace.most_listeners:
            raise TooManyListenersError

    async def follow(self, company_id: str, after: int | None, seconds: float) -> AsyncGenerator[Told, None]:
        """Yield what happened after a number, or from now on, and then what happens, for some seconds.

        The reader is registered first and what it missed is read after that, so nothing falls between the
        two; what comes both ways is told once. No transaction is open while it waits or while anybody reads.
        """
        until = asyncio.get_running_loop().time() + seconds
        newest = await self._newest(company_id)
        with self._listening(company_id, newest) as listener:
            seen = newest if after is None else after
            if after is None:
                yield Joined(newest)
            async for missed in self._missed(company_id, seen, newest):
                seen = missed.seq
                yield missed
            async for one in self._live(listener, until):
                if isinstance(one, Event):
                    if one.seq <= seen:
                        continue
                    seen = one.seq
                yield one

    async def _newest(self, company_id: str) -> int:
        async def read() -> int:
            async with self._database.read() as connection:
                return (await events.last_seqs(connection, [company_id]))[company_id]

        return await _to_the_end(read())

    @contextmanager
    def _listening(self, company_id: str, newest: int) -> Iterator[Listener]:
        listener = Listener(company_id, self._pace.most_unread)
        followed = self._followed.setdefault(company_id, _Followed(newest))
        followed.listeners.append(listener)
        self._is_followed.set()
        if self._is_closed:
            listener.end()
        try:
            yield listener
        finally:
            followed.listeners.remove(listener)
            if not followed.listeners:
                self._followed.pop(company_id, None)
            if not self._followed and not self._is_closed:
                self._is_followed.clear()

    async def _missed(self, company_id: str, seen: int, newest: int) -> AsyncIterator[Event | Reset]:
        """Yield what came after a number, page by page; numbers are dense, so a gap shows what is pruned."""
        page = await self._page(company_id, seen)
        first = page[0].seq if page else newest + 1
        if first != seen + 1:
            yield Reset(newest)
            page = await self._page(company_id, newest)
        while page:
            for one in page:
                yield one
            page = await self._page(company_id, page[-1].seq) if len(page) == _PAGE else ()

    async def _page(self, company_id: str, after: int) -> tuple[Event, ...]:
        async def read() -> tuple[Event, ...]:
            async with self._database.read() as connection:
                return await events.since(connection, {company_id: after}, _PAGE)

        return await _to_the_end(read())

    async def _live(self, listener: Listener, until: float) -> AsyncIterator[Event | Silence]:
        now = asyncio.get_running_loop().time
        while (left := until - now()) > 0:
            one = await listener.next(min(left, self._pace.heartbeat_s))
            if one is None or (isinstance(one, Silence) and now() >= until):
                return
            yield one
