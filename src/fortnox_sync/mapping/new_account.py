"""A new account in Fortnox, for a person who misses it in the list."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fortnox_sync.connection import chart, lane
from fortnox_sync.connection import company as companies
from fortnox_sync.fortnox import Account, FortnoxClient, Refused, Unanswered
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Added:
    """An account as Fortnox has it now, and whether this call brought it about."""

    account: Account
    is_new: bool


class NumberTakenError(Exception):
    """The chart has an account of that number, with another name."""

    def __init__(self, account: Account) -> None:
        """Keep the account that has the number."""
        super().__init__(account.number)
        self.account = account


async def add(client: FortnoxClient, number: int, description: str, year_id: int) -> Added:
    """Add an account to a year's chart; asked for again it is the same account.

    Raises NumberTakenError for a number in use under another name: what was booked on it is another thing.
    """
    standing = await client.account(number, year_id)
    if standing is not None:
        return _same(standing, description)
    try:
        return Added((await client.create_account(number, description, year_id)).value, is_new=True)
    except Refused:
        # Somebody else may have been quicker: what stands there tells.
        if (standing := await client.account(number, year_id)) is None:
            raise
        return _same(standing, description)
    except Unanswered:
        # It was not there a moment ago, so what stands there now is what we asked for.
        if (standing := await client.account(number, year_id)) is None:
            raise
        return replace(_same(standing, description), is_new=True)


def _same(standing: Account, description: str) -> Added:
    if standing.description.casefold().split() != description.casefold().split():
        raise NumberTakenError(standing)
    return Added(standing, is_new=False)


async def note(database: Database, company_id: str, added: Added, year_id: int, by: str) -> None:
    """Record who added it, have the lists read anew, and let what waited for it be looked at.

    The lists may lack one that was there already, too: somebody has just added it in Fortnox.
    """
    async with database.write() as connection:
        await companies.find(connection, company_id, lock=True)
        await chart.outdate(connection, company_id)
        await lane.look_again(database, connection, company_id)
        if added.is_new:
            deed = {"number": added.account.number, "description": added.account.description, "year": year_id}
            await audit.record(database, connection, company_id, by, "account.added", **deed)
