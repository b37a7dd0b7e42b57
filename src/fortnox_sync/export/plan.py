"""Planning: a till session becomes frozen vouchers, or a fault says what is missing."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.posting import Unmapped
from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.export import runs, tally
from fortnox_sync.export.backlog import Session, lock_sessions, planned
from fortnox_sync.export.draft import Draft, DraftVoucher, draft
from fortnox_sync.export.marker import new_marker
from fortnox_sync.export.payload import freeze
from fortnox_sync.export.repository import Vouchers
from fortnox_sync.export.rules import Rules, rules_of
from fortnox_sync.export.state import State
from fortnox_sync.export.unmapped import account_unmapped
from fortnox_sync.export.vat_check import check_vat
from fortnox_sync.fault.model import DeliveryUnreadable, Fault, FaultCode, TransactionUnbalanced, subject
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log


async def plan(database: Database, lease: Lease, session: Session) -> None:
    """Freeze a session's vouchers and claim its transactions, all of them or none.

    Raises NotOneRowError, and writes nothing, when the till told more meanwhile: plan again then.
    """
    async with database.write() as connection:
        await lock_sessions(connection, lease.company_id, [session.session_id])
        await lane.hold(connection, lease)
        await _plan(database, connection, lease.company_id, session)
        await check_vat(database, connection, lease.company_id, session.session_id)


async def set_aside(database: Database, lease: Lease, session: Session, fault: Fault) -> None:
    """Keep a session back that planning stumbled over; something must change before it is tried again."""
    async with database.write() as connection:
        await lock_sessions(connection, lease.company_id, [session.session_id])
        await lane.hold(connection, lease)
        waiting = Waiting("session", session.session_id, session.business_date, 0)
        await Faults(database, connection, lease.company_id).open(fault, [waiting])
        await planned(connection, lease.company_id, session)


async def _plan(database: Database, connection: AsyncConnection, company_id: str, session: Session) -> None:
    """Plan a session; it waits for the fault that holds it, if one does, and for no other."""
    company = await companies.find(connection, company_id)
    rules = await rules_of(database, connection, company) if company else None
    by_hand = session.export_id is not None
    made = await draft(connection, company_id, session, rules, by_hand=by_hand) if rules else None
    faults = Faults(database, connection, company_id)
    if rules is None or made is None:
        await planned(connection, company_id, session)
        return
    held_by = await _hold(faults, rules, made)
    if held_by is None:
        if made.agreed_revision is not None:
            await _settle_nonsense(connection, company_id, faults, session.session_id)
        await _freeze_all(database, connection, company_id, rules, made)
    overdue: FaultCode | None = None if made.is_closed or session.accepted_digest else "day_overdue"
    await faults.release("session", session.session_id, but=held_by, but_code=overdue)
    learnt: dict[str, Any] = {"agreed_revision": made.agreed_revision}
    learnt["export_id"] = session.export_id if held_by else None  # a cure lets it go on without another click
    if overdue:
        learnt["overdue_at"] = None  # told anew: less waits for the close than before
    await planned(connection, company_id, session, **learnt)


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


async def _hold(faults: Faults, rules: Rules, made: Draft) -> str | None:
    """Hold a session that has an obstacle; return the fault that says why."""
    match made.obstacle:
        case None:
            return None
        case tuple() as unmapped:
            problem: Fault = await _unmapped(faults, rules, unmapped)
        case incomplete:
            problem = incomplete
    return await faults.open(problem, [made.waiting])


async def _unmapped(faults: Faults, rules: Rules, unmapped: tuple[Unmapped, ...]) -> Fault:
    return await account_unmapped(faults, unmapped, rules.accounts, rules.names)


async def _freeze_all(
    database: Database, connection: AsyncConnection, company_id: str, rules: Rules, made: Draft
) -> None:
    """Freeze every voucher of a draft under the export that asked for it, or one of its own."""
    if not made.vouchers:
        return
    session = made.session
    export_id = session.export_id or await runs.add(database, connection, company_id, runs.Kind.DAY_CLOSE)
    vouchers = Vouchers(database, connection, company_id)
    taken = tally.live_claims(company_id, session.session_id)
    for one in made.vouchers:
        voucher_id = await _freeze(vouchers, rules, session, one, export_id)
        await vouchers.claim(voucher_id, session.session_id, one.part.which, taken)
    log.info(
        "export.planned", company_id=company_id, session_id=session.session_id, vouchers=len(made.vouchers)
    )


async def _freeze(
    vouchers: Vouchers, rules: Rules, session: Session, one: DraftVoucher, export_id: str
) -> str:
    part = one.part
    payload = freeze(rules.series, session.business_date, part.title, new_marker(), one.rows)
    state = State.READY if one.rows else State.EMPTY
    return await vouchers.add(session.session_id, part.name, session.register_id, payload, state, export_id)
