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
from fortnox_sync.fault.repository import Faults, OpenFault
from fortnox_sync.runtime.database import Database


async def account_unmapped(
    faults: Faults, unmapped: Iterable[Unmapped], accounts: AccountMap, names: Names
) -> AccountUnmapped:
    """Gather what a session lacks with what others wait for; `count_anew` sets the amounts right."""
    standing = await _openlacking(faults)
    amounts = _still_unmapped(standing, accounts) if standing else {}
    return lacking({one.role: one.amount for one in unmapped} | amounts, names)


async def count_anew(database: Database, lease: Lease) -> None:
    """Say how much money waits for each item, over all sessions that wait; a session may have grown."""
    async with database.write() as connection:
        await lane.hold(connection, lease)
        faults = Faults(database, connection, lease.company_id)
        standing = await _openlacking(faults)
        company = await companies.find(connection, lease.company_id)
        if standing is None or company is None:
            return
        rules = await rules_of(database, connection, company)
        amounts: dict[AccountRole, Money] = {}
        for waiting in standing.waiting:
            for one in await _unmapped_of(connection, lease.company_id, waiting.waiting_id, rules):
                amounts[one.role] = amounts.get(one.role, Money(0)) + one.amount
        if amounts:
            await faults.open(lacking(amounts, rules.names))


async def _unmapped_of(
    connection: AsyncConnection, company_id: str, session_id: str, rules: Rules
) -> tuple[Unmapped, ...]:
    sums = await tally.session_sums(connection, company_id, session_id)
    result = post(sums.unclaimed, rules.accounts, rules.cost_centers, rules.names)
    return result.unmapped if isinstance(result, NotPosted) else ()


async def _openlacking(faults: Faults) -> OpenFault | None:
    found = (one for one in await faults.all_open() if isinstance(one.fault, AccountUnmapped))
    return next(found, None)


def _still_unmapped(standing: OpenFault, accounts: AccountMap) -> dict[AccountRole, Money]:
    items = standing.fault.facts.items if isinstance(standing.fault, AccountUnmapped) else ()
    roles = ((AccountRole(Dimension(i.dimension), i.key, i.narrow), i) for i in items)
    return {role: Money(i.amount_ore or 0) for role, i in roles if accounts.account_for(role) is None}


def lacking(amounts: Mapping[AccountRole, Money], names: Names) -> AccountUnmapped:
    """Say which items lack an account, with the money that waits for each."""
    items = tuple(item(role, amount, names) for role, amount in sorted(amounts.items()))
    return AccountUnmapped(facts=UnmappedFacts(items=items))
