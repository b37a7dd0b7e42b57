"""Consent, and the tokens it gives: authorise, exchange, refresh, client credentials, revoke.

Fortnox answers errors here as JSON under `text/html` and `text/plain` (recorded answers of integrators), so a
body is read as JSON whatever its content type. Nothing here is ever sent twice: a refresh token works once.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from authlib.oauth2 import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from fortnox_sync.fortnox.answers import answered_at, judged, read
from fortnox_sync.fortnox.errors import GrantRefused, Unanswered
from fortnox_sync.fortnox.exchange import OnCall, exchange, within
from fortnox_sync.fortnox.fields import Fields
from fortnox_sync.fortnox.json_exact import decoded

_HOUR = 3600
_LONGEST_NAME = 100
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The tokens a grant gave; client credentials give no refresh token."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scopes: tuple[str, ...]
    expires_in: int
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What an access token says about itself."""

    tenant_id: int | None = None
    expires_at: datetime | None = None
    token_id: str | None = None


def authorize_url(base: str, client_id: str, redirect_uri: str, scopes: Iterable[str], state: str) -> str:
    """Build the address where an administrator consents for the company, not for a person."""
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "access_type": "offline",
        "account_type": "service",
        "response_type": "code",
    }
    # Spaces between scopes go as %20, as Fortnox's guide writes them, rather than as a form's plus sign.
    return f"{base.rstrip('/')}/auth?{urlencode(asked, quote_via=quote)}"


def claims_of(access_token: str) -> TokenClaims:
    """Read the claims of a token just received; garbage claims nothing.

    The signature is an HMAC with Fortnox's own secret, which no receiver can check: what makes the claims
    trustworthy is the connection the token came by.
    """
    claims = _payload(access_token)
    token_id = claims.get("jti")
    return TokenClaims(
        tenant_id=_whole(claims.get("tenantId")),
        expires_at=_moment(_whole(claims.get("exp"))),
        token_id=token_id if isinstance(token_id, str) else None,
    )


class OAuthClient:
    """Fortnox's authorisation server, asked as our integration."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        http: httpx.AsyncClient,
        *,
        deadline: float = 30.0,
        on_call: OnCall | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._identity = ClientAuth(client_id, client_secret)
        self._http, self._deadline, self._on_call = http, deadline, on_call

    async def exchange_code(self, code: str, redirect_uri: str) -> TokenAnswer:
        """Exchange the code of a consent for its first tokens."""
        return await self._token("authorization_code", code=code, redirect_uri=redirect_uri)

    async def refresh(self, refresh_token: str) -> TokenAnswer:
        """Exchange a refresh token for a new pair; the old one is dead from here on."""
        return await self._token("refresh_token", refresh_token=refresh_token)

    async def client_credentials(self, tenant_id: int, scopes: Iterable[str] | None = None) -> TokenAnswer:
        """Fetch an access token for a company that consented to the service account."""
        scope = " ".join(scopes or ())
        return await self._token("client_credentials", {"TenantId": str(tenant_id)}, scope=scope)

    async def revoke(self, refresh_token: str) -> None:
        """Take the consent back; a token unknown to Fortnox counts as revoked too."""
        form = urlencode({"token_type_hint": "refresh_token", "token": refresh_token})
        answer = await self._post("revoke", form)
        if not read(answer, _revoked):
            raise Unanswered("not revoked", answer.status_code)

    async def _token(
        self, grant_type: str, headers: Mapping[str, str] | None = None, **form: str
    ) -> TokenAnswer:
        answer = await self._post("token", prepare_token_request(grant_type, **form), headers)
        return read(answer, lambda body: _token_answer(Fields.of(body, "the body"), answered_at(answer)))

    async def _post(self, path: str, form: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        request = self._request(f"{self._base_url}/{path}", form, headers or {})
        async with within(self._deadline, Unanswered("no answer within the deadline")):
            answer = await exchange(self._http, request, f"/{path}", self._on_call)
        if answer.is_client_error and (refusal := _grant_refusal(answer)):
            raise refusal
        return judged(answer)

    def _request(self, url: str, form: str, extra: Mapping[str, str]) -> httpx.Request:
        form_type = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        plain = {**form_type, "Connection": "close", **extra}
        url, headers, body = self._identity.prepare("POST", url, plain, form)
        return self._http.build_request("POST", url, headers=headers, content=body)


def _token_answer(body: Fields, at: datetime | None) -> TokenAnswer:
    access_token = body.key("access_token")
    if not (access_token.isascii() and access_token.isprintable()):
        raise Unanswered("unreadable access_token")  # it could never be sent in a header
    scope = body.raw("scope")
    return TokenAnswer(
        access_token=access_token,
        refresh_token=body.text_if_any("refresh_token"),
        scopes=tuple(map(str, scope)) if isinstance(scope, list) else tuple(body.text("scope").split()),
        expires_in=body.number_if_any("expires_in") or _HOUR,
        answered_at=at,
    )


def _revoked(body: object) -> bool:
    return Fields.of(body, "the body").flag("revoked")


def _grant_refusal(answer: httpx.Response) -> GrantRefused | None:
    body = _object(answer.content)
    error, description = body.get("error"), body.get("error_description")
    if not (isinstance(error, str) and error):
        return None
    text = description if isinstance(description, str) else ""
    return GrantRefused(error[:_LONGEST_NAME], text[:_LONGEST_TEXT], answer.status_code)


def _payload(token: str) -> dict[str, Any]:
    try:
        part = token.split(".")[1]
        return _object(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = decoded(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _whole(value: object) -> int | None:
    try:
        return Fields({"claim": value}).number_if_any("claim")
    except Unanswered:
        return None


def _moment(seconds: int | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return None
