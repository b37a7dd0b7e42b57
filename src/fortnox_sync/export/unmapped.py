"""Sales that can't be posted yet, because something they name has no account."""

from __future__ import annotations

from collections.abc import Sequence

from fortnox_sync.accounting.account_map import AccountMap, AccountRole, Dimension
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import Names, Unmapped
from fortnox_sync.fault.facts import UnmappedFacts
from fortnox_sync.fault.model import AccountUnmapped
from fortnox_sync.fault.parts import Item
from fortnox_sync.fault.repository import Faults


async def account_unmapped(
    faults: Faults, session_id: str, unmapped: Sequence[Unmapped], accounts: AccountMap, names: Names
) -> AccountUnmapped:
    """Gather what this session lacks with what others wait for: one fault names it all."""
    amounts: dict[AccountRole, Money] = {}
    is_waiting = False
    for open_fault in await faults.all_open():
        if isinstance(open_fault.fault, AccountUnmapped):
            is_waiting = any(one.waiting_id == session_id for one in open_fault.waiting)
            amounts = _still_unmapped(open_fault.fault, accounts)
    for one in unmapped:
        known = amounts.get(one.role, Money(0))
        # A session that waits already has been counted.
        amounts[one.role] = known if is_waiting and known else known + one.amount
    items = tuple(_item(role, amount, names) for role, amount in sorted(amounts.items()))
    return AccountUnmapped(facts=UnmappedFacts(items=items))


def _still_unmapped(fault: AccountUnmapped, accounts: AccountMap) -> dict[AccountRole, Money]:
    roles = ((AccountRole(Dimension(i.dimension), i.key, i.narrow), i) for i in fault.facts.items)
    return {role: Money(i.amount_ore or 0) for role, i in roles if accounts.account_for(role) is None}


def _item(role: AccountRole, amount: Money, names: Names) -> Item:
    known = {Dimension.PAYMENT_METHOD: names.payment_methods, Dimension.EVENT: names.events}
    name = known.get(role.dimension, {}).get(role.key, role.key)
    return Item(
        dimension=role.dimension.value,
        key=role.key,
        narrow=role.narrow,
        name=name,
        amount_ore=amount.ore,
    )
