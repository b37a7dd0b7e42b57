"""What of ours should stand in Fortnox, series by series, and which of it is worth reading again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.tables import attempt, booking, voucher
from fortnox_sync.fault.tables import fault, fault_waiting
from fortnox_sync.fortnox import VoucherListItem

_LATELY = timedelta(days=7)
_IN_TURN = 20
# Books older than this are closed.
_AS_FAR_BACK = timedelta(days=550)


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a financial year that we book in; ours alone if it was empty when we began."""

    financial_year: int
    code: str
    is_ours_alone: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A voucher of ours as it should stand in Fortnox; `is_watched` if an open fault is about it."""

    voucher_id: str
    number: int
    transaction_date: date
    booked_at: datetime
    verified_at: datetime | None
    is_watched: bool


def to_read(
    ours: Iterable[Standing], listed: Mapping[int, VoucherListItem], now: datetime
) -> tuple[Standing, ...]:
    """Choose the vouchers that a list is not enough for: the odd, the new, and some read longest ago."""
    chosen: list[Standing] = []
    others: list[Standing] = []
    for one in ours:
        there = listed.get(one.number)
        is_odd = there is None or there.transaction_date != one.transaction_date or one.is_watched
        (chosen if is_odd or now - one.booked_at < _LATELY else others).append(one)
    others.sort(key=lambda one: (one.verified_at or one.booked_at, one.number))
    return (*chosen, *others[:_IN_TURN])


class Shelf:
    """What one company has in the books of one Fortnox company, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, company_id: str, fortnox_company: int) -> None:
        """Bind to both: no query here can reach beyond."""
        self._connection, self._company_id = connection, company_id
        self._fortnox_company = fortnox_company

    async def series(self, today: date) -> tuple[Series, ...]:
        """List the series we have booked in lately, year by year."""
        query = (
            sa.select(
                attempt.c.financial_year,
                attempt.c.series,
                (sa.func.min(attempt.c.watermark) == 0).label("is_ours_alone"),
            )
            .join(voucher, voucher.c.voucher_id == attempt.c.voucher_id)
            .where(
                voucher.c.company_id == self._company_id,
                voucher.c.transaction_date >= today - _AS_FAR_BACK,
                attempt.c.fortnox_company == self._fortnox_company,
            )
            .group_by(attempt.c.financial_year, attempt.c.series)
            .order_by(attempt.c.financial_year, attempt.c.series)
        )
        rows = await self._connection.execute(query)
        return tuple(Series(row.financial_year, row.series, bool(row.is_ours_alone)) for row in rows)

    async def standing(self, series: Series) -> tuple[Standing, ...]:
        """List the company's vouchers of a series by number."""
        watching = (
            sa.select(1)
            .join(fault, fault.c.fault_id == fault_waiting.c.fault_id)
            .where(
                fault_waiting.c.kind == "voucher",
                fault_waiting.c.waiting_id == voucher.c.voucher_id,
                fault.c.resolved_at.is_(None),
            )
        )
        query = (
            sa.select(
                voucher.c.voucher_id,
                booking.c.number,
                voucher.c.transaction_date,
                booking.c.booked_at,
                booking.c.verified_at,
                sa.exists(watching).label("is_watched"),
            )
            .join(booking, booking.c.voucher_id == voucher.c.voucher_id)
            .where(voucher.c.company_id == self._company_id, self._in(series))
            .order_by(booking.c.number)
        )
        rows = (await self._connection.execute(query)).all()
        return tuple(
            Standing(
                row.voucher_id,
                row.number,
                row.transaction_date,
                row.booked_at,
                row.verified_at,
                bool(row.is_watched),
            )
            for row in rows
        )

    async def known(self, series: Series) -> frozenset[int]:
        """Return the numbers of all vouchers from here; another company may use the same books."""
        query = sa.select(booking.c.number).where(self._in(series))
        return frozenset((await self._connection.execute(query)).scalars())

    async def marked(self, marker: str) -> str | None:
        """Return the company's voucher with a marker."""
        query = sa.select(voucher.c.voucher_id).where(
            voucher.c.company_id == self._company_id, voucher.c.marker == marker
        )
        found: str | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found

    def _in(self, series: Series) -> sa.ColumnElement[bool]:
        return sa.and_(
            booking.c.fortnox_company == self._fortnox_company,
            booking.c.financial_year == series.financial_year,
            booking.c.series == series.code,
            booking.c.gone_at.is_(None),
        )
