"""Z numbers run without a gap per register (SKVFS 2014:9): one that never came is a missing voucher."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.export.tables import accepted_gap
from fortnox_sync.export.warnings import DayWarning, DayWarnings, Kind
from fortnox_sync.fault.facts import NumberGapFacts
from fortnox_sync.fault.model import ZNumberGap, subject
from fortnox_sync.fault.parts import TillRegister
from fortnox_sync.fault.repository import Faults
from fortnox_sync.intake.tables import catalog_item, day_close
from fortnox_sync.runtime.database import Database

# A person reads some of them; a register that counts by the thousand has another trouble.
MOST_NUMBERS = 100
_MOST_BREAKS = 200

_KINDS = (Kind.Z_NUMBER_REPEATED, Kind.Z_NUMBER_OUT_OF_ORDER)


@dataclass(frozen=True, slots=True)
class Break:
    """A close whose number is not the next one after that of the register's close before it."""

    session_id: str
    register_id: str
    before: int
    z_number: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of a register that never came; `up_to` is the last of them where not all are listed."""

    register_id: str
    missing: tuple[int, ...]
    up_to: int | None = None

    @property
    def last(self) -> int:
        """Return the highest number that never came."""
        return self.up_to or self.missing[-1]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is odd about the numbers of a company's registers."""

    gaps: frozenset[Gap]
    warnings: tuple[DayWarning, ...]


async def look(connection: AsyncConnection, company_id: str) -> Findings:
    """Look through the closes from the start date on; one statement where all numbers follow each other."""
    company = await companies.find(connection, company_id)
    if company is None or company.start_on is None:
        return Findings(frozenset(), ())
    found = await _breaks(connection, company_id, company.start_on)
    jumps = [one for one in found if one.z_number > one.before + 1]
    warnings = tuple(_warning(one) for one in found if one.z_number <= one.before)
    if not jumps:
        return Findings(frozenset(), warnings)
    registers = {one.register_id for one in jumps}
    told = await _told(connection, company_id, company.start_on, registers)
    accepted = await _accepted(connection, company_id, registers)
    gaps = (_gap(one, told[one.register_id], accepted[one.register_id]) for one in jumps)
    return Findings(frozenset(gap for gap in gaps if gap is not None), warnings)


async def _breaks(connection: AsyncConnection, company_id: str, start_on: date) -> list[Break]:
    """Find closes that do not follow the one before them in time, wherever that lies.

    By time and not by number, so that a register that was reset or replaced begins a new series: the
    numbers between are nobody's. Of a close that was corrected, the latest revision counts.
    """
    close = day_close.c
    before = sa.func.lag(close.z_number).over(
        partition_by=close.register_id, order_by=(close.closed_at, close.z_number)
    )
    numbered = (
        sa.select(close.session_id, close.register_id, close.z_number, close.business_date)
        .add_columns(before.label("before"))
        .where(close.company_id == company_id, _is_latest())
        .subquery("numbered")
    )
    query = (
        sa.select(numbered.c.session_id, numbered.c.register_id, numbered.c.before, numbered.c.z_number)
        .where(numbered.c.z_number != numbered.c.before + 1, numbered.c.business_date >= start_on)
        .order_by(numbered.c.business_date, numbered.c.session_id)
        .limit(_MOST_BREAKS)
    )
    return [Break(*row) for row in await connection.execute(query)]


def _is_latest() -> sa.ColumnElement[bool]:
    later = day_close.alias("later")
    return ~sa.exists(
        sa.select(1).where(
            later.c.company_id == day_close.c.company_id,
            later.c.session_id == day_close.c.session_id,
            later.c.revision > day_close.c.revision,
        )
    )


async def _told(
    connection: AsyncConnection, company_id: str, start_on: date, registers: Collection[str]
) -> dict[str, set[int]]:
    """Return the numbers that came: one that a wrong clock put elsewhere in time is not missing."""
    query = sa.select(day_close.c.register_id, day_close.c.z_number).where(
        day_close.c.company_id == company_id,
        day_close.c.business_date >= start_on,
        day_close.c.register_id.in_(registers),
        _is_latest(),
    )
    told: dict[str, set[int]] = {one: set() for one in registers}
    for row in await connection.execute(query):
        told[row.register_id].add(row.z_number)
    return told


async def _accepted(
    connection: AsyncConnection, company_id: str, registers: Collection[str]
) -> dict[str, list[range]]:
    """Return the numbers an operator signed for."""
    query = sa.select(accepted_gap).where(
        accepted_gap.c.company_id == company_id, accepted_gap.c.register_id.in_(registers)
    )
    accepted: dict[str, list[range]] = {one: [] for one in registers}
    for row in await connection.execute(query):
        accepted[row.register_id].append(range(row.from_z_number, row.to_z_number + 1))
    return accepted


def _gap(jump: Break, told: Collection[int], accepted: Sequence[range]) -> Gap | None:
    """Return the numbers a jump left out, but for those that came elsewhere and those signed for."""
    upwards = missing(jump.before + 1, jump.z_number, told, accepted)
    listed = tuple(number for number, _ in zip(upwards, range(MOST_NUMBERS), strict=False))
    if not listed:
        return None
    left_out = missing(jump.z_number - 1, listed[-1], told, accepted)
    return Gap(jump.register_id, listed, next(left_out, None))


def missing(start: int, stop: int, told: Collection[int], accepted: Sequence[range]) -> Iterator[int]:
    """Yield the numbers from one on towards another, without that, that neither came nor were signed for.

    A range that was signed for is leapt over: it can be as long as a register counts.
    """
    step = 1 if start < stop else -1
    number = start
    while (stop - number) * step > 0:
        signed_for = next((one for one in accepted if number in one), None)
        if signed_for is not None:
            number = signed_for.stop if step > 0 else signed_for.start - 1
            continue
        if number not in told:
            yield number
        number += step


def _warning(one: Break) -> DayWarning:
    """Tell of a number that came before, or of one lower than the last: a register reset or replaced."""
    kind = Kind.Z_NUMBER_REPEATED if one.z_number == one.before else Kind.Z_NUMBER_OUT_OF_ORDER
    facts: dict[str, Any] = {"register_id": one.register_id, "z_number": one.z_number, "before": one.before}
    return DayWarning(one.session_id, kind, str(one.z_number), facts)


async def is_as_told(database: Database, connection: AsyncConnection, company_id: str) -> bool:
    """Tell whether the open faults and the warnings are exactly what a look finds now."""
    found = await look(connection, company_id)
    standing = await Faults(database, connection, company_id).open_of("z_number_gap")
    told = await DayWarnings(database, connection, company_id).of(_KINDS)
    return found.gaps == {_gap_of(one) for one in standing if isinstance(one, ZNumberGap)} and sorted(
        map(_key, found.warnings)
    ) == sorted(map(_key, told))


def _key(warning: DayWarning) -> tuple[str, str, str, int]:
    return warning.session_id, warning.kind.value, warning.subject, warning.facts["before"]


def _gap_of(fault: ZNumberGap) -> Gap:
    facts = fault.facts
    return Gap(facts.till_register.register_id, facts.missing_z_numbers, facts.up_to)


async def tell(database: Database, connection: AsyncConnection, company_id: str) -> None:
    """Keep the open faults exactly equal to the gaps: open new ones, close those filled or signed for.

    A gap that is filled in part has another subject, so it takes the place of the fault before.
    """
    found = await look(connection, company_id)
    names = await _names(connection, company_id, {gap.register_id for gap in found.gaps})
    wanted = [_fault(gap, names.get(gap.register_id, "")) for gap in sorted(found.gaps, key=_place)]
    faults = Faults(database, connection, company_id)
    standing = await faults.open_of("z_number_gap")
    for about in {subject(one) for one in standing} - {subject(one) for one in wanted}:
        await faults.close("z_number_gap", about)
    for one in wanted:
        if one not in standing:
            await faults.open(one)
    await DayWarnings(database, connection, company_id).keep(_KINDS, found.warnings)


def _place(gap: Gap) -> tuple[str, int]:
    return gap.register_id, gap.missing[0]


def _fault(gap: Gap, name: str) -> ZNumberGap:
    register = TillRegister(register_id=gap.register_id, name=name)
    return ZNumberGap(
        facts=NumberGapFacts(till_register=register, missing_z_numbers=gap.missing, up_to=gap.up_to)
    )


async def _names(connection: AsyncConnection, company_id: str, registers: Collection[str]) -> dict[str, str]:
    query = sa.select(catalog_item.c.item_id, catalog_item.c.name).where(
        catalog_item.c.company_id == company_id,
        catalog_item.c.dimension == "register",
        catalog_item.c.item_id.in_(registers),
        catalog_item.c.name.is_not(None),
    )
    return {row.item_id: row.name for row in await connection.execute(query)} if registers else {}
