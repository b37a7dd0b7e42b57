"""Each row of the failure matrix has a test that names it, and what is named is in the matrix."""

import pytest
from proof.matrix import ROWS, TESTS, by_row, named_in

NAMED = by_row(TESTS)


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_a_test_that_names_it(row: int) -> None:
    assert NAMED.get(row), f"no test names row {row}: {ROWS[row].fault}"


def test_no_test_names_a_row_that_is_none() -> None:
    assert set(NAMED) <= set(ROWS)


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        ("Row 3.", {3}),
        ("Rows 3, 6 and 12: found.", {3, 6, 12}),
        ("Rows 41 to 44.", {41, 42, 43, 44}),
        ("Row 16 with row 6.", {16, 6}),
        ("Three rows of 22 kronor.", set()),
    ],
)
def test_rows_are_read_as_they_are_written(told: str, rows: set[int]) -> None:
    assert named_in(told) == rows
