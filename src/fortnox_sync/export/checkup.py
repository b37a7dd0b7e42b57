"""Auditing the books as they stand here: every invariant is asked for, and what breaks one is told.

It only reads. On PostgreSQL all statements see one moment; on SQLite each sees its own, so that the one
writer gets in between them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import company
from fortnox_sync.export.invariants import INVARIANTS
from fortnox_sync.export.payload import digest_of
from fortnox_sync.export.tables import voucher, voucher_row
from fortnox_sync.runtime.database import Database

MOST_SHOWN = 100
FROZEN = "voucher_as_frozen"
_FROZEN_RULE = "What a voucher says is what it was frozen as: its hash made anew is the one it has."
# Vouchers whose hashes are looked at together: what is in memory at a time.
_AT_ONCE = 500

Broken = Mapping[str, Any]
_Opening = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant and the first rows that break it, `MOST_SHOWN` at most; none where it holds."""

    name: str
    rule: str
    rows: tuple[Broken, ...]
    is_cut: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether nothing breaks it."""
        return not self.rows


async def check_up(database: Database, company_id: str | None = None) -> tuple[Finding, ...]:
    """Ask for every invariant, of one company or of all."""
    async with _moment(database) as opened:
        found = []
        for one in INVARIANTS:
            async with opened() as connection:
                answer = await connection.execute(one.query(company_id, MOST_SHOWN + 1))
                rows = [_plain(row) for row in answer.mappings()]
            found.append(_finding(one.name, one.rule, rows))
        return (*found, _finding(FROZEN, _FROZEN_RULE, await _thawed(opened, company_id)))


async def is_known(database: Database, company_id: str) -> bool:
    """Tell whether there is such a company."""
    query = sa.select(company.c.company_id).where(company.c.company_id == company_id)
    async with database.read() as connection:
        return (await connection.execute(query)).one_or_none() is not None


def _plain(row: sa.RowMapping) -> Broken:
    """Have sums as whole numbers: PostgreSQL adds up in a type of its own."""
    return {name: int(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _finding(name: str, rule: str, rows: Sequence[Broken]) -> Finding:
    return Finding(name, rule, tuple(rows[:MOST_SHOWN]), is_cut=len(rows) > MOST_SHOWN)


@asynccontextmanager
async def _moment(database: Database) -> AsyncIterator[_Opening]:
    """Lend what opens the one snapshot again and again, or a transaction for each statement on SQLite."""
    if database.dialect == "sqlite":
        yield database.read
        return
    async with database.read(snapshot=True) as connection:

        @asynccontextmanager
        async def same() -> AsyncIterator[AsyncConnection]:
            yield connection

        yield same


async def _thawed(opened: _Opening, company_id: str | None) -> list[Broken]:
    """Hash every voucher anew, some at a time, and return the first that differ."""
    differing: list[Broken] = []
    after = ""
    while len(differing) <= MOST_SHOWN:
        async with opened() as connection:
            rows = (await connection.execute(_some(company_id, after))).all()
        if not rows:
            break
        after = rows[-1].voucher_id
        for _, said in groupby(rows, key=lambda row: row.voucher_id):
            differing += _if_it_differs(tuple(said))
    return differing


def _some(company_id: str | None, after: str) -> sa.Select[Any]:
    """Select the next vouchers with the rows they have now."""
    mine = sa.true() if company_id is None else voucher.c.company_id == company_id
    some = (
        sa.select(voucher)
        .where(voucher.c.voucher_id > after, mine)
        .order_by(voucher.c.voucher_id)
        .limit(_AT_ONCE)
        .subquery("some_vouchers")
    )
    one, row = some.c, voucher_row.c
    has_row = sa.and_(row.voucher_id == one.voucher_id, row.revision == one.revision)
    frozen = (one.series, one.transaction_date, one.description, one.payload_hash)
    return (
        sa.select(one.company_id, one.voucher_id, *frozen)
        .add_columns(row.account, row.cost_center, row.debit, row.credit, row.text)
        .select_from(some.outerjoin(voucher_row, has_row))
        .order_by(one.voucher_id, row.position)
    )


def _if_it_differs(rows: Sequence[Any]) -> Iterable[Broken]:
    """Yield a voucher, given with its rows, if its hash is not that of what it says."""
    one = rows[0]
    said = [
        (row.account, row.cost_center, row.debit, row.credit, row.text)
        for row in rows
        if row.account is not None
    ]
    if digest_of(one.series, one.transaction_date, one.description, said) != one.payload_hash:
        yield {"company_id": one.company_id, "voucher_id": one.voucher_id}
