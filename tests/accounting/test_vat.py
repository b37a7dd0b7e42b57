"""VAT rates are data: any rate, spelled one way."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import rates

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.vat import VatRate, is_within_rounding


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (["25", "25.0", "25.00", "025", "2.5e1"], "25"),
        (["12.5", "12.50"], "12.5"),
        (["0", "0.0", "0.00", "-0"], "0"),
        (["10", "10.0", "1e1"], "10"),
        (["0.01"], "0.01"),
        (["99.99"], "99.99"),
    ],
)
def test_a_rate_has_one_key_however_it_is_spelled(spellings: list[str], key: str) -> None:
    assert {VatRate.parse(text).key for text in spellings} == {key}
    assert len({VatRate.parse(text) for text in spellings}) == 1


@pytest.mark.parametrize("text", ["", "moms", "25 %", "12,5", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="VAT rate"):
        VatRate.parse(text)


@pytest.mark.parametrize("text", ["-1", "-0.01", "100", "125", "1e30"])
def test_a_rate_lies_from_0_up_to_100_percent(text: str) -> None:
    with pytest.raises(ValueError, match="from 0 up to 100"):
        VatRate.parse(text)


@pytest.mark.parametrize("text", ["12.345", "0.001", "1e-20"])
def test_a_rate_has_at_most_two_decimals(text: str) -> None:
    with pytest.raises(ValueError, match="at most two decimals"):
        VatRate.parse(text)


@pytest.mark.parametrize(("key", "spelled"), [("25", "25 %"), ("12.5", "12,5 %"), ("0", "0 %")])
def test_a_rate_reads_as_a_swede_writes_it(key: str, spelled: str) -> None:
    assert str(VatRate.parse(key)) == spelled


def test_rates_are_ordered_by_size() -> None:
    keys = ["25", "6", "12.5", "0"]
    assert [rate.key for rate in sorted(map(VatRate.parse, keys))] == ["0", "6", "12.5", "25"]


@pytest.mark.parametrize(
    ("rate", "gross", "vat"),
    [
        ("25", 125_00, 25_00),
        ("12", 112_00, 12_00),
        ("6", 248_00, 14_04),  # 14,0377…
        ("6", 1007_10, 57_01),  # 57,0056…
        ("12", 1245_00, 133_39),  # 133,3928…
        ("0", 80_00, 0),
        ("17", 117_00, 17_00),
    ],
)
def test_the_vat_in_a_gross_amount(rate: str, gross: int, vat: int) -> None:
    assert VatRate.parse(rate).vat_in(Money(gross)) == Money(vat)


@pytest.mark.parametrize(
    ("gross", "vat"),
    [
        (14, 2),  # 1,5 öre
        (-14, -2),
        (42, 5),  # 4,5 öre
        (-42, -5),
        (13, 1),  # 1,39 öre
        (-13, -1),
        (15, 2),  # 1,61 öre
        (-15, -2),
    ],
)
def test_half_an_ore_is_rounded_up_and_a_refund_is_the_mirror_of_its_sale(gross: int, vat: int) -> None:
    assert VatRate.parse("12").vat_in(Money(gross)) == Money(vat)


@settings(deadline=None)
@given(rates(), st.integers(-(10**13), 10**13))
def test_the_vat_in_any_amount_is_the_nearest_whole_ore(rate: str, gross: int) -> None:
    percent = Fraction(rate)
    exact = abs(gross) * percent / (100 + percent)
    nearest = int(exact + Fraction(1, 2)) * (1 if gross >= 0 else -1)
    assert VatRate.parse(rate).vat_in(Money(gross)) == Money(nearest)


@pytest.mark.parametrize(
    ("gross", "vat", "lines", "within"),
    [
        (1007_10, 57_00, 1, False),  # exact 57,0057: half an öre is not enough
        (1007_10, 57_00, 2, True),  # two lines rounded by themselves may be an öre off
        (1007_10, 57_01, 1, True),
        (106_00, 6_00, 1, True),
        (-106_00, -6_00, 1, True),
        (106_00, 6_01, 1, False),
        (106_00, 12_00, 20, False),  # the label says 6, the till took 12
        (0, 0, 0, True),
    ],
)
def test_the_tills_vat_may_be_half_an_ore_off_for_each_line(
    gross: int, vat: int, lines: int, *, within: bool
) -> None:
    assert is_within_rounding(VatRate.parse("6"), Money(gross), Money(vat), lines) is within


def test_exactly_half_an_ore_is_within_rounding_both_ways() -> None:
    assert is_within_rounding(VatRate.parse("12"), Money(14), Money(1))
    assert is_within_rounding(VatRate.parse("12"), Money(14), Money(2))
    assert is_within_rounding(VatRate.parse("12"), Money(-14), Money(-1))


def test_a_rate_is_its_percentage() -> None:
    assert VatRate(Decimal("12.50")) == VatRate(Decimal("12.5"))
