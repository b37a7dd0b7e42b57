"""Texts come out in characters Fortnox takes, and no longer than it takes them."""
# ruff: noqa: RUF001 - look-alike characters are what this is about

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.fortnox.text import COMMENTS_LIMIT, DESCRIPTION_LIMIT, ROW_TEXT_LIMIT, clean, is_allowed


def test_limits_are_those_of_the_voucher_fields() -> None:
    assert (DESCRIPTION_LIMIT, COMMENTS_LIMIT, ROW_TEXT_LIMIT) == (200, 1000, 100)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Dagskassa 2026-03-14 Z118 #KX7Q2M4N8P0R", "Dagskassa 2026-03-14 Z118 #KX7Q2M4N8P0R"),
        ("Räksmörgås à la crème ½ & 5 %", "Räksmörgås à la crème ½ & 5 %"),
        ("Ra\u0308ksmo\u0308rga\u030as", "Räksmörgås"),
        ('Joe\'s "Bar" “Grill”', "Joe’s ’Bar’ ’Grill’"),
        ("väntar…", "väntar..."),
        ("[a] {b} <c>", "(a) (b) (c)"),
        ("a|b~c•d·e—f", "a/b-c-d-e–f"),
        ("a\tb\r\n  c\u00a0d", "a b c d"),
        ("https://kassa.example/1", "https: //kassa.example/1"),
        (":•//", ":-//"),
        (":\u200b//", ": //"),
        ("Fika ☕🎉 klar", "Fika klar"),
        ("a\x00b\x07c", "abc"),
        ("🎉", ""),
    ],
)
def test_texts_are_written_the_way_fortnox_takes_them(text: str, cleaned: str) -> None:
    assert clean(text, DESCRIPTION_LIMIT) == cleaned


@pytest.mark.parametrize("sign", "–:.´’,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@\\`åÄéßñ0 \u00a0\r\n")
def test_every_listed_character_is_allowed(sign: str) -> None:
    assert is_allowed(sign)


@pytest.mark.parametrize("sign", ["'", '"', *"<>[]{}|~…·•“”", "🎉", "\t", "\x00", "://"])
def test_what_is_not_listed_is_not_allowed(sign: str) -> None:
    assert not is_allowed(sign)


def test_a_long_text_is_cut_without_a_dangling_space() -> None:
    assert clean("abc def", 4) == "abc"


def test_a_cut_never_parts_a_letter_from_its_dots() -> None:
    assert clean("abq\u0308", 3) == "ab"  # q with dots is no single character


def test_a_limit_of_nothing_leaves_nothing() -> None:
    assert clean("abc", 0) == ""


@given(st.text(), st.integers(0, 60))
def test_a_cleaned_text_is_allowed_short_and_stays_as_it_is(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert is_allowed(once)
    assert len(once) <= limit
    assert clean(once, limit) == once


@given(st.text(alphabet="a:/ •\u0308\u030a\u0301\u200b\u212b\u0958.", max_size=12), st.integers(0, 12))
def test_awkward_neighbours_settle_at_once(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert is_allowed(once)
    assert clean(once, limit) == once
