"""The BackOffice's calls on the till's cost centres."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from fortnox_sync.mapping.repository import Mappings
from fortnox_sync.mapping.routes.change import change
from fortnox_sync.mapping.routes.mappings import REFUSALS
from fortnox_sync.mapping.schemas.mappings import CodeIn, CostCenterOut, CostCentersOut, Key
from fortnox_sync.mapping.setup import Setup
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door

CostCenterId = Annotated[Key, Path(description="The till's id of the cost centre.")]


def build(door: Door, database: Database, bell: Bell) -> APIRouter:
    """Make the routes; every change lets what waits be looked at again."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["mapping"], responses=REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]
    writer = Annotated[Principal, Depends(door.writer)]

    @router.get("/cost-centers")
    async def cost_centers(company_id: CompanyId, _: reader) -> CostCentersOut:
        """List the till's cost centres with their Fortnox codes."""
        async with database.read() as connection:
            items = await Setup(database, connection, company_id).catalog()
            codes = await Mappings(database, connection, company_id).cost_center_codes()
        names = {item.item_id: item.name for item in items if item.dimension == "cost_center"}
        return CostCentersOut(
            cost_centers=[
                CostCenterOut(cost_center_id=one, name=names.get(one), code=codes.get(one))
                for one in sorted(names.keys() | codes.keys())
            ]
        )

    @router.put("/cost-centers/{cost_center_id}")
    async def put_code(
        company_id: CompanyId, cost_center_id: CostCenterId, body: CodeIn, principal: writer
    ) -> CostCenterOut:
        """Say which code a cost centre has in Fortnox."""
        await change(
            database,
            bell,
            company_id,
            lambda chosen: chosen.set_code(cost_center_id, body.code, principal.subject),
        )
        return CostCenterOut(cost_center_id=cost_center_id, code=body.code)

    return router
