"""The BackOffice's calls on the integration as a whole and on vouchers."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from fortnox_sync.export.listing import Listed, page
from fortnox_sync.export.overview import Overview, is_being_served, overview
from fortnox_sync.export.schemas import (
    BookingOut,
    FortnoxCompanyOut,
    IntegrationOut,
    RowOut,
    StepOut,
    UnbookedOut,
    VoucherOut,
    VouchersOut,
)
from fortnox_sync.export.state import State
from fortnox_sync.fault.model import rank
from fortnox_sync.fault.schemas import FaultOut, told
from fortnox_sync.mapping.schemas import SettingsOut
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.language import Language, Spoken
from fortnox_sync.web.problems import not_found, responses

_REFUSALS = responses(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY
)


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

    @router.get("/vouchers", tags=["vouchers"])
    async def vouchers(
        company_id: CompanyId,
        _: reader,
        state: Annotated[State | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=36, pattern="^[0-9a-f-]+$")] = None,
    ) -> VouchersOut:
        """List vouchers in the order they were made."""
        async with database.read() as connection:
            listed = await page(database, connection, company_id, state, limit, cursor)
        last = listed[-1].voucher.voucher_id if len(listed) == limit else None
        return VouchersOut(vouchers=[_voucher(one) for one in listed], next_cursor=last)

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


def _voucher(listed: Listed) -> VoucherOut:
    stored, payload = listed.voucher, listed.voucher.payload
    return VoucherOut(
        voucher_id=stored.voucher_id,
        session_id=stored.origin,
        register_id=stored.register_id,
        part=stored.part,
        state=stored.state,
        series=payload.series,
        transaction_date=payload.transaction_date,
        description=payload.description,
        marker=payload.marker,
        rows=[
            RowOut(
                account=row.account,
                cost_center=row.cost_center,
                debit=row.debit.ore,
                credit=row.credit.ore,
                of=row.of,
                text=row.text,
            )
            for row in payload.rows
        ],
        booking=_booking(listed.booking) if listed.booking is not None else None,
    )


def _booking(row: Any) -> BookingOut:  # noqa: ANN401 - a row of the table
    return BookingOut(
        fortnox_company=row.fortnox_company,
        financial_year=row.financial_year,
        series=row.series,
        number=row.number,
        booked_at=row.booked_at,
        verified_at=row.verified_at,
    )
