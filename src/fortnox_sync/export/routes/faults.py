"""The BackOffice's call on what waits and why."""

from typing import Annotated

from fastapi import APIRouter, Depends

from fortnox_sync.export.held_up import open_faults
from fortnox_sync.fault.schemas import FaultsOut, told
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.language import Spoken

_REFUSALS = refusals()


def build(door: Door, database: Database) -> APIRouter:
    """Make the route."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["faults"], responses=_REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("/faults")
    async def faults(company_id: CompanyId, _: reader, language: Spoken) -> FaultsOut:
        """List what waits and why, oldest first."""
        async with database.read() as connection:
            found = await open_faults(database, connection, company_id)
        return FaultsOut(faults=[told(one, language) for one in found])

    return router
