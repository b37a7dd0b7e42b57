"""Money is whole öre, and nothing else passes for it."""

from decimal import Decimal

import pytest

from fortnox_sync.accounting.money import ZERO, Money, total

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("amount", [12.0, 0.1, Decimal(12), "12", None], ids=repr)
def test_only_whole_numbers_are_money(amount: object) -> None:
    with pytest.raises(TypeError, match="whole number of öre"):
        Money(amount)  # type: ignore[arg-type]


@pytest.mark.parametrize("truth", [True, False])
def test_true_and_false_are_no_amounts(truth: bool) -> None:  # noqa: FBT001 - the very thing refused
    with pytest.raises(TypeError, match="not bool"):
        Money(truth)


def test_sums_and_differences_are_exact() -> None:
    assert Money(10) + Money(20) == Money(30)
    assert Money(10) - Money(20) == Money(-10)
    assert Money(10**18) + Money(1) == Money(10**18 + 1)


def test_money_can_go_the_other_way() -> None:
    assert -Money(5) == Money(-5)
    assert abs(Money(-5)) == Money(5)


def test_only_zero_is_nothing() -> None:
    assert not Money(0)
    assert Money(-1)
    assert Money(1)


def test_amounts_are_ordered_by_size() -> None:
    assert sorted([Money(3), Money(-7), Money(0)]) == [Money(-7), Money(0), Money(3)]


def test_a_total_is_the_sum_of_its_amounts() -> None:
    assert total([Money(1), Money(-4), Money(10)]) == Money(7)


def test_nothing_totals_to_zero() -> None:
    assert total([]) == ZERO


@pytest.mark.parametrize(
    ("ore", "spelled"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (-5, "-0,05"),
        (-199, "-1,99"),
        (1340270, f"13{NO_BREAK}402,70"),
        (-1234567890, f"-12{NO_BREAK}345{NO_BREAK}678,90"),
    ],
)
def test_money_reads_as_a_swede_writes_it(ore: int, spelled: str) -> None:
    assert str(Money(ore)) == spelled


def test_an_amount_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Money(1).ore = 2  # type: ignore[misc]
