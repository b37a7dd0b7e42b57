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
# Today's closes wait while the books are compared, so a back-fill of hundreds is read in several nights.
_MOST_LATELY = 100
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
    """Choose the vouchers that a list is not enough for: all that are odd, then those read longest ago.

    Of those, many that were booked lately, for people correct what is fresh, and a few of the others.
    """
    by_age = sorted(ours, key=lambda one: (one.verified_at or one.booked_at, one.number))
    odd = [one for one in by_age if _is_odd(one, listed.get(one.number))]
    rest = [one for one in by_age if not _is_odd(one, listed.get(one.number))]
    lately = [one for one in rest if now - one.booked_at < _LATELY]
    others = [one for one in rest if now - one.booked_at >= _LATELY]
    return (*odd, *lately[:_MOST_LATELY], *others[:_IN_TURN])


def _is_odd(one: Standing, there: VoucherListItem | None) -> bool:
    """Tell whether the list says something else of a voucher than we do, or somebody waits for an answer."""
    return there is None or there.transaction_date != one.transaction_date or one.is_watched


@dataclass(frozen=True, slots=True)
class Marked:
    """A marker that was given here: the company's voucher, or None for another's in the same books."""

    voucher_id: str | None


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

    async def known_since_last_try(self, financial_year: int, code: str) -> tuple[int, frozenset[int]]:
        """Return how far a series had counted at our last try in it, and the numbers given here since.

        Whatever stood there at that try was looked at before it.
        """
        last_try = (
            sa.select(attempt.c.watermark)
            .join(voucher, voucher.c.voucher_id == attempt.c.voucher_id)
            .where(
                voucher.c.company_id == self._company_id,
                attempt.c.fortnox_company == self._fortnox_company,
                attempt.c.financial_year == financial_year,
                attempt.c.series == code,
            )
            .order_by(attempt.c.watermark.desc())
            .limit(1)
            .scalar_subquery()
        )
        since = sa.select(sa.func.coalesce(last_try, 0).label("last")).subquery("since")
        own = self._in(Series(financial_year, code, is_ours_alone=False))
        query = sa.select(since.c.last, booking.c.number).select_from(
            since.outerjoin(booking, sa.and_(own, booking.c.number > since.c.last))
        )
        rows = (await self._connection.execute(query)).all()
        return rows[0].last, frozenset(row.number for row in rows if row.number is not None)

    async def given(self, series: Series) -> frozenset[int]:
        """Return every number that was ever given to a voucher from here, deleted ones too."""
        query = sa.select(booking.c.number).where(self._place(series))
        return frozenset((await self._connection.execute(query)).scalars())

    async def marked(self, marker: str) -> Marked | None:
        """Return whose a marker is; None for one that was not given here."""
        query = sa.select(voucher.c.voucher_id, voucher.c.company_id).where(voucher.c.marker == marker)
        rows = (await self._connection.execute(query)).all()
        mine = next((row.voucher_id for row in rows if row.company_id == self._company_id), None)
        return Marked(mine) if rows else None

    def _in(self, series: Series) -> sa.ColumnElement[bool]:
        return sa.and_(self._place(series), booking.c.gone_at.is_(None))

    def _place(self, series: Series) -> sa.ColumnElement[bool]:
        return sa.and_(
            booking.c.fortnox_company == self._fortnox_company,
            booking.c.financial_year == series.financial_year,
            booking.c.series == series.code,
        )
