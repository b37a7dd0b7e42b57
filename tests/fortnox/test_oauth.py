"""Consent gives tokens, a refusal says why, and no secret is ever shown."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fortnox.fakes import FakeFortnox, answering

from fortnox_sync.fortnox import (
    FortnoxError,
    GrantRefused,
    NotSent,
    OAuthClient,
    Throttled,
    TokenAnswer,
    TokenClaims,
    Unanswered,
    authorize_url,
    claims_of,
    http_clients,
)

TOKENS = {
    "access_token": "aaa.bbb.ccc",
    "refresh_token": "rrr-111",
    "scope": "bookkeeping costcenter",
    "expires_in": 3600,
    "token_type": "bearer",
}
GRANTS: dict[str, Callable[[OAuthClient], Any]] = {
    "code": lambda oauth: oauth.exchange_code("the-code", "https://we.test/back"),
    "refresh": lambda oauth: oauth.refresh("old-token"),
    "credentials": lambda oauth: oauth.client_credentials(815),
    "revoke": lambda oauth: oauth.revoke("old-token"),
}


def form_of(request: httpx.Request) -> dict[str, list[str]]:
    return parse_qs(request.content.decode())


def token(claims: object) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "sig"])


def test_an_administrator_consents_for_the_company() -> None:
    url = authorize_url("https://apps.test/oauth-v1/", "id", "https://we.test/b?a=1", ["a", "b c"], "s&t")
    assert url.startswith("https://apps.test/oauth-v1/auth?")
    assert "scope=a%20b%20c" in url
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["id"],
        "redirect_uri": ["https://we.test/b?a=1"],
        "scope": ["a b c"],
        "state": ["s&t"],
        "access_type": ["offline"],
        "account_type": ["service"],
        "response_type": ["code"],
    }


async def test_a_code_is_exchanged_for_tokens() -> None:
    fake = answering(200, json=TOKENS, headers={"Date": "Sat, 14 Mar 2026 22:00:00 GMT"})
    async with fake.oauth() as oauth:
        tokens = await oauth.exchange_code("the-code", "https://we.test/back")
    assert tokens == TokenAnswer(
        "aaa.bbb.ccc",
        "rrr-111",
        ("bookkeeping", "costcenter"),
        3600,
        datetime(2026, 3, 14, 22, tzinfo=UTC),
    )
    (request,) = fake.requests
    assert request.url == "https://apps.test/oauth-v1/token"
    assert form_of(request) == {
        "grant_type": ["authorization_code"],
        "code": ["the-code"],
        "redirect_uri": ["https://we.test/back"],
    }


async def test_our_identity_goes_as_basic_auth_on_a_closing_connection() -> None:
    fake = answering(200, json=TOKENS)
    async with fake.oauth() as oauth:
        await oauth.refresh("old-token")
    (request,) = fake.requests
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"our-id:our-secret").decode()
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Connection"] == "close"
    assert form_of(request) == {"grant_type": ["refresh_token"], "refresh_token": ["old-token"]}


async def test_client_credentials_name_the_company_and_give_no_refresh_token() -> None:
    given_back = {name: value for name, value in TOKENS.items() if name != "refresh_token"}
    fake = answering(200, json=given_back)
    async with fake.oauth() as oauth:
        assert (await oauth.client_credentials(815)).refresh_token is None
        await oauth.client_credentials(815, ["bookkeeping", "inbox"])
    plain, scoped = fake.requests
    assert plain.headers["TenantId"] == "815"
    assert form_of(plain) == {"grant_type": ["client_credentials"]}
    assert form_of(scoped)["scope"] == ["bookkeeping inbox"]


async def test_a_consent_is_revoked() -> None:
    fake = answering(200, json={"revoked": True})
    async with fake.oauth() as oauth:
        await oauth.revoke("old-token")
    (request,) = fake.requests
    assert request.url.path == "/oauth-v1/revoke"
    assert form_of(request) == {"token_type_hint": ["refresh_token"], "token": ["old-token"]}


async def test_a_revocation_that_did_not_take_is_unanswered() -> None:
    async with answering(200, json={"revoked": False}).oauth() as oauth:
        with pytest.raises(Unanswered):
            await oauth.revoke("old-token")


@pytest.mark.parametrize(
    ("status", "content_type", "error", "description"),
    [
        (400, "text/html; charset=UTF-8", "invalid_grant", "Invalid refresh token"),
        (401, "text/plain", "invalid_client", "The client credentials are invalid"),
        (400, "application/json", "error_missing_license", ""),
        (401, "application/json", "error_missing_app_license", ""),
        (403, "application/json", "invalid_request", "Client does not allow service account"),
    ],
)
@pytest.mark.parametrize("grant", GRANTS)
async def test_a_refused_grant_says_why(
    grant: str, status: int, content_type: str, error: str, description: str
) -> None:
    content = json.dumps({"error": error, "error_description": description}).encode()
    fake = answering(status, content=content, headers={"Content-Type": content_type})
    async with fake.oauth() as oauth:
        with pytest.raises(GrantRefused) as caught:
            await GRANTS[grant](oauth)
    refusal = caught.value
    assert (refusal.error, refusal.error_description, refusal.status) == (error, description, status)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b""),
        (200, b"{}"),
        (200, b'{"access_token":""}'),
        (200, b'{"access_token":"a\\nb"}'),
        (200, b"<html>"),
        (302, b""),
        (400, b"<html>"),
        (500, b'{"error":"server_error"}'),
        (503, b""),
    ],
)
@pytest.mark.parametrize("grant", GRANTS)
async def test_without_a_clear_answer_the_grant_is_unanswered_and_asked_once(
    grant: str, status: int, content: bytes
) -> None:
    fake = answering(status, content=content)
    async with fake.oauth() as oauth:
        with pytest.raises(Unanswered):
            await GRANTS[grant](oauth)
    assert len(fake.requests) == 1


async def test_too_many_grants_are_throttled() -> None:
    async with answering(429, headers={"Retry-After": "3"}).oauth() as oauth:
        with pytest.raises(Throttled) as caught:
            await oauth.client_credentials(815)
    assert caught.value.retry_after == 3.0


@pytest.mark.parametrize(("fault", "kind"), [(httpx.ConnectError, NotSent), (httpx.ReadError, Unanswered)])
async def test_network_faults_tell_whether_the_refresh_token_may_be_spent(
    fault: type[httpx.TransportError], kind: type[FortnoxError]
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise fault("no")

    fortnox = FakeFortnox(fail)
    async with fortnox.oauth() as oauth:
        with pytest.raises(kind):
            await oauth.refresh("old-token")
    assert len(fortnox.requests) == 1


def test_tokens_never_show() -> None:
    shown = repr(TokenAnswer("secret-a", "secret-r", ("bookkeeping",), 3600, None))
    assert "secret" not in shown
    assert "bookkeeping" in shown


async def test_the_client_secret_never_shows() -> None:
    async with http_clients() as http:
        assert "our-secret" not in repr(OAuthClient("https://a.test", "id", "our-secret", http.writes))


def test_claims_are_read_without_a_key() -> None:
    claims = {"tenantId": 815, "exp": 1773529200, "jti": "t-1", "sub": "7@815"}
    expected = TokenClaims(815, datetime(2026, 3, 14, 23, tzinfo=UTC), "t-1")
    assert claims_of(token(claims)) == expected
    assert claims_of(token(claims | {"tenantId": "815", "exp": 1773529200.0})) == expected


@pytest.mark.parametrize(
    "claims",
    [
        {},
        [],
        "x",
        {"exp": 10**300},
        {"exp": 10**14},
        {"exp": "soon", "tenantId": {}, "jti": 5},
        {"tenantId": True},
    ],
)
def test_senseless_claims_claim_nothing(claims: object) -> None:
    assert claims_of(token(claims)) == TokenClaims()


@given(st.text() | st.text(alphabet="ab.=-_é{}", max_size=20))
@example("..")
@example("a.b.c")
@example("a." + base64.urlsafe_b64encode(b"[" * 50_000).decode() + ".c")
def test_garbage_never_raises(garbage: str) -> None:
    assert claims_of(garbage).expires_at is None


@given(st.integers(100, 599), st.binary(), st.sampled_from(["text/html", "application/json", "", "x/\xff"]))
async def test_any_answer_is_tokens_or_a_member_of_the_tree(
    status: int, content: bytes, content_type: str
) -> None:
    headers = [("Content-Type", content_type.encode("latin-1"))]
    answer = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers=headers))  # type: ignore[arg-type]
    async with http_clients(answer) as http:
        oauth = OAuthClient("https://apps.test/oauth-v1", "id", "secret", http.writes)
        with suppress(FortnoxError):
            assert isinstance(await oauth.client_credentials(815), TokenAnswer)
