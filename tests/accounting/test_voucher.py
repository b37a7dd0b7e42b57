"""A voucher balances, or there is none."""

from datetime import date

import pytest

from fortnox_sync.accounting.errors import AccountingError, VoucherUnbalancedError
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import Voucher, VoucherRow, row

DAY = date(2026, 10, 2)


def a_row(debit: int, credit: int) -> VoucherRow:
    return VoucherRow(1910, None, Money(debit), Money(credit), "payment:cash", "Kontant")


def test_a_voucher_that_balances_can_be_made() -> None:
    voucher = Voucher(DAY, (a_row(100, 0), a_row(25, 0), a_row(0, 125)))
    assert voucher.turnover == Money(125)


def test_a_voucher_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(VoucherUnbalancedError) as caught:
        Voucher(DAY, (a_row(100, 0), a_row(0, 99)))
    assert (caught.value.debit_ore, caught.value.credit_ore) == (100, 99)


@pytest.mark.parametrize("rows", [(), (a_row(100, 0),)], ids=["no row", "one row"])
def test_a_voucher_has_at_least_two_rows(rows: tuple[VoucherRow, ...]) -> None:
    with pytest.raises(AccountingError, match="at least 2 rows"):
        Voucher(DAY, rows)


@pytest.mark.parametrize(
    ("debit", "credit"),
    [(0, 0), (100, 100), (100, 1), (-100, 0), (0, -100), (-100, 100), (100, -100)],
)
def test_a_row_stands_on_exactly_one_side(debit: int, credit: int) -> None:
    with pytest.raises(AccountingError, match="one side"):
        a_row(debit, credit)


@pytest.mark.parametrize("amount", [True, 1.0, 0.1])
def test_a_row_is_not_made_of_anything_but_money(amount: object) -> None:
    with pytest.raises(TypeError, match="whole number of öre"):
        VoucherRow(1910, None, Money(amount), Money(0), "payment:cash", "Kontant")  # type: ignore[arg-type]


def test_a_positive_sum_stands_in_debit() -> None:
    made = row(1910, None, Money(100), "payment:cash", "Kontant")
    assert (made.debit, made.credit) == (Money(100), Money(0))


def test_a_negative_sum_changes_side() -> None:
    made = row(3001, "100", Money(-80), "sales:25", "Försäljning 25 %")
    assert (made.debit, made.credit) == (Money(0), Money(80))


def test_a_sum_of_zero_makes_no_row() -> None:
    with pytest.raises(AccountingError, match="one side"):
        row(1910, None, Money(0), "payment:cash", "Kontant")


def test_a_voucher_cannot_be_changed() -> None:
    voucher = Voucher(DAY, (a_row(100, 0), a_row(0, 100)))
    with pytest.raises(AttributeError):
        voucher.rows = ()  # type: ignore[misc]
