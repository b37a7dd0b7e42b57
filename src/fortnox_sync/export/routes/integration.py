"""The BackOffice's call on the integration as a whole."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from fortnox_sync.export.overview import Overview, is_being_served, overview
from fortnox_sync.export.schemas.integration import (
    FortnoxCompanyOut,
    IntegrationOut,
    StepOut,
    UnbookedOut,
)
from fortnox_sync.fault.model import rank
from fortnox_sync.fault.schemas import FaultOut, told
from fortnox_sync.mapping.schemas.mappings import SettingsOut
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.language import Language, Spoken
from fortnox_sync.web.problems import not_found

_REFUSALS = refusals()


def build(door: Door, database: Database) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/companies/{company_id}", responses=_REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("/integration", tags=["integration"])
    async def integration(company_id: CompanyId, _: reader, language: Spoken) -> IntegrationOut:
        """Show how far the integration has come, what is unbooked, and what stands in the way."""
        async with database.read() as connection:
            found = await overview(database, connection, company_id)
            served = await is_being_served(connection, company_id)
        if found is None:
            raise not_found("The company has not been seen yet.")
        return _integration(found, language, served=served)

    return router


def _integration(found: Overview, language: Language, *, served: bool) -> IntegrationOut:
    faults = [told(one, language) for one in found.faults]
    company, unbooked, fortnox = found.company, found.unbooked, found.fortnox
    return IntegrationOut(
        company_id=company.company_id,
        name=company.name,
        organisation_number=company.organisation_number,
        status=company.status,
        steps=[StepOut(name=s.name, done=s.is_done, lacks=list(s.lacks)) for s in found.steps],
        fortnox_company=FortnoxCompanyOut(
            number=fortnox.number, name=fortnox.name, organisation_number=fortnox.organisation_number
        )
        if fortnox
        else None,
        settings=SettingsOut(
            start_on=company.start_on,
            voucher_series=company.voucher_series,
            language=company.language,
            setup_completed=company.setup_completed,
        ),
        unbooked=UnbookedOut(
            transactions=unbooked.transactions,
            oldest_on=unbooked.oldest_on,
            sessions_to_plan=unbooked.sessions_to_plan,
            vouchers=unbooked.vouchers,
            unverified=unbooked.unverified,
            at_rest=unbooked.is_at_rest and not served,
        ),
        banner=_banner(faults),
        faults=faults,
    )


def _banner(faults: Sequence[FaultOut]) -> FaultOut | None:
    """Return the most severe fault, the oldest of equals."""
    return min(faults, key=lambda fault: rank(fault.severity), default=None)
