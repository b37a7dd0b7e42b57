"""How much anybody may send, and in what time, known or not: a body is read before a token is looked at."""

import asyncio
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Far above any call; a delivery has a lower limit of its own.
LARGEST_BODY = 4 * 1024 * 1024
# A delivery of the largest size comes through at 18 kB/s: a till on a poor mobile line must get rid of it.
BODY_WITHIN_S = 60.0


def bounded(app: ASGIApp) -> ASGIApp:
    """Stop reading a body that grows too large or trickles in; FastAPI's own limit answers with no problem.

    Neither leaves the connection open: what comes after would be the rest of that body.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        until = asyncio.get_running_loop().time() + BODY_WITHIN_S
        size, is_whole = 0, False

        async def counted() -> Message:
            nonlocal size, is_whole
            if is_whole:  # what comes now is that the caller went away, and a stream waits for it for hours
                return await receive()
            message = await _in_time(receive, until)
            is_whole = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > LARGEST_BODY:
                raise _refused(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"No call has a body over {LARGEST_BODY} bytes."
                )
            return message

        await app(scope, counted, send)

    return wrapped


async def _in_time(receive: Receive, until: float) -> Message:
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError:
        detail = f"The body did not arrive within {BODY_WITHIN_S:g} seconds. Send it again."
        raise _refused(HTTPStatus.REQUEST_TIMEOUT, detail) from None


def _refused(status: HTTPStatus, detail: str) -> HTTPException:
    return HTTPException(status, detail, {"Connection": "close"})
