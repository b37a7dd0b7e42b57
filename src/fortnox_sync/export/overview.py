"""The integration at a glance: how far it has come, what waits, and what it is waiting for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.company import Company, FortnoxCompany, fortnox_company_of
from fortnox_sync.connection.tables import lane
from fortnox_sync.export.backlog import is_to_plan
from fortnox_sync.export.held_up import open_faults
from fortnox_sync.export.state import MOVING, UNSETTLED, State
from fortnox_sync.export.tables import booking, voucher
from fortnox_sync.export.unbooked import is_free, may_be_unbooked
from fortnox_sync.fault.repository import ShownFault
from fortnox_sync.intake.tables import till_session, till_transaction
from fortnox_sync.mapping.setup import Setup, Step
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Unbooked:
    """What the till told that is not in Fortnox: sales in no voucher, and vouchers not booked yet."""

    transactions: int
    oldest_on: date | None
    sessions_to_plan: int
    vouchers: dict[State, int]
    unverified: int

    @property
    def is_at_rest(self) -> bool:
        """Tell whether nothing will move before something changes: all is booked, held or open."""
        return not (self.sessions_to_plan or self.unverified or any(self.vouchers.get(s) for s in MOVING))


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the first screen shows."""

    company: Company
    steps: tuple[Step, ...]
    fortnox: FortnoxCompany | None
    unbooked: Unbooked
    faults: tuple[ShownFault, ...]


async def overview(database: Database, connection: AsyncConnection, company_id: str) -> Overview | None:
    """Gather it in a fixed number of statements; None for a company nobody has told of."""
    company = await companies.find(connection, company_id)
    if company is None:
        return None
    return Overview(
        company=company,
        steps=await Setup(database, connection, company_id).steps(company),
        fortnox=await fortnox_company_of(connection, company_id),
        unbooked=await _unbooked(connection, company),
        faults=await open_faults(database, connection, company_id),
    )


async def _unbooked(connection: AsyncConnection, company: Company) -> Unbooked:
    transactions, oldest_on = await _unclaimed(connection, company)
    return Unbooked(
        transactions=transactions,
        oldest_on=oldest_on,
        sessions_to_plan=await _sessions_to_plan(connection, company),
        vouchers=await _voucher_states(connection, company.company_id),
        unverified=await _unverified(connection, company.company_id),
    )


async def _unclaimed(connection: AsyncConnection, company: Company) -> tuple[int, date | None]:
    """Count sales from the start date on that are in no live voucher, looking only where any can be."""
    told = till_transaction.c
    session = may_be_unbooked(company.company_id).subquery("session")
    # Session by session: PostgreSQL overrates how many there are, and would read all that was ever sold.
    of_session = (
        told.company_id == company.company_id,
        told.session_id == session.c.session_id,
        told.business_date >= (company.start_on or date.min),
        is_free(company.company_id),
    )
    number = sa.select(sa.func.count()).select_from(till_transaction).where(*of_session)
    first = sa.select(sa.func.min(told.business_date)).where(*of_session)
    query = sa.select(
        sa.func.sum(number.correlate(session).scalar_subquery()).label("n"),
        sa.func.min(first.correlate(session).scalar_subquery()).label("oldest"),
    ).select_from(session)
    row = (await connection.execute(query)).one()
    return int(row.n or 0), row.oldest


async def _sessions_to_plan(connection: AsyncConnection, company: Company) -> int:
    session = till_session.c
    query = sa.select(sa.func.count()).where(
        session.company_id == company.company_id,
        is_to_plan(),
        session.business_date >= (company.start_on or date.max),
    )
    return (await connection.execute(query)).scalar_one()


async def _voucher_states(connection: AsyncConnection, company_id: str) -> dict[State, int]:
    query = (
        sa.select(voucher.c.state, sa.func.count().label("n"))
        .where(voucher.c.company_id == company_id, voucher.c.state.in_([s.value for s in UNSETTLED]))
        .group_by(voucher.c.state)
    )
    return {State(row.state): row.n for row in await connection.execute(query)}


async def vouchers_on_their_way(connection: AsyncConnection, company_id: str) -> dict[State, int]:
    """Count the vouchers that will be booked without anybody's doing, by state."""
    states = await _voucher_states(connection, company_id)
    return {state: states[state] for state in MOVING if state in states}


async def _unverified(connection: AsyncConnection, company_id: str) -> int:
    """Count booked vouchers that are still to be read back."""
    query = (
        sa.select(sa.func.count())
        .select_from(voucher.join(booking, booking.c.voucher_id == voucher.c.voucher_id))
        .where(
            voucher.c.company_id == company_id,
            booking.c.verified_at.is_(None),
            voucher.c.next_due_at.is_not(None),
        )
    )
    return (await connection.execute(query)).scalar_one()


async def is_being_served(connection: AsyncConnection, company_id: str) -> bool:
    """Tell whether a worker is at the company's lane or was asked to be."""
    query = sa.select(lane.c.owner, lane.c.look_again).where(lane.c.company_id == company_id)
    row = (await connection.execute(query)).one_or_none()
    return row is not None and (row.owner is not None or row.look_again)
