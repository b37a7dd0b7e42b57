"""Pages of the named origins may call the API from a browser, and no others."""

import httpx
import pytest

from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.specimen import specimen_settings

OURS, THEIRS = "https://backoffice.example", "https://evil.example"
PATH = "/v1/companies/c_4711/integration"


def browser(*origins: str) -> httpx.AsyncClient:
    app = create_app(bootstrap.build(specimen_settings(backoffice_origins=origins), LocalBell()))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test")


def asking(origin: str, headers: str = "authorization,idempotency-key") -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": headers,
    }


async def test_a_page_of_ours_may_call_with_a_token_and_without_cookies() -> None:
    async with browser(OURS) as page:
        asked = await page.options(PATH, headers=asking(OURS))
        answer = await page.get(PATH, headers={"origin": OURS})

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == OURS
    assert "PATCH" in asked.headers["access-control-allow-methods"]
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == OURS, "a page must be able to read the problem"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    for one in (asked, answer):
        assert "access-control-allow-credentials" not in one.headers
        assert "Origin" in one.headers["vary"].split(", ")


@pytest.mark.parametrize("origins", [(), (OURS,)])
async def test_other_pages_may_not(origins: tuple[str, ...]) -> None:
    async with browser(*origins) as page:
        asked = await page.options(PATH, headers=asking(THEIRS))
        answer = await page.get(PATH, headers={"origin": THEIRS})
    assert asked.status_code >= 400
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("header", ["x-other", "webhook-signature"])
async def test_no_other_headers_may_be_sent(header: str) -> None:
    async with browser(OURS) as page:
        assert (await page.options(PATH, headers=asking(OURS, header))).status_code == 400
