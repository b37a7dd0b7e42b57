"""The live stream: what happens to a company's integration, as server-sent events that can be resumed."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Any, assert_never

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from fortnox_sync.runtime.broadcast import Broadcast, Joined, Reset, Silence, Told, TooManyListenersError
from fortnox_sync.runtime.events import Event
from fortnox_sync.runtime.telemetry import log
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.problems import Problem

_REFUSALS = refusals()
_RETRY_MS = 3000
# Longer than any proxy or phone keeps a line waiting that is alive.
_LONGEST_SEND_S = 30.0
_LARGEST_SEQ = 2**63 - 1
_EXAMPLE = """\
retry: 3000

id: 41
event: ready
data: {}

id: 42
event: fault.opened
data: {"at": "2026-10-03T01:00:00Z", "fault_id": "0199a1b2-…", "code": "account_inactive"}

: alive
"""
_STREAM: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK: {
        "description": "Server-sent events, until the token expires.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class EventStream(StreamingResponse):
    """An answer without an end of its own; who takes nothing for half a minute is let go."""

    media_type = "text/event-stream"

    def __init__(self, told: AsyncGenerator[bytes, None], longest_send_s: float = _LONGEST_SEND_S) -> None:
        """Answer with what a generator yields, and close it whatever happens."""
        super().__init__(told, headers={"X-Accel-Buffering": "no"})
        self._told, self._longest_send_s = told, longest_send_s

    async def stream_response(self, send: Send) -> None:
        """Send as long as the reader takes."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._longest_send_s):
                await send(message)

        async with aclosing(self._told):
            try:
                await super().stream_response(send_in_time)
            except TimeoutError:
                log.info("events.stuck_reader")


def build(door: Door, broadcast: Broadcast) -> APIRouter:
    """Make the route."""
    router = APIRouter(prefix="/v1/companies/{company_id}", tags=["events"], responses=_REFUSALS)
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("/events", status_code=HTTPStatus.OK, response_class=EventStream, responses=_STREAM)
    async def follow_events(
        company_id: CompanyId,
        principal: reader,
        after: Annotated[
            int | None,
            Query(ge=0, le=_LARGEST_SEQ, description="As `Last-Event-ID`, which counts before it."),
        ] = None,
        last_event_id: Annotated[
            str | None,
            Header(
                alias="Last-Event-ID",
                max_length=64,
                description="The last id seen: what came after it is sent first. Left out, it begins now.",
            ),
        ] = None,
    ) -> EventStream:
        """Follow what happens, so that nothing has to be polled.

        Events name what changed and its ids; look the rest up. `ready` comes first where no id is given:
        load the screen after it. `reset` says that the id is too old or unknown: load everything anew.
        The others are `fault.opened`, `fault.changed` and `fault.closed` (`fault_id`, `code`),
        `voucher.changed` (`voucher_id`, `session_id`, `export_id`, `state`), `day.closed` (`session_id`),
        `export.started` and `export.finished` (`export_id`), `integration.changed` and `mapping.changed`.
        Each has `at`. Leave out what you do not know: there may be more. An event comes once for each
        change, and once more only where a reader resumes with an older id. The stream ends when the token
        expires, when the process stops, and for a reader that is too slow: connect again with the last id.
        """
        try:
            broadcast.check_room()
        except TooManyListenersError:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too_many_streams",
                "As many streams are open here as this process can serve.",
                "Connect again in a moment, with Last-Event-ID.",
                headers={"Retry-After": "10"},
            ) from None
        since = after if last_event_id is None else _seq(last_event_id)
        return EventStream(_stream(broadcast, company_id, since, principal.seconds_left))

    return router


def _seq(last_event_id: str) -> int:
    """Read an id of ours; any other text is one that is not kept, and answered with a reset."""
    is_ours = last_event_id.isascii() and last_event_id.isdecimal()
    return min(int(last_event_id), _LARGEST_SEQ) if is_ours else -1


async def _stream(
    broadcast: Broadcast, company_id: str, after: int | None, seconds: float
) -> AsyncGenerator[bytes, None]:
    yield f"retry: {_RETRY_MS}\n\n".encode()
    try:
        async with aclosing(broadcast.follow(company_id, after, seconds)) as told:
            async for one in told:
                yield spelled(one)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        log.warning("events.unread", reason=type(error).__name__)


def spelled(one: Told) -> bytes:
    """Spell what is told as the WHATWG's event stream format has it."""
    match one:
        case Event():
            at = one.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
            return _block(one.seq, one.kind, {"at": at, **one.facts})
        case Joined():
            return _block(one.seq, "ready", {})
        case Reset():
            return _block(one.seq, "reset", {})
        case Silence():
            return b": alive\n\n"
        case _:
            assert_never(one)


def _block(seq: int, kind: str, data: dict[str, str | None]) -> bytes:
    """Write one event; JSON holds no line break, which would end it."""
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
