"""The audit log: who changed what and when; rows are added, never changed (BFL 5 kap. 11 §)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.runtime.database import Database, Json, UtcDateTime, metadata
from fortnox_sync.runtime.ids import new_id

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", sa.String(36), primary_key=True),
    sa.Column("company_id", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Index("ix_audit_company_id_at", "company_id", "at"),
)


async def record(
    database: Database,
    connection: AsyncConnection,
    company_id: str,
    actor: str,
    action: str,
    **details: Any,  # noqa: ANN401 - whatever the action needs to be understood later
) -> None:
    """Write down what somebody did, in the same transaction as the deed."""
    await connection.execute(
        audit.insert().values(
            audit_id=new_id(),
            company_id=company_id,
            at=database.clock.now(),
            actor=actor,
            action=action,
            details=details,
        )
    )
