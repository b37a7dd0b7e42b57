"""Texts are in Swedish unless English is preferred."""

import pytest

from fortnox_sync.web.language import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "sv"),
        ("", "sv"),
        ("*", "sv"),
        ("en", "en"),
        ("EN-GB;q=0.9", "en"),
        ("sv-SE, en;q=0.5", "sv"),
        ("de, en;q=0.8, sv;q=0.7", "en"),
        ("de-DE, fr", "sv"),
        ("english", "sv"),
        (",;=,-", "sv"),
    ],
)
def test_the_first_of_our_languages_in_the_header_is_spoken(header: str | None, language: str) -> None:
    assert language_of(header) == language
