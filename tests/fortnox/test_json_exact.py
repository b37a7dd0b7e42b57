"""Amounts keep every digit on their way in and out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.fortnox.json_exact import decoded, encoded

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
)
bodies = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def test_decimals_are_written_with_the_digits_they_have() -> None:
    assert encoded({"Debit": Decimal("1250.00"), "Rows": [1, True, None, "å"]}) == (
        b'{"Debit":1250.00,"Rows":[1,true,null,"\\u00e5"]}'
    )


def test_a_float_is_never_written() -> None:
    with pytest.raises(TypeError):
        encoded({"Debit": 0.1})


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"\xff\xfe\xff", b"NaN", b'{"a":Infinity}', b"[" * 100_000, b"9" * 5000]
)
def test_what_is_no_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is the point
        decoded(content)


@given(bodies)
def test_what_is_written_reads_back_equal(body: object) -> None:
    assert decoded(encoded(body)) == body
