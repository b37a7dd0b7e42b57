"""The rules a company's vouchers are made by: its settings, accounts, cost centres and names of today."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountMap
from fortnox_sync.accounting.posting import CostCenters, Names
from fortnox_sync.connection.chart import demanding_accounts
from fortnox_sync.connection.company import Company
from fortnox_sync.export import tally
from fortnox_sync.intake.tables import catalog_item
from fortnox_sync.mapping.repository import Mappings
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Rules:
    """What vouchers of a company are made by."""

    series: str
    accounts: AccountMap
    cost_centers: CostCenters
    names: Names
    registers: dict[str, str]
    cost_center_names: dict[str, str]

    async def names_for(self, connection: AsyncConnection, company_id: str, session_id: str) -> Names:
        """Return the names together with what people noted in a session."""
        return replace(self.names, texts=await tally.spoken_texts(connection, company_id, session_id))


async def rules_of(database: Database, connection: AsyncConnection, company: Company) -> Rules:
    """Gather everything a company's vouchers are made by, as it is chosen today."""
    mappings = Mappings(database, connection, company.company_id)
    query = sa.select(catalog_item).where(catalog_item.c.company_id == company.company_id)
    items = (await connection.execute(query)).all()
    named = {(row.dimension, row.item_id): row.name for row in items if row.name}
    return Rules(
        series=company.voucher_series or "",
        accounts=await mappings.account_map(),
        cost_centers=CostCenters(
            of_register={
                row.item_id: row.cost_center_id
                for row in items
                if row.dimension == "register" and row.cost_center_id
            },
            codes=await mappings.cost_center_codes(),
            demanding=await demanding_accounts(connection, company.company_id),
        ),
        names=Names(
            payment_methods={item: name for (d, item), name in named.items() if d == "payment_method"},
            article_groups={item: name for (d, item), name in named.items() if d == "article_group"},
            events={item: name for (d, item), name in named.items() if d == "event"},
        ),
        registers={item: name for (d, item), name in named.items() if d == "register"},
        cost_center_names={item: name for (d, item), name in named.items() if d == "cost_center"},
    )
