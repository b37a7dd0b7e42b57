"""The setup: each step a merchant takes until sales can be booked, and what each still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountMap, AccountRole, Dimension
from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.company import Company, Status
from fortnox_sync.connection.tables import grant
from fortnox_sync.intake.tables import catalog_item
from fortnox_sync.mapping.repository import Mappings
from fortnox_sync.runtime.database import Database

StepName = Literal[
    "consent", "start_date", "voucher_series", "payment_methods", "vat_rates", "article_groups", "events"
]
_STEP_OF: dict[Dimension, StepName] = {
    Dimension.PAYMENT_METHOD: "payment_methods",
    Dimension.VAT_RATE: "vat_rates",
    Dimension.ARTICLE_GROUP: "article_groups",
    Dimension.EVENT: "events",
}
_CARRIES_NO_VAT = "0"


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """Something the till can name; `rates` are those an article group is sold at."""

    dimension: str
    item_id: str
    name: str | None
    kind: str | None
    rates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the setup; `lacks` names what is still to choose."""

    name: StepName
    lacks: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to choose here."""
        return not self.lacks


def steps(
    company: Company, items: tuple[CatalogItem, ...], accounts: AccountMap, *, connected: bool
) -> tuple[Step, ...]:
    """Tell how far a company's setup has come, step by step in the order people take them."""
    roles = [role for _, role in lacking(items, accounts)]
    return (
        Step("consent", () if connected else ("consent",)),
        Step("start_date", () if company.start_on else ("start_on",)),
        Step("voucher_series", () if company.voucher_series else ("voucher_series",)),
        *(
            Step(name, tuple(_spelled(role) for role in roles if role.dimension is dimension))
            for dimension, name in _STEP_OF.items()
        ),
    )


def lacking(
    items: tuple[CatalogItem, ...], accounts: AccountMap
) -> tuple[tuple[CatalogItem, AccountRole], ...]:
    """List the till's items that lack an account, each with the roles it lacks one for."""
    registers = tuple(item.item_id for item in items if item.dimension == "register")
    return tuple((item, role) for item in items for role in _unmapped(item, registers, accounts))


def _unmapped(item: CatalogItem, registers: tuple[str, ...], accounts: AccountMap) -> tuple[AccountRole, ...]:
    """List the roles of an item without an account; the narrower ones where it was mapped by them."""
    if item.dimension not in set(Dimension):
        return ()
    dimension = Dimension(item.dimension)
    if dimension is Dimension.VAT_RATE and item.item_id == _CARRIES_NO_VAT:
        return ()
    whole = AccountRole(dimension, item.item_id)
    if accounts.account_for(whole) is not None:
        return ()
    narrows = {Dimension.PAYMENT_METHOD: registers, Dimension.ARTICLE_GROUP: item.rates}.get(dimension, ())
    narrow = tuple(AccountRole(dimension, item.item_id, one) for one in narrows)
    missing = tuple(role for role in narrow if accounts.account_for(role) is None)
    is_mapped_by_parts = len(missing) < len(narrow)
    return missing if is_mapped_by_parts else (whole,)


def _spelled(role: AccountRole) -> str:
    return f"{role.key}@{role.narrow}" if role.narrow else role.key


class Setup:
    """The setup of one company, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._database, self._connection, self._company_id = database, connection, company_id

    async def catalog(self) -> tuple[CatalogItem, ...]:
        """List everything the till has named."""
        query = (
            sa.select(catalog_item)
            .where(catalog_item.c.company_id == self._company_id)
            .order_by(catalog_item.c.dimension, catalog_item.c.item_id)
        )
        return tuple(
            CatalogItem(row.dimension, row.item_id, row.name, row.kind, tuple(row.vat_rates or ()))
            for row in await self._connection.execute(query)
        )

    async def is_connected(self) -> bool:
        """Tell whether a consent stands."""
        query = sa.select(grant.c.company_id).where(
            grant.c.company_id == self._company_id, grant.c.revoked_at.is_(None)
        )
        return (await self._connection.execute(query)).first() is not None

    async def steps(self, company: Company) -> tuple[Step, ...]:
        """Tell how far the company has come."""
        accounts = await Mappings(self._database, self._connection, self._company_id).account_map()
        connected = await self.is_connected()
        return steps(company, await self.catalog(), accounts, connected=connected)

    async def settle(self) -> None:
        """Start booking once nothing is lacking; and let what waits be looked at again.

        A merchant may also finish with items left unmapped: what they sell is then held, not lost.
        """
        company = await companies.find(self._connection, self._company_id, lock=True)
        if company is None:
            return
        if company.status is Status.SETTING_UP and is_ready(company, await self.steps(company)):
            await companies.change(
                self._database, self._connection, self._company_id, status=Status.ACTIVE.value
            )
        await lane.look_again(self._database, self._connection, self._company_id)


def is_ready(company: Company, taken: tuple[Step, ...]) -> bool:
    """Tell whether booking can start: the first steps always, the accounts unless waived."""
    needed = ("consent", "start_date", "voucher_series") if company.setup_completed else None
    return all(step.is_done for step in taken if needed is None or step.name in needed)
