"""The sums of a till session, added up in the database: one aggregation, however many receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import EntryType, Tally, TransactionKind
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.export.tables import claim
from fortnox_sync.intake.tables import till_entry, till_transaction

_APART = (TransactionKind.DRAWER.value, TransactionKind.PURCHASE.value)


@dataclass(frozen=True, slots=True)
class SessionSums:
    """Everything a session adds up to: what is in live vouchers already, and what is not."""

    claimed: tuple[Tally, ...]
    unclaimed: tuple[Tally, ...]

    @property
    def all(self) -> tuple[Tally, ...]:
        """Return both: what the Z report must equal."""
        return (*self.claimed, *self.unclaimed)


def live_claims(company_id: str, session_id: str) -> sa.Select[str]:
    """Select the transactions of a session that are in live vouchers."""
    return sa.select(claim.c.transaction_id).where(
        claim.c.company_id == company_id,
        claim.c.session_id == session_id,
        claim.c.released_at.is_(None),
    )


async def session_sums(connection: AsyncConnection, company_id: str, session_id: str) -> SessionSums:
    """Sum the entries of a session by kind, item, rate, cost centre and whether they are claimed."""
    rows = await _sums(connection, company_id, session_id, live_claims(company_id, session_id))
    return SessionSums(
        claimed=tuple(_tally(row) for row in rows if row.is_claimed),
        unclaimed=tuple(_tally(row) for row in rows if not row.is_claimed),
    )


async def voucher_sums(
    connection: AsyncConnection, company_id: str, session_id: str, voucher_id: str
) -> tuple[Tally, ...]:
    """Sum the entries of the transactions that one voucher holds."""
    mine = sa.select(claim.c.transaction_id).where(
        claim.c.voucher_id == voucher_id, claim.c.released_at.is_(None)
    )
    rows = await _sums(connection, company_id, session_id, mine)
    return tuple(_tally(row) for row in rows if row.is_claimed)


async def _sums(
    connection: AsyncConnection, company_id: str, session_id: str, claimed: sa.Select[str]
) -> Sequence[Any]:
    """Sum a session; drawer movements and purchases are not netted, so they keep their transaction.

    The two kinds are grouped apart: a transaction's id among the keys of all would let the database
    expect as many groups as there are receipts, and sort every row on disk.
    """
    transaction_id = till_entry.c.transaction_id
    apart = sa.select(till_transaction.c.transaction_id).where(
        _of(company_id, session_id), till_transaction.c.kind.in_(_APART)
    )
    own = sa.and_(till_entry.c.company_id == company_id, till_entry.c.session_id == session_id)
    netted = _grouped(claimed, own, till_entry.c.kind.not_in(_APART))
    kept = _grouped(claimed, own, transaction_id.in_(apart), apart=transaction_id)
    return (await connection.execute(sa.union_all(netted, kept))).all()


def _grouped(
    claimed: sa.Select[str], *which: sa.ColumnElement[bool], apart: sa.Column[str] | None = None
) -> sa.Select[Any]:
    entry = till_entry.c
    keys = [entry.kind, entry.type, entry.item_id, entry.register_id, entry.vat_rate, entry.cost_center_id]
    is_claimed = entry.transaction_id.in_(claimed).label("is_claimed")
    sums = (sa.func.sum(entry.amount).label("amount"), sa.func.sum(entry.vat).label("vat"))
    kept = sa.null() if apart is None else apart
    grouped = sa.select(*keys, is_claimed, kept.label("apart"), *sums).where(*which)
    return grouped.group_by(*keys, is_claimed, *([] if apart is None else [apart]))


def _tally(row: Any) -> Tally:  # noqa: ANN401 - a row of the query above
    return Tally(
        kind=TransactionKind(row.kind),
        type=EntryType(row.type),
        item_id=row.item_id,
        register_id=row.register_id,
        amount=Money(int(row.amount)),
        vat=Money(int(row.vat)),
        vat_rate=VatRate.parse(row.vat_rate) if row.vat_rate is not None else None,
        cost_center_id=row.cost_center_id,
        transaction_id=row.apart,
    )


async def transaction_count(connection: AsyncConnection, company_id: str, session_id: str) -> int:
    """Count the transactions received of a session."""
    query = sa.select(sa.func.count()).where(_of(company_id, session_id))
    return (await connection.execute(query.select_from(till_transaction))).scalar_one()


async def are_told(connection: AsyncConnection, company_id: str, transaction_ids: Sequence[str]) -> bool:
    """Tell whether all of some transactions are in the ledger."""
    query = sa.select(sa.func.count()).where(
        till_transaction.c.company_id == company_id, till_transaction.c.transaction_id.in_(transaction_ids)
    )
    found = (await connection.execute(query.select_from(till_transaction))).scalar_one()
    return found == len(transaction_ids)


async def missing_receipts(
    connection: AsyncConnection, company_id: str, session_id: str, most: int = 100
) -> tuple[int, ...]:
    """List receipt numbers left out between the first and the last that came."""
    number = till_transaction.c.receipt_number
    before = sa.func.lag(number).over(order_by=number).label("before")
    numbered = (
        sa.select(number.label("number"), before)
        .where(_of(company_id, session_id), number.is_not(None))
        .subquery()
    )
    gaps = (
        sa.select(numbered.c.before, numbered.c.number)
        .where(numbered.c.number > numbered.c.before + 1)
        .order_by(numbered.c.number)
        .limit(most)
    )
    found = [n for row in await connection.execute(gaps) for n in range(row.before + 1, row.number)[:most]]
    return tuple(found[:most])


async def spoken_texts(connection: AsyncConnection, company_id: str, session_id: str) -> dict[str, str]:
    """Return what people noted on drawer movements and purchases."""
    query = sa.select(till_transaction.c.transaction_id, till_transaction.c.text).where(
        _of(company_id, session_id),
        till_transaction.c.kind.in_(_APART),
        till_transaction.c.text.is_not(None),
    )
    return {row.transaction_id: row.text for row in await connection.execute(query)}


def _of(company_id: str, session_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(till_transaction.c.company_id == company_id, till_transaction.c.session_id == session_id)
