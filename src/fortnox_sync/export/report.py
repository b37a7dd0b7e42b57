"""The paper for a voucher: the till's Z report, or one made here where it sent none that is a PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import TransactionKind
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.connection import company as companies
from fortnox_sync.export.day_report import DayReport, Named, RateLine, draw
from fortnox_sync.export.papers import Paper
from fortnox_sync.export.repository import Vouchers
from fortnox_sync.export.tables import claim
from fortnox_sync.intake.tables import catalog_item, day_close, day_report, till_entry, till_transaction
from fortnox_sync.runtime.database import Database

_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Report:
    """A PDF to put onto a voucher, and who made it."""

    source: Literal["till", "service"]
    name: str
    content: bytes


async def report_for(
    database: Database, connection: AsyncConnection, company_id: str, paper: Paper, now: datetime
) -> Report:
    """Return the till's latest Z report; without one, a page of our own about what the voucher holds."""
    told = await _told_by_till(connection, company_id, paper.session_id)
    mark = f"{paper.business_date}-{paper.series}-{paper.number}-{paper.marker.lstrip('#')}.pdf"
    if told is not None and _is_pdf(told):
        return Report("till", f"Z-rapport-{mark}", told.content)
    facts = await _facts(database, connection, company_id, paper, now)
    return Report("service", f"Dagsrapport-{mark}", draw(facts))


async def _told_by_till(connection: AsyncConnection, company_id: str, session_id: str) -> Any:  # noqa: ANN401 - a row, or None
    query = (
        sa.select(day_report.c.media_type, day_report.c.content)
        .where(day_report.c.company_id == company_id, day_report.c.session_id == session_id)
        .order_by(day_report.c.revision.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


def _is_pdf(told: Any) -> bool:  # noqa: ANN401 - a row of day_report
    """Believe the bytes and not the till's word alone: Fortnox refuses what it can't read."""
    media_type = told.media_type.partition(";")[0].strip().lower()
    return media_type == "application/pdf" and bytes(told.content).startswith(_PDF)


async def _facts(
    database: Database, connection: AsyncConnection, company_id: str, paper: Paper, now: datetime
) -> DayReport:
    """Gather what the page tells, all of it about the transactions that this voucher holds."""
    standing = await Vouchers(database, connection, company_id).find(paper.voucher_id)
    whose = await companies.find(connection, company_id)
    if standing is None or whose is None:
        raise LookupError(paper.voucher_id)
    close = await _close(connection, company_id, paper.session_id)
    names = await _names(connection, company_id)
    sums = await _sums(connection, company_id, paper)
    receipts, refunds, refunded = await _receipts(connection, company_id, paper)
    return DayReport(
        company=whose.name or company_id,
        organisation_number=whose.organisation_number,
        register=names.get(("register", standing.register_id), standing.register_id),
        session=paper.session_id,
        part=standing.part,
        business_date=paper.business_date,
        z_number=close.z_number if close else None,
        opened_at=close.opened_at if close else None,
        closed_at=close.closed_at if close else None,
        receipts=receipts,
        refunds=refunds,
        refunded=refunded,
        rates=_rates(sums),
        payments=_named(sums, "payment", "payment_method", names),
        events=_named(sums, "event", "event", names),
        series=paper.series,
        number=paper.number,
        marker=paper.marker,
        title=standing.payload.description,
        rows=standing.payload.rows,
        made_at=now,
    )


async def _close(connection: AsyncConnection, company_id: str, session_id: str) -> Any:  # noqa: ANN401 - a row, or None
    query = (
        sa.select(day_close)
        .where(day_close.c.company_id == company_id, day_close.c.session_id == session_id)
        .order_by(day_close.c.revision.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


async def _names(connection: AsyncConnection, company_id: str) -> dict[tuple[str, str], str]:
    item = catalog_item.c
    query = sa.select(item.dimension, item.item_id, item.name).where(
        item.company_id == company_id, item.name.is_not(None), item.name != ""
    )
    return {(row.dimension, row.item_id): row.name for row in await connection.execute(query)}


def _held(company_id: str, paper: Paper) -> sa.ColumnElement[bool]:
    """Choose the lines of the transactions the voucher was made of, reversed since or not."""
    held = sa.select(claim.c.transaction_id).where(claim.c.voucher_id == paper.voucher_id)
    return sa.and_(
        till_entry.c.company_id == company_id,
        till_entry.c.session_id == paper.session_id,
        till_entry.c.transaction_id.in_(held),
    )


async def _sums(connection: AsyncConnection, company_id: str, paper: Paper) -> list[Any]:
    """Sum the lines as a Z report does: per payment method, per event, and per rate what was sold."""
    item = sa.case((till_entry.c.type == "sale", ""), else_=till_entry.c.item_id).label("item")
    amounts = (sa.func.sum(till_entry.c.amount).label("amount"), sa.func.sum(till_entry.c.vat).label("vat"))
    lines = sa.select(till_entry.c.type, item, till_entry.c.vat_rate, *amounts)
    query = lines.where(_held(company_id, paper)).group_by(till_entry.c.type, "item", till_entry.c.vat_rate)
    return list(await connection.execute(query))


async def _receipts(connection: AsyncConnection, company_id: str, paper: Paper) -> tuple[int, int, Money]:
    """Count the receipts, and those that gave money back, with what they gave back."""
    is_sale = sa.and_(
        _held(company_id, paper),
        till_entry.c.kind == TransactionKind.SALE.value,
        till_entry.c.type == "sale",
    )
    gross = sa.func.sum(till_entry.c.amount).label("gross")
    each = sa.select(till_entry.c.transaction_id, gross).where(is_sale)
    receipt = each.group_by(till_entry.c.transaction_id).subquery()
    back = sa.case((receipt.c.gross < 0, receipt.c.gross))
    told = (await connection.execute(sa.select(sa.func.count(back), sa.func.sum(back)))).one()
    counted = (
        sa.select(sa.func.count())
        .select_from(claim)
        .join(
            till_transaction,
            sa.and_(
                till_transaction.c.company_id == claim.c.company_id,
                till_transaction.c.transaction_id == claim.c.transaction_id,
            ),
        )
        .where(claim.c.voucher_id == paper.voucher_id, till_transaction.c.kind == TransactionKind.SALE.value)
    )
    receipts = (await connection.execute(counted)).scalar_one()
    return receipts, told[0], Money(int(told[1] or 0))


def _rates(sums: Iterable[Any]) -> tuple[RateLine, ...]:
    sold = [(VatRate.parse(row.vat_rate), row) for row in sums if row.type == "sale"]
    return tuple(
        RateLine(str(rate), Money(int(row.amount)), Money(int(row.vat)))
        for rate, row in sorted(sold, key=lambda one: one[0], reverse=True)
    )


def _named(
    sums: Iterable[Any], of: str, dimension: str, names: Mapping[tuple[str, str], str]
) -> tuple[Named, ...]:
    named = (
        Named(names.get((dimension, row.item), row.item), Money(int(row.amount)))
        for row in sums
        if row.type == of
    )
    return tuple(sorted(named, key=lambda one: (one.name, one.amount)))
