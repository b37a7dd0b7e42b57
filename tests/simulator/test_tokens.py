"""The token endpoint: grants, lifetimes and how it says no."""

import base64
import json
from typing import Any

import httpx
import pytest
from tests.seats import a_simulator
from tests.simulator.test_consent import answer, sent_back
from tests.simulator.testbed import CALLBACK, COMPANY, Testbed


async def code(fortnox: Testbed) -> str:
    return sent_back(await answer(fortnox))["code"]


async def redeem(fortnox: Testbed, text: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": text, "redirect_uri": CALLBACK, **changes}
    return await fortnox.token(**form)


async def refresh(fortnox: Testbed, text: str) -> httpx.Response:
    return await fortnox.token(grant_type="refresh_token", refresh_token=text)


def claims(access_token: str) -> dict[str, Any]:
    part = access_token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def no(response: httpx.Response) -> tuple[int, str, str, str]:
    body = response.json()
    return (
        response.status_code,
        response.headers["content-type"],
        body["error"],
        body["error_description"],
    )


INVALID_REFRESH = (400, "text/html; charset=UTF-8", "invalid_grant", "Invalid refresh token")


async def test_a_code_gives_an_access_and_a_refresh_token(fortnox: Testbed) -> None:
    grant = (await redeem(fortnox, await code(fortnox))).json()
    assert (grant["token_type"], grant["expires_in"]) == ("bearer", 3600)
    assert grant["scope"] == "bookkeeping companyinformation"
    assert grant["refresh_token"]


async def test_a_code_works_once(fortnox: Testbed) -> None:
    text = await code(fortnox)
    await redeem(fortnox, text)
    assert no(await redeem(fortnox, text))[2] == "invalid_grant"


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 400)])
async def test_a_code_lives_ten_minutes(fortnox: Testbed, seconds: int, status: int) -> None:
    text = await code(fortnox)
    fortnox.clock.advance(seconds=seconds)
    assert (await redeem(fortnox, text)).status_code == status


@pytest.mark.parametrize("uri", ["", "https://till.example.test/other"])
async def test_the_redirect_uri_must_be_the_same(fortnox: Testbed, uri: str) -> None:
    assert (await redeem(fortnox, await code(fortnox), redirect_uri=uri)).status_code == 400


async def test_the_access_token_is_a_long_jwt_that_names_the_tenant(fortnox: Testbed) -> None:
    grant = (await redeem(fortnox, await code(fortnox))).json()
    told = claims(grant["access_token"])
    assert 2500 < len(grant["access_token"]) < 4000
    assert told["tenantId"] == COMPANY
    assert (told["clientId"], told["aud"]) == ("till", "till")
    assert told["iss"] == "https://api.fortnox.se/oauth2"
    assert told["sub"] == f"{told['userId']}@{COMPANY}"
    assert told["exp"] - told["iat"] == 3600
    assert told["scopes"] == ["bookkeeping", "companyinformation"]
    assert {"rightsAsJson", "jti", "authsource", "id", "token_type", "scope"} <= set(told)


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3600, 401)])
async def test_an_access_token_lives_an_hour(fortnox: Testbed, seconds: int, status: int) -> None:
    fortnox.clock.advance(seconds=seconds)
    answered = await fortnox.get("companyinformation")
    assert answered.status_code == status


async def test_a_dead_bearer_is_unauthorized(fortnox: Testbed) -> None:
    fortnox.authorise("nobody.knows.this")
    answered = await fortnox.book()
    assert (answered.status_code, answered.json()) == (401, {"message": "unauthorized"})
    assert answered.headers["content-type"] == "application/json"


async def test_a_refresh_token_is_used_once_and_replaced(fortnox: Testbed) -> None:
    first = (await fortnox.consent(service=False))["refresh_token"]
    second = (await refresh(fortnox, first)).json()["refresh_token"]
    assert no(await refresh(fortnox, first)) == INVALID_REFRESH
    assert (await refresh(fortnox, second)).status_code == 200


@pytest.mark.parametrize(("days", "status"), [(44, 200), (45, 400)])
async def test_a_refresh_token_lives_45_days(fortnox: Testbed, days: int, status: int) -> None:
    text = (await fortnox.consent(service=False))["refresh_token"]
    fortnox.clock.advance(days=days)
    assert (await refresh(fortnox, text)).status_code == status


async def test_a_wrong_secret_is_answered_in_plain_text(fortnox: Testbed) -> None:
    answered = await fortnox.http.post("/oauth-v1/token", auth=("till", "fel"), data={"grant_type": "x"})
    assert no(answered) == (401, "text/plain", "invalid_client", "The client credentials are invalid")


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic !", "Basic w6U="])
async def test_no_credentials_are_wrong_credentials(fortnox: Testbed, header: str) -> None:
    answered = await fortnox.http.post(
        "/oauth-v1/token", data={"grant_type": "x"}, headers={"authorization": header}
    )
    assert answered.status_code == 401


async def test_an_unknown_grant_is_refused(fortnox: Testbed) -> None:
    assert no(await fortnox.token(grant_type="password"))[2] == "unsupported_grant_type"


async def test_a_service_account_needs_only_the_tenant(fortnox: Testbed) -> None:
    grant = (await fortnox.token(grant_type="client_credentials", tenant="4711")).json()
    assert "refresh_token" not in grant
    assert claims(grant["access_token"])["tenantId"] == COMPANY
    fortnox.authorise(grant["access_token"])
    assert (await fortnox.book()).status_code == 201


async def test_a_service_account_may_ask_for_less(fortnox: Testbed) -> None:
    less = await fortnox.token(grant_type="client_credentials", tenant="4711", scope="settings")
    assert less.json()["scope"] == "settings"
    more = await fortnox.token(grant_type="client_credentials", tenant="4711", scope="salary")
    assert no(more)[2] == "invalid_scope"


@pytest.mark.parametrize("tenant", ["4712", "", "krogen"])
async def test_no_consent_no_service_account(fortnox: Testbed, tenant: str) -> None:
    assert no(await fortnox.token(grant_type="client_credentials", tenant=tenant))[2] == "invalid_grant"


async def test_a_personal_consent_is_no_service_account(fortnox: Testbed) -> None:
    await fortnox.tell_company("DELETE", "consents")
    await fortnox.consent(service=False)
    refused = await fortnox.token(grant_type="client_credentials", tenant="4711")
    assert refused.status_code == 400


async def test_revoking_ends_the_refresh_token_but_not_the_access_token(fortnox: Testbed) -> None:
    consented = await fortnox.consent(service=False)
    fortnox.authorise(consented["access_token"])
    form = {"token_type_hint": "refresh_token", "token": consented["refresh_token"]}
    revoked = await fortnox.http.post("/oauth-v1/revoke", auth=("till", "hemlig"), data=form)
    assert revoked.json() == {"revoked": True}
    assert no(await refresh(fortnox, consented["refresh_token"])) == INVALID_REFRESH
    assert (await fortnox.get("companyinformation")).status_code == 200


async def test_revoking_an_unknown_token_succeeds(fortnox: Testbed) -> None:
    form = {"token_type_hint": "refresh_token", "token": "vem"}
    revoked = await fortnox.http.post("/oauth-v1/revoke", auth=("till", "hemlig"), data=form)
    assert revoked.json() == {"revoked": True}


@pytest.mark.parametrize(("die", "status"), [("false", 200), ("true", 401)])
async def test_a_company_takes_its_consent_back(fortnox: Testbed, die: str, status: int) -> None:
    await fortnox.tell_company("DELETE", f"consents?access_tokens_die={die}")
    assert (await fortnox.token(grant_type="client_credentials", tenant="4711")).status_code == 400
    assert (await fortnox.get("companyinformation")).status_code == status


async def test_tokens_can_be_made_to_expire(fortnox: Testbed) -> None:
    text = (await fortnox.consent(service=False))["refresh_token"]
    await fortnox.tell_company("POST", "tokens/expire", {"access": True, "refresh": True})
    assert (await fortnox.get("companyinformation")).status_code == 401
    assert (await refresh(fortnox, text)).status_code == 400


@pytest.mark.parametrize(
    ("method", "form"),
    [("DELETE", None), ("PUT", {"email": "kim@example.test", "password": "nytt", "sysadmin": False})],
)
async def test_a_personal_connection_ends_with_its_user_or_password(
    fortnox: Testbed, method: str, form: dict[str, object] | None
) -> None:
    fortnox.authorise((await fortnox.consent(service=False, email="kim@example.test"))["access_token"])
    await fortnox.tell_company(method, "users/kim@example.test", form)
    assert (await fortnox.get("companyinformation")).status_code == 401


async def test_the_same_seed_gives_the_same_tokens() -> None:
    async def first_token(seed: int) -> str:
        with a_simulator() as app:
            testbed = Testbed(app, seed)
            async with testbed.http:
                await testbed.open()
                return testbed.http.headers["authorization"]

    assert await first_token(1) == await first_token(1)
    assert await first_token(1) != await first_token(2)


@pytest.mark.parametrize("grant_type", ["client_credentials", "refresh_token"])
async def test_the_token_endpoint_may_ask_for_the_licence(fortnox: Testbed, grant_type: str) -> None:
    text = (await fortnox.consent(service=False))["refresh_token"]
    await fortnox.conditions(licence_checked_at_token=True)
    await fortnox.tell("PATCH", "companies/4711", {"licences": ["bookkeeping"]})
    refused = await fortnox.token(grant_type=grant_type, tenant="4711", refresh_token=text)
    assert no(refused)[2] == "error_missing_app_license"
