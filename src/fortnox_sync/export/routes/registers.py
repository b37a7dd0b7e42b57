"""An operator's calls on registers."""

from http import HTTPStatus
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fortnox_sync.export.accepted_gaps import NoSuchGapError, Signature, accept
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.problems import Problem

_REFUSALS = refusals(HTTPStatus.CONFLICT)
RegisterId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="The till's id of the register.",
    ),
]
ZNumber = Annotated[int, Field(ge=0, le=10**15)]


class GapIn(BaseModel):
    """Z numbers of a register that will never come, the first and the last of them, and why."""

    model_config = ConfigDict(strict=True, extra="forbid")

    from_z_number: ZNumber = Field(description="The first that will never come.")
    to_z_number: ZNumber = Field(description="The last that will never come.")
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")] = Field(
        description="Why, in a person's words; kept in the audit log."
    )

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.from_z_number > self.to_z_number:
            raise ValueError("from_z_number must not be above to_z_number")
        return self


def build(door: Door, database: Database) -> APIRouter:
    """Make the routes."""
    router = APIRouter(
        prefix="/v1/companies/{company_id}/registers/{register_id}", tags=["faults"], responses=_REFUSALS
    )
    operator = Annotated[Principal, Depends(door.operator)]

    @router.post("/z-gaps/accept", status_code=HTTPStatus.NO_CONTENT)
    async def accept_gap(
        company_id: CompanyId, register_id: RegisterId, body: GapIn, principal: operator
    ) -> Response:
        """Sign for Z numbers that will never come; they count as missing no more."""
        signature = Signature(
            register_id, body.from_z_number, body.to_z_number, body.reason, principal.subject
        )
        try:
            await accept(database, company_id, signature)
        except NoSuchGapError:
            raise Problem(
                HTTPStatus.CONFLICT,
                "no_such_gap",
                "None of these Z numbers is missing.",
                "Nothing was changed. GET …/faults names the numbers that are missing, register by register.",
            ) from None
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router
