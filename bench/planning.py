"""Planning: the sums of a large session, and all of its planning, to the barest aggregation of its rows."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bench import big_day
from bench.big_day import COMPANY, SESSION
from bench.databases import Shelf
from bench.figures import Aim, Figure
from fortnox_sync.export import tally
from fortnox_sync.runtime.database import Database

MANY, FEW = 100_000, 1_000
ROUNDS = 7
PLANS = 3
_AGGREGATION = Aim(1.5, at_most=True)
_FLAT = Aim(1.5, at_most=True)
# What the sums are made of: the same rows by the same keys, but not whether a voucher has them already.
_BARE = sa.text("""
    SELECT kind, type, item_id, register_id, vat_rate, cost_center_id,
        CASE WHEN kind IN ('drawer', 'purchase') THEN transaction_id END, sum(amount), sum(vat)
    FROM till_entry WHERE company_id = :company_id AND session_id = :session_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7""")


def measure(shelf: Shelf) -> Iterator[Figure]:
    """Measure a fresh session, then one of which half is in vouchers already."""
    fresh = big_day.told(shelf, MANY)
    half = big_day.half_claimed(shelf, fresh, MANY)
    yield from (
        _figure(shelf, "sums of 100 000 transactions", asyncio.run(_sums(fresh)), _AGGREGATION),
        _figure(shelf, "the same, half of them claimed", asyncio.run(_sums(half)), _AGGREGATION),
        _figure(shelf, "all of planning, 100 000 claims", _plans(shelf, fresh)),
        _figure(shelf, "all of planning, the other half", _plans(shelf, half)),
    )
    few = big_day.told(shelf, FEW)
    peaks = (asyncio.run(_peak(fresh)), asyncio.run(_peak(few)))
    against = f"peak memory for 1 000 transactions ({peaks[0] // 1024} to {peaks[1] // 1024} KiB)"
    yield Figure("planning", shelf.kind, "peak memory of planning", against, (peaks[0] / peaks[1],), _FLAT)


def _figure(shelf: Shelf, name: str, ratios: tuple[float, ...], aim: Aim | None = None) -> Figure:
    return Figure("planning", shelf.kind, name, "time of a bare SELECT … GROUP BY", ratios, aim)


async def _sums(url: str) -> tuple[float, ...]:
    """Time both by turns over one connection; the round before the first warms up."""
    database = Database(url)
    async with database.read() as connection:
        ratios = [
            await _seconds(lambda: tally.session_sums(connection, COMPANY, SESSION))
            / await _seconds(lambda: _bare(connection))
            for _ in range(ROUNDS + 1)
        ]
    await database.dispose()
    return tuple(ratios[1:])


def _plans(shelf: Shelf, url: str) -> tuple[float, ...]:
    """Plan in a copy each time: a session is planned once."""
    return tuple(asyncio.run(_plan(shelf.copy(url))) for _ in range(PLANS))


async def _plan(url: str) -> float:
    database = Database(url)
    async with database.read() as connection:
        await _bare(connection)
        bare = await _seconds(lambda: _bare(connection))
    planning = await _seconds(lambda: big_day.plan_day(database))
    await database.dispose()
    return planning / bare


async def _peak(url: str) -> int:
    """Plan and tell the most that Python held meanwhile, in bytes; what was loaded before does not count."""
    database = Database(url)
    async with database.read() as connection:
        await tally.session_sums(connection, COMPANY, SESSION)
    tracemalloc.start()
    await big_day.plan_day(database)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await database.dispose()
    return peak


async def _bare(connection: AsyncConnection) -> None:
    named = {"company_id": COMPANY, "session_id": SESSION}
    (await connection.execute(_BARE, named)).all()


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began
