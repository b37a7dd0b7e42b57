"""Holes: numbers in a series of our own under which nothing stands, and that nothing told here explains."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import numbers_missing
from fortnox_sync.export.standing import Series, Shelf
from fortnox_sync.fault.accept import was_accepted
from fortnox_sync.fault.model import subject
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fault.tables import fault as fault_table
from fortnox_sync.fortnox import VoucherListItem
from fortnox_sync.runtime.telemetry import log


def holes(given: Collection[int], listed: Collection[int]) -> tuple[int, ...]:
    """Return the numbers below our highest that were never given to us and that nothing stands under."""
    return tuple(n for n in range(1, max(given, default=0)) if n not in given and n not in listed)


async def tell_holes(desk: Desk, series: Series, listed: Mapping[int, VoucherListItem]) -> None:
    """Tell the numbers nobody can account for, once as they are; a series without any closes what was told.

    What was ours there is told as deleted, and what was told as a copy or as somebody else's was deleted by
    whoever corrected it. The rest is odd: people can delete only a series' last voucher (Fortnox help),
    so the vendor may have restored the books, or the list lags.
    """
    if not series.is_ours_alone or not listed:
        return
    async with desk.database.read() as connection:
        given = await Shelf(connection, desk.company_id, desk.books.token.fortnox_company).given(series)
        explained = await _explained(connection, desk.company_id, series.code)
    missing = tuple(number for number in holes(given, listed) if number not in explained)
    fault = numbers_missing(listed[max(listed)], missing)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        if not missing:
            await faults.close(fault.code, subject(fault))
        elif not await was_accepted(connection, desk.company_id, fault):
            await faults.open(fault)
            log.warning(
                "export.numbers_missing",
                company_id=desk.company_id,
                series=series.code,
                first=missing[0],
                numbers=len(missing),
            )


async def _explained(connection: AsyncConnection, company_id: str, code: str) -> set[int]:
    """Return the numbers of a series that were told as copies or as somebody else's, at any time."""
    query = sa.select(fault_table.c.facts).where(
        fault_table.c.company_id == company_id,
        fault_table.c.code.in_(("voucher_foreign", "voucher_duplicate")),
    )
    told = [
        one
        for facts in (await connection.execute(query)).scalars()
        for one in (facts["voucher"], *facts.get("copies", ()))
    ]
    return {one["number"] for one in told if one["series"] == code}
