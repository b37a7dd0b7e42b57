"""The till's door: one address, signed deliveries, answers only after the commit."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from fortnox_sync.intake.contents import (
    Contents,
    NotJsonError,
    Problem,
    TooManyTransactionsError,
    read,
)
from fortnox_sync.intake.inbox import Answer, Inbox, NotCommittedError, Receipt
from fortnox_sync.intake.payload import MOST_TRANSACTIONS
from fortnox_sync.intake.signature import NotAuthenticError, VerifiedDelivery, Verifier
from fortnox_sync.runtime.clock import Clock
from fortnox_sync.runtime.telemetry import DELIVERIES
from fortnox_sync.web import problems

LARGEST = 1024 * 1024
_LONGEST_LENGTH = 12
_RETRY_AFTER_S = "5"


class ProblemOut(BaseModel):
    """Something in a delivery that could not be taken as it is; the delivery is kept whole."""

    code: str = Field(description="What is wrong, for programs.")
    at: str = Field(description="Path of the field.")
    message: str = Field(description="What is wrong, for people.")
    transaction_id: str | None = Field(
        default=None, description="The transaction that was not taken, where it is one."
    )


class DeliveryOut(BaseModel):
    """What became of a delivery."""

    status: str = Field(description="stored, seen (before) or variant (another body under a known id).")
    delivery_id: str = Field(description="Its id here, for support.")
    problems: list[ProblemOut] = Field(default=[], description="What could not be taken; the rest was.")


def add(router: APIRouter, inbox: Inbox, verifier: Verifier, clock: Clock) -> None:
    """Add the route to the app's own router: through an included one each delivery takes a detour."""

    @router.post(
        "/v1/webhooks/till",
        tags=["till"],
        status_code=HTTPStatus.ACCEPTED,
        response_model=DeliveryOut,
        responses={
            200: {"model": DeliveryOut, "description": "Seen before; nothing was changed."},
            **problems.responses(
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.UNAUTHORIZED,
                HTTPStatus.REQUEST_TIMEOUT,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ),
        },
        openapi_extra=_REQUEST,
    )
    async def take(request: Request) -> Response:
        """Take a delivery: signed by Standard Webhooks, at most 1 MiB, in any order, any number of times."""
        delivery = await _verified(request)
        contents, refusal = _contents(delivery)
        try:
            receipt = await inbox.take(delivery, contents)
        except NotCommittedError:
            DELIVERIES.labels("not_committed").inc()
            raise problems.Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "not_committed",
                "The delivery could not be stored.",
                "Send the same delivery again.",
                headers={"Retry-After": _RETRY_AFTER_S},
            ) from None
        DELIVERIES.labels(receipt.answer.value).inc()
        if refusal is not None:
            raise refusal
        return _answer(receipt)

    async def _verified(request: Request) -> VerifiedDelivery:
        body = await _body(request)
        try:
            return verifier.verify(request.headers, body, clock.now())
        except NotAuthenticError as error:
            DELIVERIES.labels("refused").inc()
            raise problems.Problem(
                HTTPStatus.UNAUTHORIZED,
                "signature_invalid",
                str(error),
                "Sign with the secret given for this till, and with a clock that is right.",
            ) from None


async def _body(request: Request) -> bytes:
    """Read at most what is allowed, whatever the sender says the length is."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and (len(told) > _LONGEST_LENGTH or int(told) > LARGEST):
        raise _too_large(f"A delivery has at most {LARGEST} bytes.")
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST:
                raise _too_large(f"A delivery has at most {LARGEST} bytes.")
            chunks.append(chunk)
    except ClientDisconnect:  # nobody reads the answer; it is for our own figures
        raise problems.Problem(HTTPStatus.BAD_REQUEST, "cut_short", "The delivery did not arrive.") from None
    return b"".join(chunks)


def _too_large(detail: str) -> problems.Problem:
    return problems.Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        "The delivery is too large.",
        detail + " Split it.",
        headers={"Connection": "close"},  # the rest of it is not waited for
    )


def _contents(delivery: VerifiedDelivery) -> tuple[Contents, problems.Problem | None]:
    """Understand a delivery; what the sender must mend is kept all the same, and refused afterwards."""
    try:
        return read(delivery.body), None
    except NotJsonError:
        problem = Problem("delivery_unreadable", "", "The body is not JSON.")
        refusal = problems.Problem(
            HTTPStatus.BAD_REQUEST,
            "not_json",
            "The body is not JSON.",
            "It was kept for support to look at. Send it whole, as UTF-8 JSON.",
        )
    except TooManyTransactionsError:
        detail = f"A delivery holds at most {MOST_TRANSACTIONS} transactions."
        problem = Problem("delivery_unreadable", "data.transactions", detail)
        refusal = _too_large(detail)
    return Contents(None, None, problems=(problem,)), refusal


def _answer(receipt: Receipt) -> Response:
    status = HTTPStatus.OK if receipt.answer is Answer.SEEN else HTTPStatus.ACCEPTED
    out = DeliveryOut(
        status=receipt.answer.value,
        delivery_id=receipt.delivery_id,
        problems=[
            ProblemOut(code=p.code, at=p.at, message=p.message, transaction_id=p.transaction_id)
            for p in receipt.problems
        ],
    )
    return Response(out.model_dump_json(), status, media_type="application/json")


_REQUEST = {
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
            "description": description,
        }
        for name, description in (
            ("webhook-id", "Unique for the delivery; the same again when it is sent again."),
            ("webhook-timestamp", "Seconds since 1970, at most five minutes from now."),
            (
                "webhook-signature",
                "`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; several by spaces.",
            ),
        )
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "timestamp", "data"],
                    "properties": {
                        "type": {"type": "string", "examples": ["till.day.closed"]},
                        "timestamp": {"type": "string", "format": "date-time"},
                        "data": {"type": "object"},
                    },
                }
            }
        },
    },
}
