"""One turn at a lane: plan what closed, look up what is in doubt, book what is ready, read it back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.link import Link
from fortnox_sync.connection.tokens import HALF_LIFE, MARGIN, NotConnectedError, OtherBooksError
from fortnox_sync.export.access import let_in, shut_out, stop_before_other_books
from fortnox_sync.export.again import look_again
from fortnox_sync.export.attach import attach
from fortnox_sync.export.backlog import Session, sessions_to_plan
from fortnox_sync.export.breaker import doubts
from fortnox_sync.export.desk import Desk, Patience
from fortnox_sync.export.heal import heal, outdate_lists
from fortnox_sync.export.memory import Memory, look_through
from fortnox_sync.export.mistake import each, internal_error, is_about_one, stumble
from fortnox_sync.export.papers import Papers
from fortnox_sync.export.plan import plan, set_aside
from fortnox_sync.export.push import push
from fortnox_sync.export.reconcile import reconcile
from fortnox_sync.export.repository import NotOneRowError, StoredVoucher, Vouchers
from fortnox_sync.export.resolve import doubt_unfinished, resolve
from fortnox_sync.export.state import State
from fortnox_sync.export.unmapped import count_anew
from fortnox_sync.export.verify import verify
from fortnox_sync.export.watch import watch
from fortnox_sync.fortnox import FortnoxError, Unauthorised
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log

# Fairness: nobody else waits longer than this for one company's back-fill.
_MOST_VOUCHERS = 20
_LONGEST_TURN_S = 30.0
_MOST_SESSIONS = 50
# Two answers missing at once: something is wrong beyond one voucher, so this lane stops sending.
_MOST_IN_DOUBT = 2
_WAIT_FOR_PERSON = timedelta(hours=1)
_LOOK_AGAIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Counter:
    """Serves lanes: what every turn is made with."""

    database: Database
    link: Link
    patience: Patience
    memory: Memory
    attaches: bool = False

    async def serve(self, lease: Lease, stopping: asyncio.Event | None = None) -> None:
        """Do one turn and give the lane back, due again when there is more to do.

        Once the process is asked to stop, what has begun is finished and nothing more begins.
        """
        lease = await self.memory.beside(lease)
        self.link.take_over(lease.company_id, lease.turns, self.database.clock.now())
        await look_again(self.database, lease)
        retry_at = await self._visit(lease, stopping)
        more = bool(await sessions_to_plan(self.database, lease.company_id, 1))
        due = retry_at or await self._next_due_at(lease)
        now = self.database.clock.now()
        turns = self.link.hand_over(lease.company_id, now)
        await lane.release(self.database, lease, now if more else due, turns)

    async def _next_due_at(self, lease: Lease) -> datetime | None:
        """Return when a voucher or its paper is next worth a turn; what may not be sent now is not."""
        company_id = lease.company_id
        states = [State.SENDING, State.IN_DOUBT, State.BOOKED, State.HELD]
        trusted_at = await self._trusted_at(lease)
        if trusted_at is None and not await self._is_in_doubt(company_id):
            states.append(State.READY)
        async with self.database.read() as connection:
            voucher = await Vouchers(self.database, connection, company_id).next_due_at(states)
            paper = await Papers(connection, company_id).next_due_at() if self.attaches else None
        return min((due for due in (voucher, paper, trusted_at) if due is not None), default=None)

    async def _trusted_at(self, lease: Lease) -> datetime | None:
        """Return when to look through the books of a lane that may have forgotten vouchers, if it may."""
        if lease.suspect_until is None:
            return None
        async with self.database.read() as connection:
            until = await lane.suspect_until(connection, lease.company_id)
        soon = self.database.clock.now() + _LOOK_AGAIN
        return None if until is None else max(until + _LOOK_AGAIN, soon)

    async def _visit(self, lease: Lease, stopping: asyncio.Event | None) -> datetime | None:
        """Plan and talk to Fortnox; return when to try again if it does not let us in."""
        try:
            desk = await self._open(lease, stopping)
            await self._insist(desk, self._refresh_chart)
        except NotConnectedError:
            await self._plan(lease)
            return self.database.clock.now() + _WAIT_FOR_PERSON
        except FortnoxError as error:
            await self._plan(lease)
            return await shut_out(self.database, lease, error)
        except OtherBooksError as error:
            await self._plan(lease)
            return await stop_before_other_books(self.database, lease, error)
        await self._plan(lease)
        try:
            await self._insist(desk, self._talk)
        except FortnoxError as error:
            return await shut_out(self.database, lease, error)
        return None

    async def _open(self, lease: Lease, stopping: asyncio.Event | None) -> Desk:
        """Open the books between two vouchers, when a rotating token may be renewed in peace."""
        books = await self.link.open(lease.company_id, ahead=HALF_LIFE)
        return Desk(
            self.database,
            lease,
            books,
            self.patience,
            attaches=self.attaches,
            is_suspect=lease.suspect_until is not None,
            stopping=stopping,
        )

    async def _insist(self, desk: Desk, work: Callable[[Desk], Awaitable[None]]) -> None:
        """Do some work; should the token have died before its time, once more with another.

        Nothing is sent again by this: the work looks anew at what is due, and a refused try has ended.
        """
        try:
            await work(desk)
        except Unauthorised:
            if desk.has_other_token:
                raise
            refused = desk.books.token.token_id
            desk.books = await self.link.open(desk.company_id, other_than=refused)
            desk.has_other_token = True
            await work(desk)

    async def _refresh_chart(self, desk: Desk) -> None:
        """Know the chart of accounts before planning: it says which accounts demand a cost centre."""
        for session in await sessions_to_plan(self.database, desk.company_id, _MOST_SESSIONS):
            await desk.know_accounts(session.business_date)

    async def _plan(self, lease: Lease) -> None:
        sessions = await sessions_to_plan(self.database, lease.company_id, _MOST_SESSIONS)
        for session in sessions:
            try:
                await self._plan_one(lease, session)
            except NotOneRowError:
                log.info("export.plan_again", company_id=lease.company_id, session_id=session.session_id)
        if sessions:
            await count_anew(self.database, lease)
        await watch(self.database, lease)

    async def _plan_one(self, lease: Lease, session: Session) -> None:
        try:
            await plan(self.database, lease, session)
        except NotOneRowError:
            raise
        except Exception as error:
            if not is_about_one(error):
                raise
            log.exception("export.mistake", company_id=lease.company_id, session_id=session.session_id)
            fault = internal_error(session.session_id, error, self.database.clock.now())
            await set_aside(self.database, lease, session, fault)

    async def _talk(self, desk: Desk) -> None:
        """Look first, send then, read back; papers and the comparison of the books come last of all."""
        await doubt_unfinished(desk)
        await each(desk, await self._due(desk, State.IN_DOUBT), resolve)
        held = await self._due(desk, State.HELD)
        if held:
            await outdate_lists(desk)
        await each(desk, held, heal)
        await self._push_all(desk)
        await each(desk, await self._unverified(desk), verify)
        grant = await self.link.tokens.grants.find(desk.company_id)
        is_warned = grant.has_lost_answer(desk.now())
        await let_in(desk, but="authorization_expired" if is_warned else None)
        if desk.is_closing or await self._has_more_to_send(desk):
            return
        if self.attaches:
            await attach(desk)
        if desk.lease.suspect_until is not None:
            await look_through(desk, desk.lease.suspect_until)
        elif await self._is_to_reconcile(desk):
            await reconcile(desk)

    async def _is_to_reconcile(self, desk: Desk) -> bool:
        async with self.database.read() as connection:
            return await lane.is_to_reconcile(connection, desk.company_id)

    async def _has_more_to_send(self, desk: Desk) -> bool:
        """Tell whether vouchers can be sent at once: papers can wait, sales should not."""
        if desk.is_suspect:
            return False
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, desk.company_id)
            is_any_due = bool(await vouchers.due([State.READY], desk.now(), 1))
        return is_any_due and not await self._is_in_doubt(desk.company_id)

    async def _push_all(self, desk: Desk) -> None:
        """Book what is ready, oldest date first, for a fair while."""
        began = time.monotonic()
        for voucher in await self._due(desk, State.READY):
            is_over = desk.is_suspect or desk.is_closing or time.monotonic() - began > _LONGEST_TURN_S
            if is_over or not await self._may_send(desk):
                break
            await self._keep_token_fresh(desk)
            if not await self._push(desk, voucher):
                break

    async def _push(self, desk: Desk, voucher: StoredVoucher) -> bool:
        """Book one voucher; a mistake of our own on it must not hold up the others."""
        try:
            return await push(desk, voucher)
        except Exception as error:
            if not is_about_one(error):
                raise
            await stumble(desk, voucher, error)
            return True

    async def _may_send(self, desk: Desk) -> bool:
        """Tell whether neither this lane nor all of them lack answers; while all do, what is ready rests."""
        async with self.database.read() as connection:
            found = await doubts(connection, desk.company_id, desk.now())
        if found.stopped_until is not None:
            log.warning("export.stopped", company_id=desk.company_id, until=found.stopped_until.isoformat())
            async with self.database.write() as connection:
                await lane.hold(connection, desk.lease)
                vouchers = Vouchers(self.database, connection, desk.company_id)
                await vouchers.rest([State.READY], found.stopped_until)
            return False
        return found.in_lane < _MOST_IN_DOUBT

    async def _is_in_doubt(self, company_id: str) -> bool:
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, company_id)
            return await vouchers.count([State.IN_DOUBT, State.SENDING]) >= _MOST_IN_DOUBT

    async def _keep_token_fresh(self, desk: Desk) -> None:
        """Never begin a try with a token that could die during it."""
        if desk.books.token.expires_at - MARGIN <= desk.now():
            desk.books = await self.link.open(desk.company_id)

    async def _due(self, desk: Desk, state: State) -> tuple[StoredVoucher, ...]:
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, desk.company_id)
            return await vouchers.due([state], desk.now(), _MOST_VOUCHERS)

    async def _unverified(self, desk: Desk) -> tuple[StoredVoucher, ...]:
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, desk.company_id)
            return await vouchers.unverified(desk.now(), _MOST_VOUCHERS)
