"""The accounts to offer without asking Fortnox: from the chart as it was last read."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountRole
from fortnox_sync.connection.chart import accounts_in, newest_chart
from fortnox_sync.mapping.repository import Mappings
from fortnox_sync.mapping.setup import Setup, lacking
from fortnox_sync.mapping.suggest import by_rate, suggest
from fortnox_sync.runtime.database import Database


async def suggested_accounts(
    database: Database, connection: AsyncConnection, company_id: str
) -> Mapping[AccountRole, int]:
    """Return an account of the chart for each role that lacks one and that one fits; nothing is chosen."""
    chart = await newest_chart(connection, company_id)
    if chart is None:
        return {}
    items = await Setup(database, connection, company_id).catalog()
    chosen = await Mappings(database, connection, company_id).account_map()
    roles = [(item, one) for item, role in lacking(items, chosen) for one in by_rate(item, role)]
    made = suggest(roles, accounts_in(chart))
    return {one.role: one.account for one in made if one.account is not None and not one.must_be_added}
