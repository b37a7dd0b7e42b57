"""The facts of a till: transactions that balance, and Z reports that agree with them."""

import pytest

from fortnox_sync.accounting.errors import TransactionUnbalancedError
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import (
    Difference,
    Entry,
    EntryType,
    Tally,
    TransactionKind,
    check_balance,
    differences,
    totals_of,
)
from fortnox_sync.accounting.vat import VatRate


def an_entry(kind: EntryType, amount: int) -> Entry:
    return Entry(kind, "item", Money(amount))


def a_tally(kind: EntryType, item: str, amount: int, vat: int = 0, rate: str | None = None) -> Tally:
    vat_rate = VatRate.parse(rate) if rate else None
    return Tally(TransactionKind.SALE, kind, item, "K1", Money(amount), Money(vat), vat_rate)


@pytest.mark.parametrize(
    "amounts",
    [
        [(EntryType.PAYMENT, 12200), (EntryType.SALE, 11200), (EntryType.EVENT, 1000)],
        [(EntryType.PAYMENT, -12900), (EntryType.SALE, -12900)],
        [(EntryType.PAYMENT, 100), (EntryType.PAYMENT, -100)],
        [(EntryType.SALE, 100), (EntryType.SALE, -100)],
        [],
    ],
    ids=["sale and tip", "refund", "exchange of means", "goods exchanged", "nothing"],
)
def test_payments_equal_what_they_paid_for(amounts: list[tuple[EntryType, int]]) -> None:
    check_balance("K1-1", tuple(an_entry(*one) for one in amounts))


@pytest.mark.parametrize(("paid", "sold"), [(100, 90), (90, 100), (-90, 90), (0, -9)])
def test_a_transaction_that_does_not_balance_is_refused_with_both_sums(paid: int, sold: int) -> None:
    entries = (
        an_entry(EntryType.PAYMENT, paid),
        an_entry(EntryType.SALE, sold - 1),
        an_entry(EntryType.EVENT, 1),
    )
    with pytest.raises(TransactionUnbalancedError) as caught:
        check_balance("K1-7", entries)
    error = caught.value
    assert (error.transaction_id, error.paid_ore, error.sold_ore) == ("K1-7", paid, sold)


def test_sales_and_counts_are_takings_and_the_rest_is_not() -> None:
    takings = {kind.value for kind in TransactionKind if kind.is_takings}
    assert takings == {"sale", "cash_count"}


def test_totals_are_summed_as_a_z_report_does() -> None:
    tallies = (
        a_tally(EntryType.PAYMENT, "card", 30000),
        a_tally(EntryType.PAYMENT, "card", -5000),
        a_tally(EntryType.SALE, "food", 11200, 1200, "12"),
        a_tally(EntryType.SALE, "drinks", 5600, 600, "12.0"),
        a_tally(EntryType.SALE, "books", 8000, 0, "0"),
        a_tally(EntryType.EVENT, "tip", 200),
    )
    assert totals_of(tallies) == {
        "payment:card": Money(25000),
        "sales:12": Money(16800),
        "vat:12": Money(1800),
        "sales:0": Money(8000),
        "vat:0": Money(0),
        "event:tip": Money(200),
    }


def test_equal_totals_have_no_differences() -> None:
    assert differences({"payment:card": Money(5)}, {"payment:card": Money(5)}) == ()


def test_absent_and_zero_are_the_same_total() -> None:
    assert differences({"event:tip": Money(0)}, {"payment:card": Money(0)}) == ()


def test_every_difference_is_listed_with_both_sides() -> None:
    till = {"payment:card": Money(500), "vat:12": Money(12), "sales:12": Money(112)}
    ledger = {"payment:card": Money(499), "sales:12": Money(112), "event:tip": Money(-1)}
    assert differences(till, ledger) == (
        Difference("event:tip", Money(0), Money(-1)),
        Difference("payment:card", Money(500), Money(499)),
        Difference("vat:12", Money(12), Money(0)),
    )
