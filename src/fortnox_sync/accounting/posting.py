"""The posting rules: the sums of a till session become voucher rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from fortnox_sync.accounting.account_map import (
    AccountMap,
    AccountRole,
    event_role,
    payment_role,
    sales_role,
    vat_role,
)
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import EntryType, Tally, TransactionKind
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.accounting.voucher import VoucherRow, row

# BAS: classes 3 to 8 are the result, classes 1 and 2 the balance sheet.
_FIRST_RESULT_ACCOUNT = 3000
_LAST_RESULT_ACCOUNT = 8999


@dataclass(frozen=True, slots=True)
class CostCenters:
    """Where costs and revenue belong: the till's cost centres and the codes Fortnox knows them by.

    `demanding` holds the accounts that Fortnox refuses without a cost centre.
    """

    of_register: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    demanding: frozenset[int] = frozenset()

    def code_for(self, account: int, tally: Tally) -> str | None:
        """Return the code a row carries: result accounts always, others only on demand."""
        if not (_FIRST_RESULT_ACCOUNT <= account <= _LAST_RESULT_ACCOUNT or account in self.demanding):
            return None
        cost_center_id = tally.cost_center_id or self.of_register.get(tally.register_id)
        return self.codes.get(cost_center_id) if cost_center_id else None


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the till's items; an item without a name goes by its id."""

    payment_methods: dict[str, str] = field(default_factory=dict)
    article_groups: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def of_sum(self, of: str) -> str:
        """Name a sum as people do: `payment:card` is Kort, `vat:12` is Utgående moms 12 %."""
        kind, _, item = of.partition(":")
        match kind:
            case "sales":
                return f"Försäljning {VatRate.parse(item)}"
            case "vat":
                return f"Utgående moms {VatRate.parse(item)}"
            case "payment":
                return self.payment_methods.get(item, item)
            case _:
                return self.events.get(item, item)


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Money that waits because a role has no account yet."""

    role: AccountRole
    amount: Money


@dataclass(frozen=True, slots=True)
class Posted:
    """The rows of one voucher; none when everything summed to zero."""

    rows: tuple[VoucherRow, ...]


@dataclass(frozen=True, slots=True)
class NotPosted:
    """Nothing is booked: these roles lack an account. There is no catch-all account."""

    unmapped: tuple[Unmapped, ...]


@dataclass(frozen=True, slots=True)
class _Share:
    """A signed debit for one role, before its account is known."""

    role: AccountRole
    debit: Money
    of: str
    text: str
    tally: Tally


def post(
    tallies: Iterable[Tally], accounts: AccountMap, cost_centers: CostCenters, names: Names
) -> Posted | NotPosted:
    """Turn the sums of a session into rows, or say which accounts are missing.

    Rows: one per payment method, VAT rate, (event, cost centre) and (sales account, rate, cost centre);
    the law wants cash and card apart in the joint voucher (BFNAR 2013:2, 6.10).
    """
    shares = [share for tally in tallies for share in _shares(tally, names) if share.debit]
    unmapped = _unmapped(shares, accounts)
    if unmapped:
        return NotPosted(unmapped)
    return Posted(_rows(shares, accounts, cost_centers))


def _shares(tally: Tally, names: Names) -> Iterator[_Share]:
    # Movements in one drawer voucher keep apart by their transaction; a purchase is alone in its voucher.
    at = f"@{tally.transaction_id}" if tally.kind is TransactionKind.DRAWER else ""
    said = names.texts.get(tally.transaction_id or "")
    match tally.type:
        case EntryType.PAYMENT:
            role = payment_role(tally.item_id, tally.register_id)
            text = _text(names.payment_methods.get(tally.item_id, tally.item_id), said)
            yield _Share(role, tally.amount, f"payment:{tally.item_id}{at}", text, tally)
        case EntryType.EVENT:
            text = _text(names.events.get(tally.item_id, tally.item_id), said)
            yield _Share(event_role(tally.item_id), -tally.amount, f"event:{tally.item_id}{at}", text, tally)
        case EntryType.SALE:
            yield from _sale_shares(tally, tally.vat_rate or VatRate.parse("0"), at)
        case _:
            assert_never(tally.type)


def _sale_shares(tally: Tally, rate: VatRate, at: str) -> Iterator[_Share]:
    """Split a sale into net and VAT: the till's VAT as it stands, never computed again."""
    net = tally.amount - tally.vat
    yield _Share(sales_role(tally.item_id, rate), -net, f"sales:{rate.key}{at}", f"Försäljning {rate}", tally)
    yield _Share(vat_role(rate), -tally.vat, f"vat:{rate.key}{at}", f"Utgående moms {rate}", tally)


def _text(name: str, said: str | None) -> str:
    return f"{name}: {said}" if said else name


def _unmapped(shares: list[_Share], accounts: AccountMap) -> tuple[Unmapped, ...]:
    waiting: dict[AccountRole, Money] = {}
    for share in shares:
        if accounts.account_for(share.role) is None:
            role = accounts.as_chosen(share.role)
            waiting[role] = waiting.get(role, Money(0)) + abs(share.debit)
    return tuple(Unmapped(role, amount) for role, amount in sorted(waiting.items()))


def _rows(shares: list[_Share], accounts: AccountMap, cost_centers: CostCenters) -> tuple[VoucherRow, ...]:
    """Add up the shares of each row; `apart` keeps movements of the drawer from being netted."""
    sums: dict[tuple[int, str, str, str], Money] = {}
    texts: dict[tuple[int, str, str, str], str] = {}
    for share in shares:
        account, apart = accounts[share.role], share.tally.transaction_id or ""
        key = (account, cost_centers.code_for(account, share.tally) or "", share.of, apart)
        sums[key] = sums.get(key, Money(0)) + share.debit
        texts[key] = share.text
    return tuple(
        row(account, code or None, debit, of, texts[account, code, of, apart])
        for (account, code, of, apart), debit in sorted(sums.items())
        if debit
    )
