"""The consent page: what it asks, and where it sends the browser."""

import html
import re
from collections.abc import Mapping

import httpx
import pytest
from tests.simulator.testbed import CALLBACK, Testbed

QUESTION = {
    "client_id": "till",
    "response_type": "code",
    "state": "s&1",
    "scope": "bookkeeping companyinformation",
    "redirect_uri": CALLBACK,
    "account_type": "service",
}
LOGIN = {"email": "anna@example.test", "password": "fortnox", "company": "4711", "decision": "approve"}


async def ask(fortnox: Testbed, **changes: str) -> httpx.Response:
    return await fortnox.http.get("/oauth-v1/auth", params={**QUESTION, **changes})


async def answer(fortnox: Testbed, login: Mapping[str, str] = LOGIN) -> httpx.Response:
    return await fortnox.http.post("/oauth-v1/auth", params=QUESTION, data={**LOGIN, **login})


def sent_back(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    url = httpx.URL(response.headers["location"])
    assert str(url.copy_with(query=None)) == CALLBACK
    return dict(url.params)


async def test_the_page_asks_in_swedish_and_names_app_and_company(fortnox: Testbed) -> None:
    page = await ask(fortnox)
    assert page.status_code == 200
    assert "Kassasystemet vill ansluta till ditt företag" in page.text
    assert "Krogen &amp; &lt;Disken&gt; AB" in page.text
    assert all(button in page.text for button in ("Godkänn", "Avbryt"))


async def test_the_form_posts_to_the_same_question(fortnox: Testbed) -> None:
    page = await ask(fortnox)
    match = re.search(r'action="([^"]+)"', page.text)
    assert match is not None
    assert dict(httpx.URL(html.unescape(match[1])).params) == QUESTION


async def test_a_yes_sends_code_and_state_back(fortnox: Testbed) -> None:
    back = sent_back(await answer(fortnox))
    assert set(back) == {"code", "state"}
    assert back["state"] == QUESTION["state"]


async def test_a_no_needs_no_login(fortnox: Testbed) -> None:
    back = sent_back(await answer(fortnox, {"decision": "deny", "password": ""}))
    assert (back["error"], back["state"]) == ("access_denied", "s&1")


@pytest.mark.parametrize("wrong", [{"password": "fel"}, {"email": "vem@example.test"}, {"company": "1"}])
async def test_a_wrong_login_shows_the_page_again(fortnox: Testbed, wrong: dict[str, str]) -> None:
    page = await answer(fortnox, wrong)
    assert page.status_code == 401
    assert "Fel e-postadress eller lösenord" in page.text


async def test_what_was_typed_is_escaped(fortnox: Testbed) -> None:
    page = await answer(fortnox, {"email": '"><script>'})
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    "change", [{"client_id": "vem"}, {"redirect_uri": "https://evil.example.test"}, {"state": ""}]
)
async def test_a_question_nobody_can_answer_is_an_error_page(
    fortnox: Testbed, change: dict[str, str]
) -> None:
    page = await ask(fortnox, **change)
    assert (page.status_code, "location" in page.headers) == (400, False)
    posted = await fortnox.http.post("/oauth-v1/auth", params={**QUESTION, **change}, data=LOGIN)
    assert posted.status_code == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": "bookkeeping salary"}, "invalid_scope"),
        ({"scope": "Bookkeeping"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"account_type": "person"}, "invalid_request"),
    ],
)
async def test_a_wrong_question_is_sent_back_before_login(
    fortnox: Testbed, change: dict[str, str], error: str
) -> None:
    assert sent_back(await ask(fortnox, **change))["error"] == error


async def test_only_a_system_administrator_consents_to_a_service_account(fortnox: Testbed) -> None:
    kim = {"email": "kim@example.test"}
    assert sent_back(await answer(fortnox, kim))["error"] == "error_missing_system_admin_right"
    personal = {key: value for key, value in QUESTION.items() if key != "account_type"}
    back = await fortnox.http.post("/oauth-v1/auth", params=personal, data={**LOGIN, **kim})
    assert "code" in sent_back(back)


@pytest.mark.parametrize(
    ("licences", "error"),
    [(["integration"], "error_missing_license"), (["bookkeeping"], "error_missing_app_license")],
)
async def test_a_missing_licence_fails_the_whole_consent(
    fortnox: Testbed, licences: list[str], error: str
) -> None:
    await fortnox.tell("PATCH", "companies/4711", {"licences": licences})
    assert sent_back(await answer(fortnox))["error"] == error


async def test_an_app_without_service_accounts_is_sent_back(fortnox: Testbed) -> None:
    form = {
        "client_id": "old",
        "client_secret": "x",
        "redirect_uris": [CALLBACK],
        "scopes": ["bookkeeping"],
        "allows_service_accounts": False,
    }
    await fortnox.tell("POST", "apps", form)
    back = sent_back(await ask(fortnox, client_id="old", scope="bookkeeping"))
    assert back["error_description"] == "Client does not allow service account"


async def test_a_code_posted_to_the_wrong_address_is_forbidden(fortnox: Testbed) -> None:
    form = {"grant_type": "authorization_code", "code": "x"}
    assert (await fortnox.http.post("/oauth-v1/auth", data=form)).status_code == 403


async def test_a_consent_shows_in_the_control_room(fortnox: Testbed) -> None:
    await fortnox.tell_company("DELETE", "consents")
    await answer(fortnox)
    (consent,) = await fortnox.tell_company("GET", "consents")
    assert (consent["client_id"], consent["service"]) == ("till", True)
