"""Items: which of the till's payment methods, rates, groups and events stand behind a voucher's accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fortnox_sync.accounting.account_map import (
    AccountRole,
    Dimension,
    event_role,
    payment_role,
    sales_role,
    vat_role,
)
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import Names
from fortnox_sync.accounting.till import EntryType, Tally
from fortnox_sync.connection import company as companies
from fortnox_sync.export import tally
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.repository import StoredVoucher
from fortnox_sync.export.rules import Rules, rules_of
from fortnox_sync.fault.parts import Item


async def items_of(desk: Desk, voucher: StoredVoucher) -> dict[int, tuple[Item, ...]]:
    """Return the items behind each account of a voucher: a fault names them, so that a person finds them."""
    async with desk.database.read() as connection:
        company = await companies.find(connection, desk.company_id)
        if company is None:
            return {}
        rules = await rules_of(desk.database, connection, company)
        tallies = await tally.voucher_sums(connection, desk.company_id, voucher.origin, voucher.voucher_id)
    return by_account(tallies, rules)


def by_account(tallies: Iterable[Tally], rules: Rules) -> dict[int, tuple[Item, ...]]:
    """Sum what is booked for each role, and sort the roles by the account they have."""
    amounts: dict[AccountRole, Money] = {}
    for one in tallies:
        for narrow, amount in _roles(one):
            role = rules.accounts.as_chosen(narrow)
            amounts[role] = amounts.get(role, Money(0)) + amount
    found: dict[int, tuple[Item, ...]] = {}
    for role, amount in sorted(amounts.items()):
        account = rules.accounts.account_for(role)
        if account is not None and amount:
            found[account] = (*found.get(account, ()), item(role, abs(amount), rules.names))
    return found


def _roles(one: Tally) -> Iterator[tuple[AccountRole, Money]]:
    if one.type is EntryType.PAYMENT:
        yield payment_role(one.item_id, one.register_id), one.amount
    elif one.type is EntryType.EVENT:
        yield event_role(one.item_id), one.amount
    elif one.vat_rate is not None:
        yield sales_role(one.item_id, one.vat_rate), one.amount - one.vat
        yield vat_role(one.vat_rate), one.vat


def item(role: AccountRole, amount: Money, names: Names) -> Item:
    """Point at a role as a person would."""
    known = {
        Dimension.PAYMENT_METHOD: names.payment_methods,
        Dimension.ARTICLE_GROUP: names.article_groups,
        Dimension.EVENT: names.events,
    }
    return Item(
        dimension=role.dimension.value,
        key=role.key,
        narrow=role.narrow,
        name=known.get(role.dimension, {}).get(role.key, role.key),
        amount_ore=amount.ore,
    )
