"""The BackOffice's calls on vouchers: the list, one with its tries, what is behind a row, and reversing."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.behind import behind
from fortnox_sync.export.listing import Listed, listed, page
from fortnox_sync.export.reverse import NoSuchVoucherError, NotReversibleError, reverse
from fortnox_sync.export.rules import rules_of
from fortnox_sync.export.schemas.vouchers import (
    BehindOut,
    ReversalIn,
    VoucherDetailOut,
    VoucherOut,
    VouchersOut,
    behind_out,
    detail_out,
    voucher_out,
)
from fortnox_sync.export.state import State
from fortnox_sync.fault.repository import Faults
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.idempotency import Answer, IdempotencyKey, Repeatable, once
from fortnox_sync.web.problems import Problem, not_found, responses

REFUSALS = refusals()
VoucherId = Annotated[str, Path(max_length=36, pattern="^[0-9a-f-]+$", description="The id of the voucher.")]
Cursor = Annotated[
    str | None, Query(max_length=36, pattern="^[0-9a-f-]+$", description="`next_cursor` of the page before.")
]
OfExport = Annotated[
    str | None, Query(max_length=36, pattern="^[0-9a-f-]+$", description="Only those an export made.")
]
WHY_NOT_REVERSIBLE = {
    "not_booked": (
        "The voucher is not booked, so there is nothing to reverse.",
        "A voucher that waits is made anew by itself when a setting or mapping changes.",
    ),
    "is_reversal": (
        "The voucher is itself a reversal.",
        "What it reversed has been planned again; look for the voucher that replaces it.",
    ),
    "already_reversed": (
        "The voucher is reversed already.",
        "GET the voucher: `reversed_by` names its mirror.",
    ),
    "changed_in_fortnox": (
        "The voucher was changed in Fortnox, so its mirror would not undo it.",
        "Its fault offers to reverse what stands there by now, or to accept the change.",
    ),
    "gone": (
        "The voucher was deleted in Fortnox, so there is nothing to reverse.",
        "Its fault offers to book the sales again, or to accept that they stay away.",
    ),
}


def build(door: Door, database: Database, bell: Bell) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/companies/{company_id}/vouchers", tags=["vouchers"], responses=REFUSALS)
    _add_reading(router, door, database)
    _add_behind(router, door, database)
    _add_reversing(router, door, database, bell)
    return router


def _add_reading(router: APIRouter, door: Door, database: Database) -> None:
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("")
    async def vouchers(
        company_id: CompanyId,
        _: reader,
        state: Annotated[State | None, Query(description="Only those that stand there.")] = None,
        export_id: OfExport = None,
        limit: Annotated[int, Query(ge=1, le=500, description="How many to list at most.")] = 100,
        cursor: Cursor = None,
    ) -> VouchersOut:
        """List vouchers in the order they were made."""
        async with database.read() as connection:
            listed_here = await page(database, connection, company_id, state, export_id, limit, cursor)
        last = listed_here[-1].voucher.voucher_id if len(listed_here) == limit else None
        return VouchersOut(vouchers=[voucher_out(one) for one in listed_here], next_cursor=last)

    @router.get("/{voucher_id}")
    async def voucher(company_id: CompanyId, voucher_id: VoucherId, _: reader) -> VoucherDetailOut:
        """Show a voucher with every try at booking it, and the faults it waits for."""
        async with database.read() as connection:
            shown = await found(database, connection, company_id, voucher_id)
            tries = await Attempts(database, connection).history(voucher_id)
            held_by = await Faults(database, connection, company_id).holding("voucher", voucher_id)
        return detail_out(shown, tries, held_by)


def _add_behind(router: APIRouter, door: Door, database: Database) -> None:
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("/{voucher_id}/rows/{position}/transactions")
    async def transactions_behind_a_row(
        company_id: CompanyId,
        voucher_id: VoucherId,
        position: Annotated[int, Path(ge=0, le=10_000, description="The row, counted from 0.")],
        _: reader,
        limit: Annotated[int, Query(ge=1, le=1000, description="How many to list at most.")] = 100,
        cursor: Annotated[
            str | None, Query(max_length=64, description="`next_cursor` of the page before.")
        ] = None,
    ) -> BehindOut:
        """List the till's transactions that a row is the sum of; rows are counted from 0."""
        async with database.read() as connection:
            standing = (await found(database, connection, company_id, voucher_id)).voucher
            company = await companies.find(connection, company_id)
            if company is None or position >= len(standing.payload.rows):
                raise not_found("The voucher has no such row.")
            rules = await rules_of(database, connection, company)
            row = standing.payload.rows[position]
            told = await behind(connection, company_id, standing, row, rules, limit, cursor)
        return behind_out(row, told)


def _add_reversing(router: APIRouter, door: Door, database: Database, bell: Bell) -> None:
    exporter = Annotated[Principal, Depends(door.exporter)]

    @router.post(
        "/{voucher_id}/reversal",
        status_code=HTTPStatus.ACCEPTED,
        response_model=VoucherOut,
        responses=responses(HTTPStatus.CONFLICT),
    )
    async def reverse_a_voucher(
        company_id: CompanyId,
        voucher_id: VoucherId,
        principal: exporter,
        body: ReversalIn,
        key: IdempotencyKey = None,
    ) -> Response:
        """Book the mirror of a voucher, and its transactions again by today's choices; returns the mirror."""

        async def deed(connection: AsyncConnection) -> Answer:
            try:
                mirror_id = await reverse(
                    database, connection, company_id, voucher_id, principal.subject, body.reason
                )
            except NoSuchVoucherError:
                raise not_found("There is no such voucher.") from None
            except NotReversibleError as error:
                raise Problem(HTTPStatus.CONFLICT, error.code, *WHY_NOT_REVERSIBLE[error.code]) from None
            made = await found(database, connection, company_id, mirror_id)
            return Answer.of(HTTPStatus.ACCEPTED, voucher_out(made))

        call = Repeatable.of(company_id, principal.subject, key, "reversal", voucher_id, body.reason)
        return await once(database, bell, call, deed)


async def found(database: Database, connection: AsyncConnection, company_id: str, voucher_id: str) -> Listed:
    """Return a voucher; raises a problem for one that is not there, or another company's."""
    shown = await listed(database, connection, company_id, voucher_id)
    if shown is None:
        raise not_found("There is no such voucher.")
    return shown
