"""The BackOffice's call on settings."""

from typing import Annotated

from fastapi import APIRouter, Depends

from fortnox_sync.connection.link import Link
from fortnox_sync.mapping import settings
from fortnox_sync.mapping.routes.pick_lists import REFUSALS
from fortnox_sync.mapping.schemas.mappings import SettingsIn, SettingsOut
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.language import Spoken


def build(door: Door, database: Database, bell: Bell, link: Link) -> APIRouter:
    """Make the route; every change lets what waits be looked at again."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["mapping"], responses=REFUSALS)
    writer = Annotated[Principal, Depends(door.writer)]

    @router.patch("/integration/settings")
    async def patch_settings(
        company_id: CompanyId, body: SettingsIn, principal: writer, language: Spoken
    ) -> SettingsOut:
        """Change settings; each is checked against Fortnox when it is set."""
        said = body.model_dump(exclude_unset=True, exclude_none=True)
        await settings.check(database, link, company_id, said, language)
        changed = await settings.change(database, company_id, said, principal.subject)
        await bell.ring()
        return changed

    return router
