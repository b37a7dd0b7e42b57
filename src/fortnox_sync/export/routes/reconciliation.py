"""The BackOffice's call to compare the books with Fortnox now."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from fortnox_sync.connection import lane
from fortnox_sync.connection.company import fortnox_company_of
from fortnox_sync.export.routes.vouchers import REFUSALS
from fortnox_sync.mapping.refusal import not_connected
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.language import Spoken
from fortnox_sync.web.problems import responses


class ReconciliationOut(BaseModel):
    """When the books were last compared with Fortnox."""

    reconciled_at: datetime | None = Field(
        description="When the last comparison ended, in UTC; null before the first.",
        examples=["2026-10-03T01:04:11Z"],
    )


def build(door: Door, database: Database, bell: Bell) -> APIRouter:
    """Make the routes."""
    router = APIRouter(
        prefix="/v1/companies/{company_id}/integration", tags=["integration"], responses=REFUSALS
    )
    reader = Annotated[Principal, Depends(door.reader)]
    exporter = Annotated[Principal, Depends(door.exporter)]

    @router.get("/reconciliation", responses=responses(HTTPStatus.CONFLICT))
    async def last_reconciliation(company_id: CompanyId, _: reader, language: Spoken) -> ReconciliationOut:
        """Tell when the books were last compared with Fortnox; what was found are faults."""
        async with database.read() as connection:
            if await fortnox_company_of(connection, company_id) is None:
                raise not_connected(language)
            return ReconciliationOut(reconciled_at=await lane.reconciled_at(connection, company_id))

    @router.post("/reconciliation", status_code=HTTPStatus.ACCEPTED, responses=responses(HTTPStatus.CONFLICT))
    async def reconcile_now(
        company_id: CompanyId, principal: exporter, language: Spoken
    ) -> ReconciliationOut:
        """Compare the books with Fortnox now instead of next night; a second click asks for no second one.

        Nothing is changed in Fortnox: what differs becomes a fault with both sides.
        """
        async with database.write() as connection:
            if await fortnox_company_of(connection, company_id) is None:
                raise not_connected(language)
            await lane.ask_to_reconcile(database, connection, company_id)
            await audit.record(
                database, connection, company_id, principal.subject, "integration.reconciliation_asked"
            )
            before = await lane.reconciled_at(connection, company_id)
        await bell.ring()
        return ReconciliationOut(reconciled_at=before)

    return router
