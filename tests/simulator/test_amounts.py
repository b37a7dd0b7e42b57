"""Amounts on the wire and in the books."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.simulator.amounts import (
    Kronor,
    TooManyDecimalsError,
    read_json,
    swedish_amount,
    to_ore,
    write_json,
)


@given(st.integers(-(10**14), 10**14))
def test_every_amount_comes_back_as_it_went(ore: int) -> None:
    read = read_json(write_json({"Debit": Kronor(ore)}))
    assert isinstance(read, dict)
    assert to_ore(read["Debit"]) == ore


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_json_is_written_as_the_standard_library_reads_it(value: object) -> None:
    assert json.loads(write_json(value)) == value


@pytest.mark.parametrize(
    ("ore", "written"), [(0, "0"), (1, "0.01"), (100, "1"), (125050, "1250.50"), (-5, "-0.05"), (-100, "-1")]
)
def test_whole_kronor_have_no_decimals(ore: int, written: str) -> None:
    assert str(Kronor(ore)) == written


def test_parts_of_an_ore_are_no_amount() -> None:
    with pytest.raises(TooManyDecimalsError):
        to_ore(Decimal("0.001"))


def test_a_trailing_zero_is_no_third_decimal() -> None:
    assert to_ore(Decimal("1.100")) == 110


def test_floats_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        write_json({"Debit": 0.1})


@pytest.mark.parametrize(
    ("ore", "written"),
    [
        (0, "0,00"),
        (125050, "1\N{NO-BREAK SPACE}250,50"),
        (-100000000, "-1\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000,00"),
    ],
)
def test_people_read_amounts_with_a_comma(ore: int, written: str) -> None:
    assert swedish_amount(ore) == written
