"""What can be read out of a sentence of Fortnox's, and what must not be."""

from datetime import date

import pytest

from fortnox_sync.fault.wording import accounts_in, lock_date_in, meaning_of_text, quoted_in, series_in, tidy


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("Konto 3001 är inte aktivt", (3001,)),
        ("Kostnadsställe är obligatoriskt på konto: 1930", (1930,)),
        ("Konton 3001, 3002 och 3001 saknas", (3001, 3002)),
        ("Konto saknas i kontoplanen för 2026", ()),
        ("Konto 2026-10-02", ()),
        ("Konto 30010 finns inte", ()),
        ("Bankkonto 3001", ()),
        ("Perioden 2026 är låst", ()),
    ],
)
def test_only_an_account_number_is_an_account(text: str, accounts: tuple[int, ...]) -> None:
    assert accounts_in(text) == accounts


@pytest.mark.parametrize(
    "text", ['kostnadsställe "UND" är', "kostnadsställe ”UND” är", "kostnadsställe 'UND' är"]
)
def test_what_stands_in_any_quotation_marks_is_quoted(text: str) -> None:
    assert quoted_in(text) == "UND"


@pytest.mark.parametrize(("text", "series"), [("(F)", "F"), ("(KASSA)", "KASSA"), ("(1)", ""), ("F", "")])
def test_a_number_in_parentheses_is_no_series(text: str, series: str) -> None:
    assert series_in(text) == series


@pytest.mark.parametrize(
    "text", ["t.o.m. 2026-09-30.", "T.O.M 2026-09-30", "tom 2026-09-30", "t o m 2026-09-30"]
)
def test_the_lock_date_follows_its_abbreviation(text: str) -> None:
    assert lock_date_in(text) == date(2026, 9, 30)


def test_another_date_is_no_lock_date() -> None:
    assert lock_date_in("låst perioden 2026-09-30") is None


def test_letters_in_two_halves_are_read_as_one() -> None:
    assert meaning_of_text(tidy("Verifikationsserien a\u0308r inte manuell")) is not None


def test_words_nobody_knows_mean_nothing() -> None:
    assert meaning_of_text("Något helt annat gick fel.") is None
