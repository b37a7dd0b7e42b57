"""Sales that can't be posted yet, because something they name has no account: one fault names it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountMap, AccountRole, Dimension
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import Names, NotPosted, Unmapped, post
from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.export import tally
from fortnox_sync.export.items import item
from fortnox_sync.export.rules import Rules, rules_of
from fortnox_sync.fault.facts import UnmappedFacts
from fortnox_sync.fault.model import AccountUnmapped
from fortnox_sync.fault.parts import Item
from fortnox_sync.fault.repository import Faults, OpenFault
from fortnox_sync.mapping.suggested import suggested_accounts
from fortnox_sync.runtime.database import Database


async def account_unmapped(
    faults: Faults, unmapped: Iterable[Unmapped], accounts: AccountMap, names: Names
) -> AccountUnmapped:
    """Gather what a session lacks with what others wait for; `count_anew` sets the amounts right."""
    standing = await _open_one(faults)
    items = _items_of(standing)
    amounts = {role: Money(i.amount_ore or 0) for role, i in items if accounts.account_for(role) is None}
    suggested = {role: i.suggested_account for role, i in items if i.suggested_account}
    return lacking({one.role: one.amount for one in unmapped} | amounts, names, suggested)


async def count_anew(database: Database, lease: Lease) -> None:
    """Say how much money waits for each item, over all sessions that wait, and which account would fit."""
    async with database.write() as connection:
        await lane.hold(connection, lease)
        faults = Faults(database, connection, lease.company_id)
        standing = await _open_one(faults)
        company = await companies.find(connection, lease.company_id)
        if standing is None or company is None:
            return
        rules = await rules_of(database, connection, company)
        amounts: dict[AccountRole, Money] = {}
        for waiting in standing.waiting:
            for one in await _unmapped_of(connection, lease.company_id, waiting.waiting_id, rules):
                amounts[one.role] = amounts.get(one.role, Money(0)) + one.amount
        if amounts:
            suggested = await suggested_accounts(database, connection, lease.company_id)
            await faults.open(lacking(amounts, rules.names, suggested))


async def _unmapped_of(
    connection: AsyncConnection, company_id: str, session_id: str, rules: Rules
) -> tuple[Unmapped, ...]:
    sums = await tally.session_sums(connection, company_id, session_id)
    result = post(sums.unclaimed, rules.accounts, rules.cost_centers, rules.names)
    return result.unmapped if isinstance(result, NotPosted) else ()


async def _open_one(faults: Faults) -> OpenFault | None:
    found = (one for one in await faults.all_open() if isinstance(one.fault, AccountUnmapped))
    return next(found, None)


def _items_of(standing: OpenFault | None) -> tuple[tuple[AccountRole, Item], ...]:
    told = standing.fault if standing else None
    items = told.facts.items if isinstance(told, AccountUnmapped) else ()
    return tuple((AccountRole(Dimension(i.dimension), i.key, i.narrow), i) for i in items)


def lacking(
    amounts: Mapping[AccountRole, Money], names: Names, suggested: Mapping[AccountRole, int] | None = None
) -> AccountUnmapped:
    """Say which items lack an account, with the money that waits for each and the account to offer for it."""
    items = tuple(
        item(role, amount, names).model_copy(update={"suggested_account": (suggested or {}).get(role)})
        for role, amount in sorted(amounts.items())
    )
    return AccountUnmapped(facts=UnmappedFacts(items=items))
