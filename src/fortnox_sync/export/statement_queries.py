"""What is asked of the database about what was booked in a period: frozen rows, as they stand in Fortnox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.till import EntryType
from fortnox_sync.connection.tables import fortnox_list, grant
from fortnox_sync.export.day_queries import latest_close
from fortnox_sync.export.period import Period
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking, voucher, voucher_row
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.intake.tables import day_close, till_entry, till_session

Rows = Sequence[Any]


class StatementQueries:
    """The booked vouchers of one company with a date in a period, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, company_id: str, period: Period) -> None:
        """Bind to a company and a period: no query here can reach beyond."""
        self._connection, self._company_id, self._period = connection, company_id, period

    async def accounts(self) -> Rows:
        """Sum the rows per account."""
        row = voucher_row.c
        query = (
            sa.select(
                row.account, sa.func.sum(row.debit).label("debit"), sa.func.sum(row.credit).label("credit")
            )
            .select_from(_WITH_ROWS)
            .where(self._is_booked(), _STANDS)
            .group_by(row.account)
            .order_by(row.account)
        )
        return await self._all(query)

    async def vat(self) -> Rows:
        """Sum the rows of sales and of output VAT by what they are the sum of, as credit less debit."""
        row = voucher_row.c
        query = (
            sa.select(row.of, sa.func.sum(row.credit - row.debit).label("credit"))
            .select_from(_WITH_ROWS)
            .where(self._is_booked(), _STANDS, sa.or_(row.of.like("sales:%"), row.of.like("vat:%")))
            .group_by(row.of)
        )
        return await self._all(query)

    async def vouchers(self) -> Rows:
        """List the vouchers by year, series and number, each with its sum and its session's Z number."""
        amount = (
            sa.select(sa.func.sum(voucher_row.c.debit))
            .where(
                voucher_row.c.voucher_id == voucher.c.voucher_id,
                voucher_row.c.revision == voucher.c.revision,
            )
            .scalar_subquery()
        )
        session = sa.and_(
            till_session.c.company_id == voucher.c.company_id, till_session.c.session_id == voucher.c.origin
        )
        query = (
            sa.select(voucher, *_PLACE, amount.label("amount"), day_close.c.z_number)
            .select_from(
                voucher.join(booking, booking.c.voucher_id == voucher.c.voucher_id)
                .outerjoin(till_session, session)
                .outerjoin(day_close, latest_close())
            )
            .where(self._is_booked())
            .order_by(booking.c.financial_year, booking.c.series, booking.c.number)
        )
        return await self._all(query)

    async def faults(self) -> Rows:
        """List the open faults that say that Fortnox holds something else than what was booked."""
        waits = fault_waiting.c
        own = sa.select(voucher.c.voucher_id).where(self._is_booked())
        query = (
            sa.select(waits.waiting_id, fault.c.code)
            .select_from(fault.join(fault_waiting, waits.fault_id == fault.c.fault_id))
            .where(
                fault.c.company_id == self._company_id,
                fault.c.resolved_at.is_(None),
                waits.kind == "voucher",
                waits.waiting_id.in_(own),
            )
        )
        return await self._all(query)

    async def charts(self) -> Rows:
        """Return the kept charts of accounts, each with its financial year."""
        kept = fortnox_list.c
        query = sa.select(kept.financial_year, kept["items"].label("accounts")).where(
            kept.company_id == self._company_id, kept.kind == "accounts"
        )
        return await self._all(query)

    async def books(self) -> Any:  # noqa: ANN401 - a row of the table
        """Return the Fortnox company that was consented to last, should the consent be withdrawn too."""
        query = sa.select(grant).where(grant.c.company_id == self._company_id)
        return (await self._connection.execute(query)).one_or_none()

    async def open_sales(self) -> Rows:
        """Sum what sessions without a Z report sold, per VAT rate."""
        entry = till_entry.c
        own = sa.and_(
            entry.company_id == till_session.c.company_id, entry.session_id == till_session.c.session_id
        )
        query = (
            sa.select(
                entry.vat_rate, sa.func.sum(entry.amount).label("gross"), sa.func.sum(entry.vat).label("vat")
            )
            .select_from(till_session.join(till_entry, own))
            .where(
                till_session.c.company_id == self._company_id,
                till_session.c.business_date.between(self._period.from_on, self._period.to_on),
                till_session.c.closed_at.is_(None),
                entry.type == EntryType.SALE.value,
            )
            .group_by(entry.vat_rate)
        )
        return await self._all(query)

    async def earlier_z_numbers(self) -> Rows:
        """Return the highest Z number of each register before the period."""
        query = (
            sa.select(day_close.c.register_id, sa.func.max(day_close.c.z_number).label("z_number"))
            .where(
                day_close.c.company_id == self._company_id,
                day_close.c.business_date < self._period.from_on,
            )
            .group_by(day_close.c.register_id)
        )
        return await self._all(query)

    def _is_booked(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            voucher.c.company_id == self._company_id,
            voucher.c.state == State.BOOKED.value,
            voucher.c.transaction_date.between(self._period.from_on, self._period.to_on),
        )

    async def _all(self, query: sa.Select[Any]) -> Rows:
        found: Rows = (await self._connection.execute(query)).all()
        return found


def names_of(charts: Iterable[Any], years: frozenset[int]) -> dict[int, str]:
    """Name accounts as the chart of the year booked in does; any other year's name is better than none."""
    names: dict[int, str] = {}
    for chart in sorted(charts, key=lambda one: (one.financial_year in years, one.financial_year)):
        names |= {account["number"]: account["description"] for account in chart.accounts}
    return names


_PLACE = (
    booking.c.number,
    booking.c.financial_year,
    booking.c.booked_at,
    booking.c.verified_at,
    booking.c.gone_at,
)
# What was deleted in Fortnox is in no sum.
_STANDS = ~sa.exists(
    sa.select(1).where(booking.c.voucher_id == voucher.c.voucher_id, booking.c.gone_at.is_not(None))
)
_WITH_ROWS = voucher.join(
    voucher_row,
    sa.and_(voucher_row.c.voucher_id == voucher.c.voucher_id, voucher_row.c.revision == voucher.c.revision),
)
