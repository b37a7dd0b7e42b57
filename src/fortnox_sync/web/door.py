"""The door of the BackOffice API: who may come in, for which company, to do what."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from fortnox_sync.web.auth import Authenticator, Principal
from fortnox_sync.web.pace import CallPace
from fortnox_sync.web.problems import Problem, not_found, responses

CompanyId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="The till's id of the company.",
        examples=["c_4711"],
    ),
]
# The authenticator answers a missing token itself, as a problem document.
Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="bearer", bearerFormat="JWT")),
]


def refusals(*more: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Declare what every guarded call may be refused with, and this one besides."""
    return responses(
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        *more,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )


class Door:
    """Guards routes; the company in the path is always the first thing checked."""

    def __init__(self, authenticator: Authenticator, pace: CallPace) -> None:
        """Take who checks the tokens, and who counts the calls of those whose token is good."""
        self._authenticator, self._pace = authenticator, pace

    async def reader(self, company_id: CompanyId, bearer: Bearer) -> Principal:
        """Let in who may read the company's integration."""
        return await self._enter(company_id, bearer, "integration:read")

    async def writer(self, company_id: CompanyId, bearer: Bearer) -> Principal:
        """Let in who may change the company's integration."""
        return await self._enter(company_id, bearer, "integration:write")

    async def exporter(self, company_id: CompanyId, bearer: Bearer) -> Principal:
        """Let in who may start exports of the company."""
        return await self._enter(company_id, bearer, "exports:write")

    async def operator(self, company_id: CompanyId, bearer: Bearer) -> Principal:
        """Let in who may sign for what nothing proves."""
        return await self._enter(company_id, bearer, "operator")

    async def _enter(
        self, company_id: str, bearer: HTTPAuthorizationCredentials | None, scope: str
    ) -> Principal:
        header = f"{bearer.scheme} {bearer.credentials}" if bearer else None
        principal = await self._authenticator.principal(header)
        self._pace.count(principal.subject)
        if not principal.holds(company_id):
            raise not_found("There is no such company.")
        if not principal.may(scope):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "scope_missing",
                f"The token lacks the scope {scope}.",
                "Ask an administrator of your BackOffice for it.",
            )
        return principal
