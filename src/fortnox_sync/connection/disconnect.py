"""Ending the link: no more exports, no more tokens, and all history kept."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection.company import Status
from fortnox_sync.connection.tables import consent, grant
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database


async def disconnect(database: Database, connection: AsyncConnection, company_id: str, actor: str) -> None:
    """Take the company out of service; the same Fortnox company can be connected again later."""
    await companies.change(
        database, connection, company_id, status=Status.INACTIVE.value, setup_completed=False
    )
    await connection.execute(
        grant.update()
        .where(grant.c.company_id == company_id)
        .values(
            access_token=None,
            access_token_id=None,
            access_token_expires_at=None,
            refresh_token=None,
            revoked_at=database.clock.now(),
        )
    )
    # A consent begun before must not bring the integration back.
    await connection.execute(
        consent.update()
        .where(consent.c.company_id == company_id, consent.c.used_at.is_(None))
        .values(used_at=database.clock.now())
    )
    await audit.record(database, connection, company_id, actor, "integration.deactivated")
