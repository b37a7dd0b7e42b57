"""A Z report agrees with the ledger to the öre, or every difference is listed."""

from tests.factories import a_payment, a_sale, a_transaction, an_event, totals_of

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import Difference, Tally, TransactionKind
from fortnox_sync.intake.completeness import compare
from fortnox_sync.intake.payload import Totals, Transaction

DAY = [
    a_transaction(1, sales=[a_sale(), a_sale(rate="25.0", gross=5000, vat=1000)], events=[an_event()]),
    a_transaction(2, sales=[a_sale(gross=-1120, vat=-120)], payments=[a_payment("cash", -1120)]),
]


def tallies() -> tuple[Tally, ...]:
    """Tally every line by itself, as the ledger would have summed them."""
    read = [Transaction.model_validate(one, strict=False) for one in DAY]
    return tuple(
        Tally(TransactionKind.SALE, e.type, e.item_id, one.register_id, e.amount, e.vat, e.vat_rate)
        for one in read
        for e in one.entries
    )


def report(**other: object) -> Totals:
    return Totals.model_validate(totals_of(DAY) | other, strict=False)


def test_a_report_of_the_same_day_has_no_differences() -> None:
    assert compare(report(), tallies()) == ()


def test_rates_are_compared_however_they_are_spelled() -> None:
    sales = [
        {"vat_rate": "12.0", "gross": 10080, "vat": 1080},
        {"vat_rate": "25", "gross": 5000, "vat": 1000},
    ]
    assert compare(report(sales=sales), tallies()) == ()


def test_an_ore_less_is_listed_with_both_sides() -> None:
    payments = [a_payment("card", 17200), a_payment("cash", -1121)]
    assert compare(report(payments=payments), tallies()) == (
        Difference("payment:cash", Money(-1121), Money(-1120)),
    )


def test_what_only_one_side_knows_is_listed_and_a_zero_is_nothing() -> None:
    events = [an_event("gift_card_sold", 0), an_event("rounding", 5)]
    assert compare(report(events=events), tallies()) == (
        Difference("event:rounding", Money(5), Money(0)),
        Difference("event:tip", Money(0), Money(1000)),
    )


def test_an_empty_day_agrees_with_an_empty_report() -> None:
    assert compare(Totals(), ()) == ()
