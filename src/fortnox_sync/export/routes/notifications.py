"""The BackOffice's calls on notifications: the bell of the front end."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from fortnox_sync.export.schemas.notifications import NotificationsOut, notification_out
from fortnox_sync.export.sent import sent_of
from fortnox_sync.fault.notifications import Notifications
from fortnox_sync.fault.parts import Sent
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.auth import Principal
from fortnox_sync.web.door import CompanyId, Door, refusals
from fortnox_sync.web.language import Spoken
from fortnox_sync.web.problems import not_found

_REFUSALS = refusals()
NotificationId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=36,
        pattern="^[0-9a-f-]+$",
        description="The id of the fault.",
        examples=["01a217f4-1813-7658-a93e-0f897248136f"],
    ),
]
Cursor = Annotated[
    str | None, Query(max_length=36, pattern="^[0-9a-f-]+$", description="`next_cursor` of the page before.")
]


def build(door: Door, database: Database) -> APIRouter:
    """Make the routes."""
    router = APIRouter(
        prefix="/v1/companies/{company_id}/notifications", tags=["notifications"], responses=_REFUSALS
    )
    reader = Annotated[Principal, Depends(door.reader)]

    @router.get("")
    async def notifications(
        company_id: CompanyId,
        principal: reader,
        language: Spoken,
        *,
        unread: Annotated[
            bool, Query(description="True for only those that the caller has not read.")
        ] = False,
        limit: Annotated[int, Query(ge=1, le=500, description="How many to list at most.")] = 100,
        cursor: Cursor = None,
    ) -> NotificationsOut:
        """List notifications, the newest first: one for each fault, and what was sent once it was healed."""
        async with database.read() as connection:
            mine = Notifications(connection, company_id, principal.subject)
            found = await mine.page(unread=unread, limit=limit, before=cursor)
            count = await mine.count_unread()
            closed = [one.fault_id for one in found if one.closed_at is not None]
            sent = await sent_of(connection, company_id, closed)
        return NotificationsOut(
            notifications=[notification_out(one, sent.get(one.fault_id, Sent()), language) for one in found],
            unread=count,
            next_cursor=found[-1].fault_id if len(found) == limit else None,
        )

    @router.post("/{notification_id}/read", status_code=HTTPStatus.NO_CONTENT)
    async def read_notification(
        company_id: CompanyId, notification_id: NotificationId, principal: reader
    ) -> Response:
        """Note that the caller has read a notification; again is no harm, and others have their own."""
        async with database.write() as connection:
            mine = Notifications(connection, company_id, principal.subject)
            if not await mine.read(database, notification_id):
                raise not_found("There is no such notification.")
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router
