"""The whitelist of characters."""

import pytest

from fortnox_sync.simulator.text_rules import is_allowed


@pytest.mark.parametrize(
    "text",
    [
        "Dagsavslut 2026-10-02 Räksmörgås Z 412 #KX0123456789",
        "Ω ж é ß 日本",
        "– : . ´ ’ , ; ^ ¤ # % § £ $ € ¢ ¥ © ™ ° & / ( ) = + - * _ ! ? ² ³ ® ½ @ \\ `",  # noqa: RUF001
        "rad 1\r\nrad 2\N{NO-BREAK SPACE}slut",
        "a\N{COMBINING DIAERESIS} o\N{COMBINING RING ABOVE}",
        "",
    ],
)
def test_letters_digits_and_listed_signs_pass(text: str) -> None:
    assert is_allowed(text)


@pytest.mark.parametrize("sign", list("\"'<>[]{}|~…·•“”😀\t\x00"))
def test_other_signs_are_refused(sign: str) -> None:
    assert not is_allowed(f"Kassa {sign} 1")


def test_the_sequence_of_an_address_is_refused() -> None:
    assert is_allowed("a: b / c")
    assert not is_allowed("https://example.test")
