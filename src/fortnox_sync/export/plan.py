"""Planning: a closed till session becomes frozen vouchers, or a fault says what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money, total
from fortnox_sync.accounting.posting import NotPosted, Posted, Unmapped, post
from fortnox_sync.accounting.till import EntryType, Tally, TransactionKind
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.export import tally
from fortnox_sync.export.incomplete import day_incomplete
from fortnox_sync.export.marker import new_marker
from fortnox_sync.export.payload import freeze
from fortnox_sync.export.repository import Vouchers, check_one
from fortnox_sync.export.rules import Rules, rules_of
from fortnox_sync.export.state import State
from fortnox_sync.export.unmapped import account_unmapped
from fortnox_sync.export.vat_check import check_vat
from fortnox_sync.fault.model import DeliveryUnreadable, Fault, TransactionUnbalanced, subject
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.fortnox.text import clean
from fortnox_sync.intake.tables import day_close, till_session, till_transaction
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log

# A long name of a register must not push the Z number out of the text.
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Session:
    """A till session to plan, as it stood when it was read: `changes` counts what had been told by then."""

    session_id: str
    register_id: str
    business_date: date
    changes: int


@dataclass(frozen=True, slots=True)
class Part:
    """The transactions of a session that share a voucher: the takings, the drawer, or one purchase."""

    name: str
    title: str
    tallies: tuple[Tally, ...]
    which: sa.ColumnElement[bool]


async def sessions_to_plan(database: Database, company_id: str, most: int) -> tuple[Session, ...]:
    """List closed sessions of which something is told that planning has not seen, oldest first."""
    async with database.read() as connection:
        company = await companies.find(connection, company_id)
        if company is None or company.start_on is None or company.voucher_series is None:
            return ()
        query = (
            sa.select(till_session)
            .where(
                till_session.c.company_id == company_id,
                till_session.c.planned_changes < till_session.c.changes,
                till_session.c.closed_at.is_not(None),
                till_session.c.business_date >= company.start_on,
            )
            .order_by(till_session.c.business_date, till_session.c.session_id)
            .limit(most)
        )
        rows = (await connection.execute(query)).all()
    return tuple(Session(r.session_id, r.register_id, r.business_date, r.changes) for r in rows)


async def plan(database: Database, lease: Lease, session: Session) -> None:
    """Freeze a session's vouchers and claim its transactions, all of them or none.

    Raises NotOneRowError, and writes nothing, when the till told more meanwhile: plan again then.
    """
    async with database.write() as connection:
        await lock_sessions(connection, lease.company_id, [session.session_id])
        await lane.hold(connection, lease)
        held_by = await _plan(database, connection, lease.company_id, session)
        await Faults(database, connection, lease.company_id).release(
            "session", session.session_id, but=held_by
        )
        await check_vat(database, connection, lease.company_id, session.session_id)
        await _finish(connection, lease.company_id, session)


async def lock_sessions(connection: AsyncConnection, company_id: str, session_ids: Sequence[str]) -> None:
    """Keep the till from telling more of sessions, before the lane is taken: it locks in that order too."""
    query = (
        sa.select(till_session.c.session_id)
        .where(till_session.c.company_id == company_id, till_session.c.session_id.in_(session_ids))
        .order_by(till_session.c.session_id)
    )
    await connection.execute(query.with_for_update())


async def set_aside(database: Database, lease: Lease, session: Session, fault: Fault) -> None:
    """Keep a session back that planning stumbled over; something must change before it is tried again."""
    async with database.write() as connection:
        await lock_sessions(connection, lease.company_id, [session.session_id])
        await lane.hold(connection, lease)
        waiting = Waiting("session", session.session_id, session.business_date, 0)
        await Faults(database, connection, lease.company_id).open(fault, [waiting])
        await _finish(connection, lease.company_id, session)


async def _finish(connection: AsyncConnection, company_id: str, session: Session) -> None:
    """Mark the session as planned; what was done saw one state of it only if nothing was told meanwhile."""
    done = await connection.execute(
        till_session.update()
        .where(
            till_session.c.company_id == company_id,
            till_session.c.session_id == session.session_id,
            till_session.c.changes == session.changes,
        )
        .values(planned_changes=session.changes)
    )
    check_one(done.rowcount)


async def _plan(
    database: Database, connection: AsyncConnection, company_id: str, session: Session
) -> str | None:
    """Plan a session; return the fault that holds it, if one does."""
    company = await companies.find(connection, company_id)
    close = await _latest_close(connection, company_id, session.session_id)
    if company is None or close is None:
        return None
    rules = await rules_of(database, connection, company)
    names = await rules.names_for(connection, company_id, session.session_id)
    sums = await tally.session_sums(connection, company_id, session.session_id)
    faults = Faults(database, connection, company_id)
    register = rules.registers.get(session.register_id, session.register_id)
    problem: Fault | None = await day_incomplete(connection, company_id, close, sums.all, register, names)
    if problem is not None:
        return await faults.open(problem, [_waiting(session, sums.unclaimed)])
    await _settle_nonsense(connection, company_id, faults, session.session_id)
    vouchers = Vouchers(database, connection, company_id)
    taken = await vouchers.parts(session.session_id)
    parts = tuple(_parts(session, close.z_number, register, sums.unclaimed, taken))
    posted = [(part, post(part.tallies, rules.accounts, rules.cost_centers, names)) for part in parts]
    unmapped = [u for _, result in posted if isinstance(result, NotPosted) for u in result.unmapped]
    if unmapped:
        return await _hold(faults, rules, session, sums.unclaimed, unmapped)
    for part, result in posted:
        if isinstance(result, Posted):
            await _freeze(vouchers, company_id, rules, session, part, result.rows)
    log.info("export.planned", company_id=company_id, session_id=session.session_id, vouchers=len(parts))
    return None


async def _settle_nonsense(
    connection: AsyncConnection, company_id: str, faults: Faults, session_id: str
) -> None:
    """Close what said that a receipt could not be taken: the day agrees now, so it came right."""
    for one in await faults.all_open():
        match one.fault:
            case TransactionUnbalanced(facts=facts):
                is_settled = facts.session_id == session_id
            case DeliveryUnreadable(facts=told) if told.transaction_ids:
                is_settled = await tally.are_told(connection, company_id, told.transaction_ids)
            case _:
                is_settled = False
        if is_settled:
            await faults.close(one.fault.code, subject(one.fault))


async def _hold(
    faults: Faults, rules: Rules, session: Session, waiting: Sequence[Tally], unmapped: Sequence[Unmapped]
) -> str:
    """Hold the whole session: a part of a day in the books looks like the whole of it."""
    problem = await account_unmapped(faults, unmapped, rules.accounts, rules.names)
    return await faults.open(problem, [_waiting(session, waiting)])


async def _freeze(
    vouchers: Vouchers,
    company_id: str,
    rules: Rules,
    session: Session,
    part: Part,
    rows: tuple[VoucherRow, ...],
) -> None:
    payload = freeze(rules.series, session.business_date, part.title, new_marker(), rows)
    state = State.READY if rows else State.EMPTY
    voucher_id = await vouchers.add(session.session_id, part.name, session.register_id, payload, state)
    taken = tally.live_claims(company_id, session.session_id)
    await vouchers.claim(voucher_id, session.session_id, part.which, taken)


async def _latest_close(connection: AsyncConnection, company_id: str, session_id: str) -> Any:  # noqa: ANN401 - a row
    query = (
        sa.select(day_close)
        .where(day_close.c.company_id == company_id, day_close.c.session_id == session_id)
        .order_by(day_close.c.revision.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


def _parts(
    session: Session, z_number: int, register: str, tallies: Sequence[Tally], taken: frozenset[str]
) -> Iterator[Part]:
    """Divide what is unclaimed into vouchers: takings, drawer movements, and each purchase by itself.

    A purchase needs a voucher of its own (BFNAR 2013:2, 6.6); a session of which nothing was told is
    recorded as empty, so that no day is missing.
    """
    title = f"Dagsavslut {session.business_date} {_short(register, session)} Z {z_number}"
    kind = till_transaction.c.kind
    takings = tuple(t for t in tallies if t.kind.is_takings)
    if takings or not (tallies or taken):
        name, suffix = _next_name("takings", taken)
        joint = kind.in_([k.value for k in TransactionKind if k.is_takings])
        yield Part(name, title + suffix, takings, joint)
    drawer = tuple(t for t in tallies if t.kind is TransactionKind.DRAWER)
    if drawer:
        name, suffix = _next_name("drawer", taken)
        yield Part(name, f"{title} kassarörelser{suffix}", drawer, kind == TransactionKind.DRAWER.value)
    purchases = (t.transaction_id for t in tallies if t.kind is TransactionKind.PURCHASE)
    for transaction_id in sorted({one for one in purchases if one}):
        mine = tuple(t for t in tallies if t.transaction_id == transaction_id)
        only = till_transaction.c.transaction_id == transaction_id
        yield Part(f"purchase:{transaction_id}", f"{title} inköp {transaction_id}", mine, only)


def _short(register: str, session: Session) -> str:
    return clean(register, _LONGEST_NAME) or session.register_id


def _next_name(part: str, taken: frozenset[str]) -> tuple[str, str]:
    """Name the next part of its kind: `takings`, then `takings:2`, `takings:3`."""
    before = sum(1 for name in taken if name == part or name.startswith(f"{part}:"))
    return (f"{part}:{before + 1}", f" del {before + 1}") if before else (part, "")


def _waiting(session: Session, tallies: Sequence[Tally]) -> Waiting:
    paid: Money = total(t.amount for t in tallies if t.type is EntryType.PAYMENT)
    return Waiting("session", session.session_id, session.business_date, paid.ore)
