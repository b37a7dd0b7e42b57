"""A voucher: rows that balance to the öre, or no voucher at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fortnox_sync.accounting.errors import AccountingError, VoucherUnbalancedError
from fortnox_sync.accounting.money import Money, total

FEWEST_ROWS = 2


@dataclass(frozen=True, slots=True, order=True)
class VoucherRow:
    """One line of a voucher: an account, one side, and what it is the sum of."""

    account: int
    cost_center: str | None
    debit: Money
    credit: Money
    of: str
    text: str

    def __post_init__(self) -> None:
        """Refuse a row that is on both sides, on none, or negative."""
        if min(self.debit.ore, self.credit.ore) != 0 or max(self.debit.ore, self.credit.ore) <= 0:
            raise AccountingError(f"a row stands on one side: {self.debit.ore} / {self.credit.ore}")


def row(account: int, cost_center: str | None, debit: Money, of: str, text: str) -> VoucherRow:
    """Make a row from a signed debit: a negative one changes side."""
    if debit.ore > 0:
        return VoucherRow(account, cost_center, debit, Money(0), of, text)
    return VoucherRow(account, cost_center, Money(0), -debit, of, text)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A balanced voucher: it can't be built otherwise (BFL 5 kap.; Fortnox refuses it too)."""

    transaction_date: date
    rows: tuple[VoucherRow, ...]

    def __post_init__(self) -> None:
        """Refuse rows that do not balance, or too few of them."""
        if len(self.rows) < FEWEST_ROWS:
            raise AccountingError(f"a voucher has at least {FEWEST_ROWS} rows")
        debit, credit = total(r.debit for r in self.rows), total(r.credit for r in self.rows)
        if debit != credit:
            raise VoucherUnbalancedError(debit.ore, credit.ore)

    @property
    def turnover(self) -> Money:
        """Return the sum of either side."""
        return total(r.debit for r in self.rows)
