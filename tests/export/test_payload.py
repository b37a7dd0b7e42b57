"""What is sent is frozen: cleaned, marked in three places, hashed the same every time, and balanced."""

from dataclasses import replace
from datetime import date

import pytest

from fortnox_sync.accounting.errors import AccountingError
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.marker import carries, carries_any, is_marked, new_marker
from fortnox_sync.export.payload import Payload, freeze, is_same
from fortnox_sync.fortnox import BookedRow, BookedVoucher

DAY = date(2026, 10, 2)
MARKER = "#KX7Q2M0ZB4TD"


def a_row(
    account: int, debit: int = 0, credit: int = 0, text: str = "", center: str | None = None
) -> VoucherRow:
    return VoucherRow(account, center, Money(debit), Money(credit), "payment:card", text)


ROWS = (
    a_row(1686, debit=11200, text="Kort"),
    a_row(2621, credit=1200),
    a_row(3002, credit=10000, center="100"),
)


def frozen(title: str = "Dagsavslut", rows: tuple[VoucherRow, ...] = ROWS, marker: str = MARKER) -> Payload:
    return freeze("F", DAY, title, marker, rows)


def booked(payload: Payload) -> BookedVoucher:
    """Return a voucher as Fortnox gives it back."""
    rows = tuple(
        BookedRow(
            account=row.account,
            debit_ore=row.debit.ore,
            credit_ore=row.credit.ore,
            cost_center=row.cost_center,
            text=row.text,
            removed=False,
        )
        for row in payload.rows
    )
    return BookedVoucher(
        year=2,
        series=payload.series,
        number=1,
        transaction_date=payload.transaction_date,
        description=payload.description,
        comments=payload.comments,
        rows=rows,
    )


def test_the_marker_stands_at_the_end_of_the_text_first_in_the_comment_and_on_the_first_row() -> None:
    draft = frozen().draft
    assert draft.description == f"Dagsavslut {MARKER}"
    assert draft.comments.startswith(f"{MARKER} ")
    assert [row.text for row in draft.rows] == [f"Kort {MARKER}", None, None]


@pytest.mark.parametrize("title", ["x" * 300, "å" * 186, "", "🍺" * 50, "…" * 150])
def test_the_text_is_cut_and_the_marker_never(title: str) -> None:
    payload = frozen(title, rows=(replace(ROWS[0], text=title), *ROWS[1:]))
    assert len(payload.description) <= 200
    assert payload.description.endswith(MARKER)
    assert len(payload.rows[0].text) <= 100
    assert payload.rows[0].text.endswith(MARKER)
    assert len(payload.comments) <= 1000


def test_the_same_voucher_has_the_same_hash_and_any_other_another() -> None:
    others = [
        freeze("A", DAY, "Dagsavslut", MARKER, ROWS),
        freeze("F", date(2026, 10, 3), "Dagsavslut", MARKER, ROWS),
        frozen("Annat"),
        frozen(marker="#KX0000000000"),
        frozen(rows=(ROWS[0], ROWS[1], replace(ROWS[2], cost_center="200"))),
        frozen(rows=(replace(ROWS[0], text="Swish"), *ROWS[1:])),
    ]
    assert frozen() == frozen()
    assert len({frozen().hash, *(one.hash for one in others)}) == 1 + len(others)


def test_rows_that_do_not_balance_are_never_frozen() -> None:
    with pytest.raises(AccountingError):
        frozen(rows=ROWS[:2])


def test_an_empty_day_is_frozen_without_rows() -> None:
    assert frozen(rows=()).rows == ()


def test_the_title_is_the_text_without_its_marker() -> None:
    assert frozen("Dagsavslut Z 412").title == "Dagsavslut Z 412"


def test_a_voucher_read_back_is_the_same_whatever_the_order_and_wording_of_its_rows() -> None:
    payload = frozen()
    there = booked(payload)
    reworded = replace(there, description="x", rows=tuple(replace(row, text="y") for row in there.rows[::-1]))
    assert is_same(payload, there)
    assert is_same(payload, reworded)


def test_a_voucher_read_back_differs_by_series_date_amount_account_center_or_a_struck_row() -> None:
    payload = frozen()
    there = booked(payload)
    first, *rest = there.rows
    others = [
        replace(there, series="A"),
        replace(there, transaction_date=date(2026, 10, 3)),
        *(
            replace(there, rows=(changed, *rest))
            for changed in (
                replace(first, debit_ore=first.debit_ore + 1),
                replace(first, account=1910),
                replace(first, cost_center="100"),
                replace(first, removed=True),
            )
        ),
        replace(there, rows=(*there.rows, first)),
    ]
    assert not any(is_same(payload, one) for one in others)


def test_markers_are_short_plain_and_never_the_same() -> None:
    markers = {new_marker() for _ in range(1000)}
    assert len(markers) == 1000
    assert {len(one) for one in markers} == {13}
    assert not set("ILOU") & set("".join(one.removeprefix("#KX") for one in markers))


@pytest.mark.parametrize("place", ["description", "comments", "row"])
def test_one_of_the_three_places_is_enough_to_find_a_voucher(place: str) -> None:
    bare = replace(
        booked(frozen()),
        description="",
        comments="",
        rows=tuple(replace(row, text=None) for row in booked(frozen()).rows),
    )
    marked = (
        replace(bare, rows=(replace(bare.rows[0], text=f"Kort {MARKER}"), *bare.rows[1:]))
        if place == "row"
        else replace(bare, **{place: f"text {MARKER}"})
    )
    assert carries(marked, MARKER)
    assert carries_any(marked)
    assert not carries(marked, "#KX0000000000")
    assert not carries_any(bare)


def test_no_text_is_no_mark() -> None:
    assert not is_marked(MARKER, None, "")
