"""The accounts to offer a company for what lacks one, by its catalogue, its choices and its chart."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountRole
from fortnox_sync.connection.chart import Kept, accounts_in, newest_chart
from fortnox_sync.mapping.repository import Mappings
from fortnox_sync.mapping.setup import Setup, lacking
from fortnox_sync.mapping.suggest import Suggestion, by_rate, suggest
from fortnox_sync.runtime.database import Database


async def suggestions_for(
    database: Database, connection: AsyncConnection, company_id: str, chart: Kept
) -> tuple[Suggestion, ...]:
    """Suggest an account of a chart for each role that lacks one; nothing is chosen by it."""
    items = await Setup(database, connection, company_id).catalog()
    chosen = await Mappings(database, connection, company_id).account_map()
    roles = [(item, one) for item, role in lacking(items, chosen) for one in by_rate(item, role)]
    return suggest(roles, accounts_in(chart))


async def suggested_accounts(
    database: Database, connection: AsyncConnection, company_id: str
) -> Mapping[AccountRole, int]:
    """Return the account that fits each role without one, from the newest chart, without asking Fortnox."""
    chart = await newest_chart(connection, company_id)
    if chart is None:
        return {}
    made = await suggestions_for(database, connection, company_id, chart)
    return {one.role: one.account for one in made if one.account is not None and not one.must_be_added}
