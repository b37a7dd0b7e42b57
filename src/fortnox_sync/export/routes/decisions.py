"""The BackOffice's call on a voucher that only a person can decide on."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, assert_never

from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.link import Link
from fortnox_sync.export.decide import (
    Adopt,
    AnothersNumberError,
    Decision,
    Dismiss,
    NeverSentError,
    NotUndecidedError,
    SendAgain,
    decide,
    last_tried,
)
from fortnox_sync.export.reverse import NoSuchVoucherError
from fortnox_sync.export.routes.vouchers import REFUSALS, VoucherId, found
from fortnox_sync.export.schemas.vouchers import (
    AdoptIn,
    DecisionIn,
    DismissIn,
    SendAgainIn,
    VoucherOut,
    voucher_out,
)
from fortnox_sync.fortnox import BookedVoucher, FortnoxClient
from fortnox_sync.mapping.refusal import asked
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door
from fortnox_sync.web.idempotency import Answer, IdempotencyKey, Repeatable, once
from fortnox_sync.web.language import Language, Spoken
from fortnox_sync.web.problems import Problem, not_found, responses


def build(door: Door, database: Database, bell: Bell, link: Link) -> APIRouter:
    """Make the route."""
    router = APIRouter(prefix="/v1/companies/{company_id}/vouchers", tags=["vouchers"], responses=REFUSALS)
    exporter = Annotated[Principal, Depends(door.exporter)]

    @router.post(
        "/{voucher_id}/decision",
        response_model=VoucherOut,
        responses=responses(HTTPStatus.CONFLICT),
    )
    async def decide_on_a_voucher(
        company_id: CompanyId,
        voucher_id: VoucherId,
        principal: exporter,
        body: DecisionIn,
        language: Spoken,
        key: IdempotencyKey = None,
    ) -> Response:
        """Say what became of a voucher with the fault `decision_needed`, after a look in Fortnox.

        `adopt` reads the voucher named and takes it for this one, `send_again` sends it, `dismiss` puts it
        aside for good.
        """

        async def deed(connection: AsyncConnection) -> Answer:
            with _deciding():
                if decision is None:
                    await found(database, connection, company_id, voucher_id)
                    raise NotUndecidedError(voucher_id)
                await decide(
                    database, connection, company_id, voucher_id, decision, principal.subject, body.reason
                )
            return Answer.of(
                HTTPStatus.OK, voucher_out(await found(database, connection, company_id, voucher_id))
            )

        call = Repeatable.of(
            company_id, principal.subject, key, "decision", voucher_id, body.model_dump_json()
        )
        decision = await _decision(database, link, company_id, voucher_id, body, language)
        return await once(database, bell, call, deed)

    return router


@contextmanager
def _deciding() -> Iterator[None]:
    """Answer with a problem what can't be decided."""
    try:
        yield
    except NoSuchVoucherError:
        raise not_found("There is no such voucher.") from None
    except NotUndecidedError:
        raise Problem(
            HTTPStatus.CONFLICT,
            "no_decision_needed",
            "The voucher waits for nobody's decision.",
            "GET the voucher: its state and booking say what became of it.",
        ) from None
    except NeverSentError:
        raise Problem(
            HTTPStatus.CONFLICT,
            "never_sent",
            "The voucher was never sent, so none in Fortnox can be it.",
            "Dismiss it if the day is booked by hand, or send it.",
        ) from None
    except AnothersNumberError:
        raise Problem(
            HTTPStatus.CONFLICT,
            "number_is_anothers",
            "That number in Fortnox is another voucher's from here.",
            "Give the number of the voucher that holds these sales, or send it again.",
        ) from None


async def _decision(
    database: Database,
    link: Link,
    company_id: str,
    voucher_id: str,
    body: AdoptIn | SendAgainIn | DismissIn,
    language: Language,
) -> Decision | None:
    """Read the voucher that a person points at; None where nothing is left to decide."""
    match body:
        case SendAgainIn():
            return SendAgain()
        case DismissIn():
            return Dismiss()
        case AdoptIn(number=number, series=series):
            pass
        case _:
            assert_never(body)
    async with database.read() as connection:
        with _deciding():
            tried = await last_tried(database, connection, company_id, voucher_id)
    if tried is None:
        return None

    async def read(client: FortnoxClient) -> BookedVoucher | None:
        return await client.voucher(series or tried.series, number, tried.financial_year)

    booked = await asked(link, company_id, read, language, database.clock.now())
    if booked is None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "no_such_voucher_in_fortnox",
            f"Fortnox has no voucher {series or tried.series} {number} in that year.",
            "Look once more in Fortnox and give the series and number that stand there.",
        )
    return Adopt(booked)
