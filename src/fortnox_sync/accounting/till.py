"""The facts of a till session: what was sold, how it was paid, what else moved money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fortnox_sync.accounting.errors import TransactionUnbalancedError
from fortnox_sync.accounting.money import ZERO, Money, total
from fortnox_sync.accounting.vat import VatRate


class TransactionKind(StrEnum):
    """Why a transaction exists; it decides which voucher books it."""

    SALE = "sale"
    CASH_COUNT = "cash_count"
    DRAWER = "drawer"
    PURCHASE = "purchase"

    @property
    def is_takings(self) -> bool:
        """Tell whether the day's joint voucher books it (BFNAR 2013:2, 6.4 and 6.6)."""
        return self in {TransactionKind.SALE, TransactionKind.CASH_COUNT}


class EntryType(StrEnum):
    """The three kinds of line a till transaction is made of."""

    PAYMENT = "payment"
    SALE = "sale"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transaction: a payment, a sale with its VAT, or another event.

    `amount` is the payment, the gross sale or the event, signed; `vat` is the till's own figure.
    """

    type: EntryType
    item_id: str
    amount: Money
    vat: Money = ZERO
    vat_rate: VatRate | None = None
    cost_center_id: str | None = None


def check_balance(transaction_id: str, entries: tuple[Entry, ...]) -> None:
    """Raise TransactionUnbalancedError unless the payments are what was sold and what else happened."""
    paid = total(entry.amount for entry in entries if entry.type is EntryType.PAYMENT)
    sold = total(entry.amount for entry in entries if entry.type is not EntryType.PAYMENT)
    if paid != sold:
        raise TransactionUnbalancedError(transaction_id, paid.ore, sold.ore)


@dataclass(frozen=True, slots=True)
class Tally:
    """The sum of equal entries of one session, as the ledger adds them up.

    `transaction_id` stands only where entries must not be netted with those of other transactions.
    """

    kind: TransactionKind
    type: EntryType
    item_id: str
    register_id: str
    amount: Money
    vat: Money = ZERO
    vat_rate: VatRate | None = None
    cost_center_id: str | None = None
    transaction_id: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a Z report and the transactions behind it disagree, in öre."""

    of: str
    till: Money
    ledger: Money


def merged(amounts: dict[str, Money], key: str, amount: Money) -> None:
    """Add an amount to the sum kept under a key."""
    amounts[key] = amounts.get(key, Money(0)) + amount


def differences(till: dict[str, Money], ledger: dict[str, Money]) -> tuple[Difference, ...]:
    """Compare the till's totals with the ledger's; absent and zero are the same."""
    keys = sorted(till.keys() | ledger.keys())
    pairs = ((key, till.get(key, Money(0)), ledger.get(key, Money(0))) for key in keys)
    return tuple(Difference(key, ours, theirs) for key, ours, theirs in pairs if ours != theirs)


def totals_of(tallies: tuple[Tally, ...]) -> dict[str, Money]:
    """Sum tallies the way a Z report does: per payment method, VAT rate and event."""
    sums: dict[str, Money] = {}
    for tally in tallies:
        if tally.vat_rate is not None:
            merged(sums, f"sales:{tally.vat_rate.key}", tally.amount)
            merged(sums, f"vat:{tally.vat_rate.key}", tally.vat)
        else:
            merged(sums, f"{tally.type.value}:{tally.item_id}", tally.amount)
    return sums
