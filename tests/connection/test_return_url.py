"""A browser is only ever sent back to where BackOffice is."""

import pytest

from fortnox_sync.connection.consent import may_return_to

ALLOWED = ("https://backoffice.example/integrations", "http://localhost:3000")


@pytest.mark.parametrize(
    "url",
    [
        "https://backoffice.example/integrations",
        "https://backoffice.example/integrations/",
        "https://backoffice.example/integrations/fortnox?company=c_1#done",
        "https://backoffice.example/integrations?a=../../x",
        "http://localhost:3000",
        "http://localhost:3000/anything",
    ],
)
def test_an_address_below_an_allowed_one_is_allowed(url: str) -> None:
    assert may_return_to(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "", "/", "integrations", "//backoffice.example/integrations", "javascript:alert(1)",
        "http://backoffice.example/integrations",
        "https://backoffice.example", "https://backoffice.example/", "https://backoffice.example/integrationsx",
        "https://backoffice.example/other", "https://backoffice.example/Integrations",
        "https://backoffice.example.evil.example/integrations", "https://evil-backoffice.example/integrations",
        "https://evil.example/integrations", "https://evil.example/https://backoffice.example/integrations",
        "https://backoffice.example@evil.example/integrations", "https://evil.example#@backoffice.example/integrations",
        "https://user@backoffice.example/integrations", "https://:@backoffice.example/integrations",
        "https://backoffice.example:444/integrations", "https://backoffice.example:/integrations",
        "https://BACKOFFICE.example/integrations", "https://backoffice.example./integrations",
        "https://backoffice.example\\@evil.example/integrations", "https:\\\\backoffice.example/integrations",
        "https://backoffice.example/integrations\\..\\admin", "https:/backoffice.example/integrations",
        "https://backoffice.example/integrations/../admin", "https://backoffice.example/integrations/%2e%2e/admin",
        "https://backoffice.example/integrations/.%2E/admin", "https://backoffice.example/x/../integrations",
        "https://backoffice.example/integrations/..", "https://backoffice.example/integrations\x00",
        "https://back\toffice.example/integrations", "https://backoffice.example/integrations\r\nX: 1",
        " https://backoffice.example/integrations", "https://backoffice.example/inte grations",
        "https://[::1/integrations", "http://localhost:3000evil.example/", "http://localhost:30000/",
        "http://localhost:3000@evil.example/", "http://localhost:3000.evil.example/",
    ],
)  # fmt: skip
def test_nothing_else_is(url: str) -> None:
    assert not may_return_to(url, ALLOWED)


def test_without_allowed_addresses_nothing_is_allowed() -> None:
    assert not may_return_to("https://backoffice.example/integrations", ())
