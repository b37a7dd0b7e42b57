"""How much anybody may send, known or not: a body is read before a token is looked at."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Far above any call; a delivery has a lower limit of its own.
LARGEST_BODY = 4 * 1024 * 1024


def bounded(app: ASGIApp) -> ASGIApp:
    """Stop reading a body that grows too large; FastAPI's own limit answers with no problem document."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST_BODY:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await app(scope, counted, send)

    return wrapped
