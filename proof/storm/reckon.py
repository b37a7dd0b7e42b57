"""Reckoning: Fortnox's own ledger beside what the till sold, and how long certainty took."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from tests.world import World

from fortnox_sync.export.tables import attempt, booking, claim, voucher
from proof.finding import Tally
from proof.storm.sales import Voyage
from proof.storm.weather import Weather

Json = dict[str, Any]


async def reckon(world: World, weather: Weather, voyage: Voyage, decided: int) -> Tally:
    """Count what is there twice, what is nowhere, and by how many öre the accounts are off."""
    there = await world.booked()
    holding = await _holding(world)
    nothing = await _adding_up_to_nothing(world)
    copies = Counter(map(marker_of, there))
    held = {sale for marker, sales in holding.items() if copies[marker] for sale in sales}
    sums: Counter[int] = Counter()
    for row in (row for one in there for row in one["rows"]):
        sums[row["account"]] += row["debit"] - row["credit"]
    must = voyage.by_account
    return Tally(
        faults=weather.faults,
        fail_points=weather.fail_points,
        sales=len(voyage.sold),
        vouchers=len(there),
        duplicates=sum(number - 1 for marker, number in copies.items() if marker in holding)
        + sum(number for marker, number in copies.items() if marker not in holding),
        lost=len({one["transaction_id"] for one in voyage.sold} - held - nothing),
        ore_difference=sum(abs(sums[account] - must[account]) for account in sums | must),
        needed_a_person=decided,
        to_certainty_s=await _to_certainty(world),
        seeds=(weather.seed,),
    )


def marker_of(booked: Json) -> str:
    """Return the marker that a voucher in Fortnox carries."""
    return str(booked["comments"] or "").partition(" ")[0]


async def _holding(world: World) -> dict[str, list[str]]:
    """Return which sales each marker stands for; a voucher without sales too, for it may be booked."""
    query = sa.select(voucher.c.marker, claim.c.transaction_id).join(
        claim,
        sa.and_(claim.c.voucher_id == voucher.c.voucher_id, claim.c.released_at.is_(None)),
        isouter=True,
    )
    holding: dict[str, list[str]] = {}
    async with world.service.database.read() as connection:
        for row in await connection.execute(query):
            holding.setdefault(row.marker, []).append(row.transaction_id)
    return holding


async def _adding_up_to_nothing(world: World) -> set[str]:
    """Return the sales of sessions that come to 0 on every account: Fortnox takes no empty voucher."""
    query = (
        sa.select(claim.c.transaction_id)
        .join(voucher, voucher.c.voucher_id == claim.c.voucher_id)
        .where(voucher.c.state == "empty", claim.c.released_at.is_(None))
    )
    async with world.service.database.read() as connection:
        return set((await connection.execute(query)).scalars())


async def _to_certainty(world: World) -> tuple[float, ...]:
    """Return how long each try that ended in doubt was in it: until it was found, or proven absent."""
    found = sa.and_(attempt.c.outcome == "created", booking.c.source != "answer")
    query = (
        sa.select(attempt.c.started_at, attempt.c.ended_at)
        .join(booking, booking.c.voucher_id == attempt.c.voucher_id)
        .where(sa.or_(found, attempt.c.outcome == "absent"))
    )
    async with world.service.database.read() as connection:
        rows = (await connection.execute(query)).all()
    return tuple((row.ended_at - row.started_at).total_seconds() for row in rows)
