"""The BackOffice's call to let stand what a fault points at."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from fortnox_sync.fault.accept import NoSuchFaultError, NotAcceptableError, accept
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.problems import Problem, not_found, responses

_REFUSALS = refusals()
FaultId = Annotated[
    str, Path(min_length=1, max_length=36, pattern="^[0-9a-f-]+$", description="The id of the fault.")
]


def build(door: Door, database: Database) -> APIRouter:
    """Make the route."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["faults"], responses=_REFUSALS)
    writer = Annotated[Principal, Depends(door.writer)]

    @router.post(
        "/faults/{fault_id}/accept",
        status_code=HTTPStatus.NO_CONTENT,
        responses=responses(HTTPStatus.CONFLICT),
    )
    async def accept_fault(company_id: CompanyId, fault_id: FaultId, principal: writer) -> Response:
        """Let what a fault points at stand as it is; for faults whose remediations offer `accept`."""
        try:
            await accept(database, company_id, fault_id, principal.subject)
        except NoSuchFaultError:
            raise not_found("There is no such fault.") from None
        except NotAcceptableError:
            raise Problem(
                HTTPStatus.CONFLICT,
                "not_acceptable",
                "This fault is not cured by accepting it.",
                "Nothing was changed. Its remediations tell what cures it.",
            ) from None
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router
