"""The BackOffice's calls that correct the books where a fault found something in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.link import Link
from fortnox_sync.export.correct import NotCorrectableError, Reading, book_again, to_read, turn_round
from fortnox_sync.export.reverse import NotReversibleError
from fortnox_sync.export.routes.vouchers import REFUSALS, WHY_NOT_REVERSIBLE, found
from fortnox_sync.export.schemas.vouchers import ReversalIn, ReversalsOut, WhyIn, voucher_out
from fortnox_sync.fault.accept import NoSuchFaultError
from fortnox_sync.fault.routes import FaultId
from fortnox_sync.fortnox import BookedVoucher, FortnoxClient
from fortnox_sync.mapping.refusal import asked
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.idempotency import Answer, IdempotencyKey, Repeatable, once
from fortnox_sync.web.language import Language, Spoken
from fortnox_sync.web.problems import Problem, not_found, responses

_WHY_NOT = {
    "not_about_a_voucher": (
        "This fault is not cured so.",
        "Nothing was changed. Its remediations tell what cures it.",
    ),
    "settled": (
        "The fault is settled already.",
        "Nothing was changed. GET the faults: what is still open is there.",
    ),
    "changed_meanwhile": (
        "The voucher in Fortnox is not the one that was found.",
        "Nothing was changed. Look in Fortnox, and correct there what is still wrong; then accept the fault.",
    ),
    "holds_no_sales": (
        "What was deleted booked no sales: it was a reversal or a copy, or it was reversed itself.",
        "Nothing was changed. See to it in Fortnox that each sale stands there once; then accept the fault.",
    ),
    "nothing_left": (
        "No row is left of the voucher in Fortnox, so there is nothing to reverse.",
        "Accept the fault if that is right; else undo it in Fortnox.",
    ),
}


def build(door: Door, database: Database, bell: Bell, link: Link) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/companies/{company_id}/faults", tags=["faults"], responses=REFUSALS)
    _add_reversing(router, door, database, bell, link)
    _add_booking_again(router, door, database, bell)
    return router


def _add_reversing(router: APIRouter, door: Door, database: Database, bell: Bell, link: Link) -> None:
    exporter = Annotated[Principal, Depends(door.exporter)]

    @router.post(
        "/{fault_id}/reversal",
        status_code=HTTPStatus.ACCEPTED,
        response_model=ReversalsOut,
        responses=responses(HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    async def reverse_what_was_found(
        company_id: CompanyId,
        fault_id: FaultId,
        principal: exporter,
        body: ReversalIn,
        language: Spoken,
        key: IdempotencyKey = None,
    ) -> Response:
        """Book the mirror of what a fault found: a changed voucher as it stands by now, or each copy.

        For `voucher_changed` and `voucher_duplicate`. The sales of a changed voucher are booked again by
        today's choices; those of a copy stand in the voucher it is a copy of.
        """

        async def deed(connection: AsyncConnection) -> Answer:
            with _correcting():
                mirrors = await turn_round(
                    database, connection, company_id, fault_id, read, principal.subject, body.reason
                )
            made = [voucher_out(await found(database, connection, company_id, one)) for one in mirrors]
            return Answer.of(HTTPStatus.ACCEPTED, ReversalsOut(vouchers=made))

        call = Repeatable.of(company_id, principal.subject, key, "fault_reversal", fault_id, body.reason)
        with _correcting():
            async with database.read() as connection:
                reading = await to_read(database, connection, company_id, fault_id)
        read = await _read(link, company_id, reading, language, database) if reading else ()
        return await once(database, bell, call, deed)


def _add_booking_again(router: APIRouter, door: Door, database: Database, bell: Bell) -> None:
    exporter = Annotated[Principal, Depends(door.exporter)]

    @router.post(
        "/{fault_id}/book-again",
        status_code=HTTPStatus.NO_CONTENT,
        responses=responses(HTTPStatus.CONFLICT),
    )
    async def book_what_was_deleted_again(
        company_id: CompanyId, fault_id: FaultId, principal: exporter, body: WhyIn
    ) -> Response:
        """Book the sales of a voucher that was deleted in Fortnox again, by today's choices.

        For `voucher_deleted`. A second call finds the fault settled and books nothing.
        """
        with _correcting():
            async with database.write() as connection:
                await book_again(database, connection, company_id, fault_id, principal.subject, body.reason)
        await bell.ring()
        return Response(status_code=HTTPStatus.NO_CONTENT)


async def _read(
    link: Link, company_id: str, reading: Reading, language: Language, database: Database
) -> tuple[BookedVoucher, ...]:
    """Read in Fortnox what is to be turned round; raises a problem where one is not there any more."""

    async def read(client: FortnoxClient) -> tuple[BookedVoucher | None, ...]:
        return tuple(
            [await client.voucher(reading.series, one, reading.financial_year) for one in reading.numbers]
        )

    there = [one for one in await asked(link, company_id, read, language, database.clock.now()) if one]
    if len(there) < len(reading.numbers):
        raise Problem(HTTPStatus.CONFLICT, "changed_meanwhile", *_WHY_NOT["changed_meanwhile"])
    return tuple(there)


@contextmanager
def _correcting() -> Iterator[None]:
    """Answer with a problem what can't be corrected."""
    try:
        yield
    except NoSuchFaultError:
        raise not_found("There is no such fault.") from None
    except NotCorrectableError as error:
        raise Problem(HTTPStatus.CONFLICT, error.code, *_WHY_NOT[error.code]) from None
    except NotReversibleError as error:
        raise Problem(HTTPStatus.CONFLICT, error.code, *WHY_NOT_REVERSIBLE[error.code]) from None
