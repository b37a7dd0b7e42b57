"""A merchant: what the till calls it, how far its setup has come, and its settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import company, grant, lane
from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database


class Status(StrEnum):
    """How far a company's integration has come."""

    INACTIVE = "inactive"
    AUTHORIZING = "authorizing"
    SETTING_UP = "setting_up"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Company:
    """A merchant and its settings; `start_on` is the first business day that is booked."""

    company_id: str
    name: str | None
    organisation_number: str | None
    status: Status
    setup_completed: bool
    start_on: date | None
    voucher_series: str | None
    language: str


async def add(database: Database, connection: AsyncConnection, ids: Iterable[str]) -> None:
    """Create companies not seen before, inactive, each with its lane."""
    known = sorted(set(ids))
    if not known:
        return
    rows = [{"company_id": one, "created_at": database.clock.now()} for one in known]
    await connection.execute(database.insert_ignore(company), rows)
    await connection.execute(database.insert_ignore(lane), [{"company_id": one} for one in known])


async def find(connection: AsyncConnection, company_id: str, *, lock: bool = False) -> Company | None:
    """Return a company as it stands; with `lock` nobody else changes it in this transaction.

    The lock lets the till go on telling: what refers to the company only has to know that it stays there.
    """
    query = sa.select(company).where(company.c.company_id == company_id)
    locked = query.with_for_update(key_share=True) if lock else query
    row = (await connection.execute(locked)).one_or_none()
    if row is None:
        return None
    return Company(
        company_id=row.company_id,
        name=row.name,
        organisation_number=row.organisation_number,
        status=Status(row.status),
        setup_completed=row.setup_completed,
        start_on=row.start_on,
        voucher_series=row.voucher_series,
        language=row.language,
    )


async def change(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    **values: Any,  # noqa: ANN401 - the columns of the table
) -> None:
    """Write settings or status, and tell of it."""
    await connection.execute(
        company.update()
        .where(company.c.company_id == company_id)
        .values(version=company.c.version + 1, **values)
    )
    events.tell(database, connection, company_id, "integration.changed")


@dataclass(frozen=True, slots=True)
class FortnoxCompany:
    """The books a company is linked to."""

    number: int
    name: str
    organisation_number: str


async def fortnox_company_of(connection: AsyncConnection, company_id: str) -> FortnoxCompany | None:
    """Return the books a company is linked to; None without a consent."""
    query = sa.select(grant).where(grant.c.company_id == company_id, grant.c.revoked_at.is_(None))
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return FortnoxCompany(row.fortnox_company, row.fortnox_company_name, row.organisation_number)
