"""One change of the merchant's choices: locked, compared with what the caller saw, and looked at again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fortnox_sync.connection import company as companies
from fortnox_sync.mapping.repository import Mappings, tag_of
from fortnox_sync.mapping.setup import Setup
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.problems import Problem, not_found


async def change(
    database: Database,
    bell: Bell,
    company_id: str,
    deed: Callable[[Mappings], Awaitable[None]],
    seen: str | None = None,
) -> str:
    """Change something, if all choices still are as the caller saw them; return their new tag."""
    async with database.write() as connection:
        # Locked: two people who choose the same items in another order would wait for each other.
        if await companies.find(connection, company_id, lock=True) is None:
            raise not_found("The company has not been seen yet.")
        choices = Mappings(database, connection, company_id)
        if seen is not None and not _matches(seen, tag_of(await choices.account_map())):
            raise _changed_meanwhile()
        await deed(choices)
        tag = tag_of(await choices.account_map())
        await Setup(database, connection, company_id).settle()
    await bell.ring()
    return tag


def _matches(seen: str, tag: str) -> bool:
    """Compare as RFC 9110, 13.1.1 says: any of several tags will do, and a star is any state."""
    return seen.strip() == "*" or tag in (one.strip() for one in seen.split(","))


def _changed_meanwhile() -> Problem:
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "changed_meanwhile",
        "Somebody else has changed a mapping since you read them.",
        "GET the mappings, look at what is different, and send your change with the new ETag.",
    )
