"""The BackOffice's calls on exports: by hand, their history, and what one would do."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.export import by_hand, runs
from fortnox_sync.export.anyway import NothingToSignForError, export_anyway
from fortnox_sync.export.overview import vouchers_on_their_way
from fortnox_sync.export.preview import preview
from fortnox_sync.export.schemas.exports import (
    AnywayIn,
    AskedOut,
    ExportOut,
    ExportsOut,
    PeriodIn,
    PreviewIn,
    PreviewOut,
    asked_out,
    export_out,
    preview_out,
)
from fortnox_sync.mapping.schemas.mappings import Key
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.idempotency import Answer, IdempotencyKey, Repeatable, once
from fortnox_sync.web.language import Spoken
from fortnox_sync.web.problems import Problem, not_found, responses

_REFUSALS = refusals()
_NO_PERIOD = Body(default_factory=PeriodIn)
_EVERYTHING = Body(default_factory=PreviewIn)
SessionId = Annotated[Key, Path(description="The till's id of the session.")]
ExportId = Annotated[str, Path(max_length=36, pattern="^[0-9a-f-]+$", description="The id of the export.")]
Cursor = Annotated[
    str | None, Query(max_length=36, pattern="^[0-9a-f-]+$", description="`next_cursor` of the page before.")
]


def build(door: Door, database: Database, bell: Bell) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["exports"], responses=_REFUSALS)
    _add_starting(router, door, database, bell)
    _add_reading(router, door, database)
    _add_signing(router, door, database, bell)
    return router


def _add_starting(router: APIRouter, door: Door, database: Database, bell: Bell) -> None:
    exporter = Annotated[Principal, Depends(door.exporter)]

    @router.post(
        "/exports",
        status_code=HTTPStatus.ACCEPTED,
        response_model=AskedOut,
        responses={
            HTTPStatus.OK: {"model": AskedOut, "description": "Nothing that is not on its way already."},
            **responses(HTTPStatus.CONFLICT),
        },
    )
    async def export_by_hand(
        company_id: CompanyId,
        principal: exporter,
        language: Spoken,
        body: Annotated[PeriodIn, _NO_PERIOD],
        key: IdempotencyKey = None,
    ) -> Response:
        """Export now what is in no voucher yet, closed or not; asked for twice, it is booked once."""

        async def deed(connection: AsyncConnection) -> Answer:
            try:
                asked = await by_hand.ask(database, connection, company_id, principal.subject, body.period)
            except by_hand.NotActiveError:
                raise _not_active() from None
            run = await runs.find(connection, company_id, asked.export_id) if asked.export_id else None
            moving = await vouchers_on_their_way(connection, company_id)
            status = HTTPStatus.ACCEPTED if asked.is_new else HTTPStatus.OK
            return Answer.of(status, asked_out(asked, run, moving, language))

        call = Repeatable.of(company_id, principal.subject, key, "exports", body.model_dump(mode="json"))
        return await once(database, bell, call, deed)

    @router.post("/exports/{export_id}/retry", status_code=HTTPStatus.ACCEPTED)
    async def retry(company_id: CompanyId, export_id: ExportId, principal: exporter) -> ExportOut:
        """Look at once whether what held the export is gone; what is booked stays as it is."""
        async with database.write() as connection:
            found = await runs.find(connection, company_id, export_id)
            if found is None:
                raise not_found("There is no such export.")
            await lane.look_again(database, connection, company_id)
            await audit.record(
                database, connection, company_id, principal.subject, "export.retried", export_id=export_id
            )
        await bell.ring()
        return export_out(found)


def _add_reading(router: APIRouter, door: Door, database: Database) -> None:
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("/exports")
    async def exports(
        company_id: CompanyId,
        _: reader,
        limit: Annotated[int, Query(ge=1, le=500, description="How many to list at most.")] = 100,
        cursor: Cursor = None,
    ) -> ExportsOut:
        """List exports, the newest first."""
        async with database.read() as connection:
            found = await runs.page(connection, company_id, limit, cursor)
        last = found[-1].export_id if len(found) == limit else None
        return ExportsOut(exports=[export_out(one) for one in found], next_cursor=last)

    @router.get("/exports/{export_id}")
    async def one_export(company_id: CompanyId, export_id: ExportId, _: reader) -> ExportOut:
        """Show an export; its vouchers are listed by `GET /vouchers?export_id=`."""
        async with database.read() as connection:
            found = await runs.find(connection, company_id, export_id)
        if found is None:
            raise not_found("There is no such export.")
        return export_out(found)

    @router.post("/exports/preview")
    async def preview_export(
        company_id: CompanyId, _: reader, language: Spoken, body: Annotated[PreviewIn, _EVERYTHING]
    ) -> PreviewOut:
        """Show the vouchers an export would make now, and what it would hold; nothing is written."""
        async with database.read() as connection:
            company = await companies.find(connection, company_id)
            if company is None:
                raise not_found("The company has not been seen yet.")
            found = await preview(database, connection, company, body.period, body.session_id)
        return preview_out(found, language)


def _add_signing(router: APIRouter, door: Door, database: Database, bell: Bell) -> None:
    operator = Annotated[Principal, Depends(door.operator)]

    @router.post(
        "/sessions/{session_id}/export-anyway",
        status_code=HTTPStatus.ACCEPTED,
        responses=responses(HTTPStatus.CONFLICT),
    )
    async def export_incomplete(
        company_id: CompanyId, session_id: SessionId, principal: operator, body: AnywayIn
    ) -> ExportOut:
        """Book a till session as it stands, signed for by an operator; what comes later is a supplement."""
        async with database.write() as connection:
            try:
                export_id = await export_anyway(
                    database, connection, company_id, session_id, principal.subject, body.reason
                )
            except NothingToSignForError:
                raise _nothing_to_sign_for() from None
            run = await runs.find(connection, company_id, export_id)
        await bell.ring()
        assert run is not None  # noqa: S101 - written just now
        return export_out(run)


def _nothing_to_sign_for() -> Problem:
    return Problem(
        HTTPStatus.CONFLICT,
        "nothing_to_sign_for",
        "No open fault says that this till session is incomplete or overdue.",
        "Look at GET /faults: what held it may be gone, or it waits for something else.",
    )


def _not_active() -> Problem:
    return Problem(
        HTTPStatus.CONFLICT,
        "not_active",
        "The integration is not active.",
        "Finish its setup first: GET /integration lists the steps and what each still lacks.",
    )
