"""The till's catalogue: what it announced, and what its transactions name before it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import company
from fortnox_sync.intake.payload import CatalogChanged, EventLine, SaleLine, Transaction
from fortnox_sync.intake.tables import catalog_item
from fortnox_sync.runtime.database import Database

# A company, a dimension and the till's id.
Item = tuple[str, str, str]


def named_by(company_id: str, transactions: Sequence[Transaction]) -> Iterator[Item]:
    """Yield everything that transactions name, most of it many times."""
    sales = [line for transaction in transactions for line in transaction.sales]
    events = [line for transaction in transactions for line in transaction.events]
    placed: list[SaleLine | EventLine] = [*sales, *events]
    named = {
        "register": {transaction.register_id for transaction in transactions},
        "payment_method": {line.payment_method_id for one in transactions for line in one.payments},
        "article_group": {line.article_group_id for line in sales},
        "vat_rate": {line.vat_rate for line in sales},
        "event": {line.event_id for line in events},
        "cost_center": {line.cost_center_id for line in placed if line.cost_center_id},
    }
    return ((company_id, dimension, item_id) for dimension, ids in named.items() for item_id in ids)


async def add_seen(database: Database, connection: AsyncConnection, items: Iterable[Item]) -> None:
    """Add what is named for the first time, unnamed and unmapped."""
    now = database.clock.now()
    rows = [{"company_id": c, "dimension": d, "item_id": i, "seen_at": now} for c, d, i in sorted(set(items))]
    await database.add_new(connection, catalog_item, rows)


async def announce(
    database: Database, connection: AsyncConnection, told: CatalogChanged, told_at: datetime
) -> None:
    """Take over a catalogue; an older one that arrives late changes nothing that a newer one said."""
    insert = database.upsert(catalog_item)
    said = ("name", "kind", "cost_center_id", "vat_rates", "announced_at")
    take_over = insert.on_conflict_do_update(
        index_elements=["company_id", "dimension", "item_id"],
        set_={column: insert.excluded[column] for column in said},
        where=sa.or_(
            catalog_item.c.announced_at.is_(None),
            catalog_item.c.announced_at <= insert.excluded.announced_at,
        ),
    )
    unique = {(row["dimension"], row["item_id"]): row for row in _rows(told)}
    stamped = [
        {"company_id": told.company_id, "announced_at": told_at, "seen_at": database.clock.now(), **row}
        for _, row in sorted(unique.items())
    ]
    if stamped:
        await connection.execute(take_over, stamped)
    await _name_company(connection, told, told_at)


async def _name_company(connection: AsyncConnection, told: CatalogChanged, told_at: datetime) -> None:
    said = {
        column: value
        for column, value in (
            ("name", told.company_name),
            ("organisation_number", told.organisation_number),
        )
        if value is not None
    }
    newer = sa.exists().where(
        catalog_item.c.company_id == told.company_id, catalog_item.c.announced_at > told_at
    )
    if said:
        rename = company.update().where(company.c.company_id == told.company_id, ~newer).values(said)
        await connection.execute(rename)


def _rows(told: CatalogChanged) -> Iterator[dict[str, Any]]:
    for register in told.registers:
        yield _row("register", register.register_id, register.name, cost_center_id=register.cost_center_id)
    for method in told.payment_methods:
        yield _row("payment_method", method.payment_method_id, method.name, kind=method.kind)
    for rate in told.vat_rates:
        yield _row("vat_rate", rate, None)
    for group in told.article_groups:
        yield _row("article_group", group.article_group_id, group.name, vat_rates=list(group.vat_rates))
    for event in told.events:
        yield _row("event", event.event_id, event.name, kind=event.kind)
    for center in told.cost_centers:
        yield _row("cost_center", center.cost_center_id, center.name)


def _row(dimension: str, item_id: str, name: str | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a row's columns
    nothing = {"kind": None, "cost_center_id": None, "vat_rates": None}
    return {"dimension": dimension, "item_id": item_id, "name": name, **nothing, **more}
