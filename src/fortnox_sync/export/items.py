"""Items: what of the till stands behind a voucher's accounts and cost centre codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class AtTill:
    """What a person knows from the till: the items booked on an account, the name behind a code.

    A fault names them, so that a person finds what it is about.
    """

    items: Mapping[int, tuple[Item, ...]] = field(default_factory=dict)
    cost_centers: Mapping[str, str] = field(default_factory=dict)


async def at_till(desk: Desk, voucher: StoredVoucher) -> AtTill:
    """Return what of the till stands behind a voucher."""
    async with desk.database.read() as connection:
        company = await companies.find(connection, desk.company_id)
        if company is None:
            return AtTill()
        rules = await rules_of(desk.database, connection, company)
        tallies = await tally.voucher_sums(connection, desk.company_id, voucher.origin, voucher.voucher_id)
    return AtTill(by_account(tallies, rules), by_code(voucher, rules))


def by_code(voucher: StoredVoucher, rules: Rules) -> dict[str, str]:
    """Name the codes of a voucher as the till does; several cost centres may share one."""
    used = {row.cost_center for row in voucher.payload.rows}
    names: dict[str, str] = {code: "" for code in used if code}
    for cost_center_id, code in sorted(rules.cost_centers.codes.items()):
        if code in names:
            name = rules.cost_center_names.get(cost_center_id, cost_center_id)
            names[code] = f"{names[code]}, {name}" if names[code] else name
    return names


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
