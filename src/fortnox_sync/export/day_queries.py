"""What is asked of the database about the days of a period: one statement each, sums added up there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.till import EntryType, TransactionKind
from fortnox_sync.export.period import Period
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking, claim, day_warning, voucher, voucher_file
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import catalog_item, day_close, till_entry, till_session, till_transaction

Rows = Sequence[Any]


class DayQueries:
    """The sessions of one company in a period, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, company_id: str, period: Period) -> None:
        """Bind to a company and a period: no query here can reach beyond."""
        self._connection, self._company_id, self._period = connection, company_id, period

    async def sessions(self) -> Rows:
        """List the sessions, each with its latest close, by date and register."""
        close, register = latest_close(), catalog_item.c
        named = sa.and_(
            register.company_id == till_session.c.company_id,
            register.dimension == "register",
            register.item_id == till_session.c.register_id,
        )
        query = (
            sa.select(
                till_session,
                register.name.label("register_name"),
                day_close.c.z_number,
                day_close.c.revision,
                day_close.c.transaction_count,
                day_close.c.totals,
            )
            .select_from(till_session.outerjoin(day_close, close).outerjoin(catalog_item, named))
            .where(self._is_in())
            .order_by(till_session.c.business_date, till_session.c.register_id, till_session.c.session_id)
        )
        return await self._all(query)

    async def payments(self) -> Rows:
        """Sum what was paid in each session: in sales, in all else, and in sales that are booked."""
        entry = till_entry.c
        is_sale = entry.kind == TransactionKind.SALE.value
        query = (
            sa.select(
                till_session.c.session_id,
                _sum(is_sale).label("gross"),
                _sum(~is_sale).label("other"),
                _sum(sa.and_(is_sale, _IS_BOOKED)).label("booked"),
            )
            .select_from(_with_vouchers(till_entry))
            .where(self._is_in(), entry.type == EntryType.PAYMENT.value)
            .group_by(till_session.c.session_id)
        )
        return await self._all(query)

    async def transactions(self) -> Rows:
        """Count the transactions of each session: received, in a live voucher, booked."""
        booked = sa.func.sum(sa.case((_IS_BOOKED, 1), else_=0))
        query = (
            sa.select(
                till_session.c.session_id,
                sa.func.count().label("received"),
                sa.func.count(claim.c.transaction_id).label("claimed"),
                booked.label("booked"),
            )
            .select_from(_with_vouchers(till_transaction))
            .where(self._is_in())
            .group_by(till_session.c.session_id)
        )
        return await self._all(query)

    async def vouchers(self) -> Rows:
        """List the vouchers of the sessions in the order they were made, with booking and paper."""
        mirror = voucher.alias("mirror")
        query = (
            sa.select(
                voucher,
                booking.c.number,
                booking.c.financial_year,
                booking.c.booked_at,
                booking.c.verified_at,
                booking.c.gone_at,
                sa.exists(
                    sa.select(1).where(
                        claim.c.voucher_id == voucher.c.voucher_id, claim.c.released_at.is_(None)
                    )
                ).label("holds_sales"),
                mirror.c.voucher_id.label("reversed_by"),
                voucher_file.c.state.label("paper"),
            )
            .select_from(
                voucher.outerjoin(booking, booking.c.voucher_id == voucher.c.voucher_id)
                .outerjoin(voucher_file, voucher_file.c.voucher_id == voucher.c.voucher_id)
                .outerjoin(mirror, mirror.c.reverses == voucher.c.voucher_id)
            )
            .where(voucher.c.company_id == self._company_id, voucher.c.origin.in_(self._ids()))
            .order_by(voucher.c.voucher_id)
        )
        return await self._all(query)

    async def waiting(self) -> Rows:
        """List what waits for an open fault: sessions and their vouchers, each with the code."""
        own = sa.select(voucher.c.voucher_id).where(
            voucher.c.company_id == self._company_id, voucher.c.origin.in_(self._ids())
        )
        waits = fault_waiting.c
        query = (
            sa.select(waits.waiting_id, fault.c.code)
            .select_from(fault.join(fault_waiting, waits.fault_id == fault.c.fault_id))
            .where(
                fault.c.company_id == self._company_id,
                fault.c.resolved_at.is_(None),
                sa.or_(
                    sa.and_(waits.kind == "session", waits.waiting_id.in_(self._ids())),
                    sa.and_(waits.kind == "voucher", waits.waiting_id.in_(own)),
                ),
            )
        )
        return await self._all(query)

    async def warnings(self) -> Rows:
        """List what is odd about the sessions without holding them up."""
        query = (
            sa.select(day_warning)
            .where(day_warning.c.company_id == self._company_id, day_warning.c.session_id.in_(self._ids()))
            .order_by(day_warning.c.kind, day_warning.c.subject)
        )
        return await self._all(query)

    def _is_in(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            till_session.c.company_id == self._company_id,
            till_session.c.business_date.between(self._period.from_on, self._period.to_on),
        )

    def _ids(self) -> sa.Select[str]:
        return sa.select(till_session.c.session_id).where(self._is_in())

    async def _all(self, query: sa.Select[Any]) -> Rows:
        found: Rows = (await self._connection.execute(query)).all()
        return found


_IS_BOOKED = sa.and_(voucher.c.state == State.BOOKED.value, booking.c.gone_at.is_(None))


def _sum(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((which, till_entry.c.amount), else_=0))


def _with_vouchers(told: sa.Table) -> sa.Join:
    """Join what the till told in each session with the live voucher it is in, if it is in one."""
    in_session = sa.and_(
        told.c.company_id == till_session.c.company_id, told.c.session_id == till_session.c.session_id
    )
    claimed = sa.and_(
        claim.c.company_id == told.c.company_id,
        claim.c.transaction_id == told.c.transaction_id,
        claim.c.released_at.is_(None),
    )
    return (
        till_session.join(told, in_session)
        .outerjoin(claim, claimed)
        .outerjoin(voucher, voucher.c.voucher_id == claim.c.voucher_id)
        .outerjoin(booking, booking.c.voucher_id == claim.c.voucher_id)
    )


def latest_close() -> sa.ColumnElement[bool]:
    """Join a session with the close of it that counts, the one of the highest revision."""
    later = day_close.alias("later")
    latest = (
        sa.select(sa.func.max(later.c.revision))
        .where(
            later.c.company_id == till_session.c.company_id,
            later.c.session_id == till_session.c.session_id,
        )
        .scalar_subquery()
    )
    return sa.and_(
        day_close.c.company_id == till_session.c.company_id,
        day_close.c.session_id == till_session.c.session_id,
        day_close.c.revision == latest,
    )
