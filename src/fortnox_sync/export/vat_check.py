"""VAT against its rate: what the till says is booked, and what it says oddly is shown with the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.vat import VatRate, is_within_rounding
from fortnox_sync.export.warnings import DayWarning, DayWarnings, Kind
from fortnox_sync.intake.payload import Totals
from fortnox_sync.intake.tables import day_close, till_entry
from fortnox_sync.runtime.database import Database

# Enough to see what is wrong; the row `EVERY` says how many there are.
MOST_LINES = 100
EVERY = "all"

_KINDS = (Kind.VAT_OFF_RATE, Kind.VAT_TOTAL_OFF_RATE)
_entry = till_entry.c


@dataclass(frozen=True, slots=True)
class _Total:
    """What a Z report says of a rate in all, in öre."""

    vat_rate: str
    gross: int
    vat: int


async def check_vat(
    database: Database, connection: AsyncConnection, company_id: str, session_id: str
) -> None:
    """Warn of each line, and of each total of the Z report, whose VAT is not what its rate makes of it.

    Nothing is held up by it: the till's figure is booked as it stands, never computed again.
    """
    lines = await _lines_off(connection, company_id, session_id)
    totals = await _totals_off(connection, company_id, session_id)
    kept = DayWarnings(database, connection, company_id)
    await kept.keep(_KINDS, (*_told(session_id, lines), *totals), session_id)


async def _lines_off(connection: AsyncConnection, company_id: str, session_id: str) -> Sequence[Any]:
    """Find lines off their rate, and how many there are, in one scan of the session."""
    query = (
        sa.select(
            _entry.transaction_id,
            _entry.position,
            _entry.vat_rate,
            _entry.amount,
            _entry.vat,
            sa.func.count().over().label("every"),
        )
        .where(_sales(company_id, session_id), is_off(_entry.vat_rate, _entry.amount, _entry.vat))
        .order_by(_entry.transaction_id, _entry.position)
        .limit(MOST_LINES)
    )
    return (await connection.execute(query)).all()


def _sales(company_id: str, session_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        _entry.company_id == company_id, _entry.session_id == session_id, _entry.vat_rate.is_not(None)
    )


def is_off(
    vat_rate: sa.ColumnElement[str | None], gross: sa.ColumnElement[int], vat: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """Say `not is_within_rounding` of one line in whole numbers, for a database: 2·|exact - told| > 1 öre.

    With the rate in hundredths of a percent, exact is gross·rate / (10 000 + rate). The largest product,
    10^13 öre at 99,99 %, has room in 64 bits.
    """
    rate = _hundredths(vat_rate)
    whole = rate + 10_000
    return sa.func.abs(2 * gross * rate - 2 * vat * whole) > whole


def _hundredths(rate: sa.ColumnElement[str | None]) -> sa.ColumnElement[int]:
    """Read a rate as it is kept, `25`, `12.5` or `12.25`, as hundredths of a percent, without a float."""
    digits = sa.cast(sa.func.replace(rate, ".", ""), sa.BigInteger)
    return digits * sa.case((rate.like("%.__"), 1), (rate.like("%._"), 10), else_=100)


def _told(session_id: str, lines: Sequence[Any]) -> list[DayWarning]:
    """Tell each line found, and of how many."""
    told = [
        DayWarning(
            session_id,
            Kind.VAT_OFF_RATE,
            f"{line.transaction_id}/{line.position}",
            _facts(line.vat_rate, line.amount, line.vat),
        )
        for line in lines
    ]
    every = [DayWarning(session_id, Kind.VAT_OFF_RATE, EVERY, {"lines": lines[0].every})] if lines else []
    return [*told, *every]


def _facts(rate: str, gross: int, vat: int) -> dict[str, Any]:
    expected = VatRate.parse(rate).vat_in(Money(gross))
    return {"vat_rate": rate, "gross_ore": gross, "vat_ore": vat, "expected_ore": expected.ore}


async def _totals_off(connection: AsyncConnection, company_id: str, session_id: str) -> list[DayWarning]:
    """Find rates whose total in the Z report is further off than its lines could be by rounding.

    A receipt rounds once for each rate, so as many half öre as receipts need no second look. Some tills
    round line by line; only then are the lines counted.
    """
    query = (
        sa.select(day_close.c.totals, day_close.c.transaction_count)
        .where(day_close.c.company_id == company_id, day_close.c.session_id == session_id)
        .order_by(day_close.c.revision.desc())
        .limit(1)
    )
    close = (await connection.execute(query)).one_or_none()
    if close is None:
        return []
    odd = [one for one in _of_each_rate(close.totals) if not _is_within(one, close.transaction_count)]
    lines = await _lines_of_rates(connection, company_id, session_id) if odd else {}
    return [
        DayWarning(
            session_id,
            Kind.VAT_TOTAL_OFF_RATE,
            one.vat_rate,
            _facts(one.vat_rate, one.gross, one.vat) | {"lines": lines.get(one.vat_rate, 0)},
        )
        for one in odd
        if not _is_within(one, lines.get(one.vat_rate, 0))
    ]


def _of_each_rate(told: dict[str, Any]) -> list[_Total]:
    """Add up what a report says of each rate: some say it group by group."""
    gross: Counter[str] = Counter()
    vat: Counter[str] = Counter()
    for one in Totals.model_validate(told, strict=False).sales:
        gross[one.vat_rate] += one.gross
        vat[one.vat_rate] += one.vat
    return [_Total(rate, gross[rate], vat[rate]) for rate in gross]


def _is_within(total: _Total, lines: int) -> bool:
    rate = VatRate.parse(total.vat_rate)
    return is_within_rounding(rate, Money(total.gross), Money(total.vat), max(lines, 1))


async def _lines_of_rates(connection: AsyncConnection, company_id: str, session_id: str) -> dict[str, int]:
    query = (
        sa.select(_entry.vat_rate, sa.func.count().label("lines"))
        .where(_sales(company_id, session_id))
        .group_by(_entry.vat_rate)
    )
    return {row.vat_rate: row.lines for row in await connection.execute(query)}
