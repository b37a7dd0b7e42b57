"""One turn at a lane: plan what closed, look up what is in doubt, book what is ready, read it back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease, LeaseLostError
from fortnox_sync.connection.link import Books, Link
from fortnox_sync.connection.tokens import MARGIN, NotConnectedError
from fortnox_sync.export.again import look_again
from fortnox_sync.export.desk import Desk, Patience
from fortnox_sync.export.plan import plan, sessions_to_plan, set_aside
from fortnox_sync.export.push import GO_ON, Sent, hold, push, soonest
from fortnox_sync.export.repository import NotOneRowError, StoredVoucher, Vouchers
from fortnox_sync.export.resolve import doubt_unfinished, resolve
from fortnox_sync.export.state import State
from fortnox_sync.export.verify import verify
from fortnox_sync.fault.classify import Context, classify
from fortnox_sync.fault.facts import InternalErrorFacts
from fortnox_sync.fault.kind import Kind, kind_of
from fortnox_sync.fault.model import InternalError
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import FortnoxError
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log

# Fairness: nobody else waits longer than this for one company's back-fill.
_MOST_VOUCHERS = 20
_LONGEST_TURN_S = 30.0
_MOST_SESSIONS = 50
# Two answers missing at once: something is wrong beyond one voucher, so this lane stops sending.
_MOST_IN_DOUBT = 2
_WAIT_FOR_FORTNOX = timedelta(minutes=1)
_WAIT_FOR_PERSON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counter:
    """Serves lanes: what every turn is made with."""

    database: Database
    link: Link
    patience: Patience

    async def serve(self, lease: Lease) -> None:
        """Do one turn and give the lane back, due again when there is more to do."""
        await look_again(self.database, lease)
        retry_at = await self._with_fortnox(lease)
        more = bool(await sessions_to_plan(self.database, lease.company_id, 1))
        due = await self._next_due_at(lease.company_id)
        if retry_at is not None and due is not None:
            due = max(due, retry_at)
        now = self.database.clock.now()
        await lane.release(self.database, lease, soonest(due, now if more else None, retry_at))

    async def _next_due_at(self, company_id: str) -> datetime | None:
        """Return when a voucher is next worth a turn; what may not be sent now is not."""
        states = [State.SENDING, State.IN_DOUBT, State.BOOKED]
        if not await self._is_in_doubt(company_id):
            states.append(State.READY)
        async with self.database.read() as connection:
            return await Vouchers(self.database, connection, company_id).next_due_at(states)

    async def _with_fortnox(self, lease: Lease) -> datetime | None:
        """Plan, then talk to Fortnox; return when to try again if it does not let us in."""
        try:
            books = await self.link.open(lease.company_id)
        except NotConnectedError:
            await self._plan(lease)
            return self._later(_WAIT_FOR_PERSON)
        except FortnoxError as error:
            await self._plan(lease)
            return await self._shut_out(lease, error)
        desk = Desk(self.database, lease, books, self.patience)
        try:
            await self._refresh_chart(desk)
            await self._plan(lease)
            return await self._talk(desk)
        except FortnoxError as error:
            return await self._shut_out(lease, error)

    async def _refresh_chart(self, desk: Desk) -> None:
        """Know the chart of accounts before planning: it says which accounts demand a cost centre."""
        for session in await sessions_to_plan(self.database, desk.company_id, _MOST_SESSIONS):
            year = await desk.year_on(session.business_date)
            if year is not None:
                await desk.chart.accounts(year.id)

    async def _plan(self, lease: Lease) -> None:
        for session in await sessions_to_plan(self.database, lease.company_id, _MOST_SESSIONS):
            try:
                await plan(self.database, lease, session)
            except NotOneRowError:
                log.info("export.plan_again", company_id=lease.company_id, session_id=session.session_id)
            except LeaseLostError:
                raise
            except Exception as error:  # noqa: BLE001 - as for a voucher: told, kept, and the others go on
                log.exception("export.mistake", company_id=lease.company_id, session_id=session.session_id)
                fault = internal_error(session.session_id, error, self.database.clock.now())
                await set_aside(self.database, lease, session, fault)

    async def _talk(self, desk: Desk) -> datetime | None:
        await doubt_unfinished(desk)
        for voucher in await self._due(desk, State.IN_DOUBT):
            await resolve(desk, voucher)
        retry_at = await self._push_all(desk)
        for voucher in await self._unverified(desk):
            await verify(desk, voucher)
        await self._let_in(desk)
        return retry_at

    async def _push_all(self, desk: Desk) -> datetime | None:
        """Book what is ready, oldest date first, for a fair while."""
        began = time.monotonic()
        for voucher in await self._due(desk, State.READY):
            if time.monotonic() - began > _LONGEST_TURN_S or await self._is_in_doubt(desk.company_id):
                break
            await self._keep_token_fresh(desk)
            sent = await self._push(desk, voucher)
            if sent.needs_other_token:
                return await self._with_other_token(desk)
            if not sent.goes_on:
                break
        return None

    async def _push(self, desk: Desk, voucher: StoredVoucher) -> Sent:
        """Book one voucher; a mistake of our own on it must not hold up the others."""
        try:
            return await push(desk, voucher)
        except (FortnoxError, LeaseLostError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the voucher kept
            log.exception("export.mistake", company_id=desk.company_id, voucher_id=voucher.voucher_id)
            await self._hold_if_unsent(desk, voucher, internal_error(voucher.voucher_id, error, desk.now()))
            return GO_ON

    async def _hold_if_unsent(self, desk: Desk, voucher: StoredVoucher, fault: InternalError) -> None:
        """Hold a voucher whose try never began; one that began is in doubt at the next turn."""
        async with self.database.read() as connection:
            standing = await Vouchers(self.database, connection, desk.company_id).find(voucher.voucher_id)
        if standing is not None and standing.state is State.READY:
            await hold(desk, standing, fault)

    async def _is_in_doubt(self, company_id: str) -> bool:
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, company_id)
            return await vouchers.count([State.IN_DOUBT, State.SENDING]) >= _MOST_IN_DOUBT

    async def _keep_token_fresh(self, desk: Desk) -> None:
        """Never begin a try with a token that could die during it."""
        if desk.books.token.expires_at - MARGIN <= desk.now():
            desk.books = await self.link.open(desk.company_id)

    async def _with_other_token(self, desk: Desk) -> datetime | None:
        """Fetch another token after a refusal; the next turn sends with it, if Fortnox takes it."""
        books: Books = await self.link.open(desk.company_id, other_than=desk.books.token.token_id)
        await books.client.company_information()
        return self._later(timedelta(0))

    async def _due(self, desk: Desk, state: State) -> tuple[StoredVoucher, ...]:
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, desk.company_id)
            return await vouchers.due([state], desk.now(), _MOST_VOUCHERS)

    async def _unverified(self, desk: Desk) -> tuple[StoredVoucher, ...]:
        async with self.database.read() as connection:
            vouchers = Vouchers(self.database, connection, desk.company_id)
            return await vouchers.unverified(desk.now(), _MOST_VOUCHERS)

    async def _shut_out(self, lease: Lease, error: FortnoxError) -> datetime:
        """Say why Fortnox can't be reached or does not let us in, and when we try again."""
        needs_person = kind_of(error) in {Kind.UNAUTHORISED, Kind.FORBIDDEN}
        retry_at = self._later(_WAIT_FOR_PERSON if needs_person else _WAIT_FOR_FORTNOX)
        log.warning("export.shut_out", company_id=lease.company_id, error=repr(error))
        fault = classify(error, Context(now=self.database.clock.now(), next_try_at=retry_at))
        async with self.database.write() as connection:
            await lane.hold(connection, lease)
            await Faults(self.database, connection, lease.company_id).open(fault)
        return retry_at

    async def _let_in(self, desk: Desk) -> None:
        """Close the faults that said we could not reach Fortnox: we just did."""
        async with self.database.write() as connection:
            await lane.hold(connection, desk.lease)
            faults = Faults(self.database, connection, desk.company_id)
            for code in ("authorization_expired", "fortnox_unavailable", "rate_limited"):
                await faults.close(code)

    def _later(self, wait: timedelta) -> datetime:
        return self.database.clock.now() + wait


def internal_error(subject_id: str, error: Exception, now: datetime) -> InternalError:
    """Say that we made a mistake on one voucher or session; only the kind of it, never its text."""
    facts = InternalErrorFacts(voucher_id=subject_id, error=type(error).__name__, occurred_at=now)
    return InternalError(facts=facts)
