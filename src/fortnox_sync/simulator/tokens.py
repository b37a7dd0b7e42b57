"""Consents and the codes and tokens they gave: how long each lives, and that some work only once.

Lifetimes: Fortnox docs, authorization; code 10 minutes, access token 1 hour, refresh token 45 days.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.jwk import OctKey

from fortnox_sync.simulator.chance import Chance

CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=45)

_ISSUER = "https://api.fortnox.se/oauth2"
# Real access tokens are about 3 KB, most of it a list of rights.
_RIGHTS = json.dumps([{"id": f"rattighet_{number:03d}", "level": 2} for number in range(48)])


@dataclass(frozen=True, slots=True)
class ClientApp:
    """An app registered in the developer portal."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    allows_service_accounts: bool = True


@dataclass(frozen=True, slots=True)
class Consent:
    """A company's yes to an app: through one person, or as a service account of the company."""

    client_id: str
    tenant: int
    email: str
    scopes: tuple[str, ...]
    service: bool

    @property
    def holder(self) -> tuple[str, int, str]:
        """Name the link; one service account per app and company (Fortnox blog, service accounts)."""
        return self.client_id, self.tenant, "" if self.service else self.email


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code."""

    consent: Consent
    redirect_uri: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token that was not used yet."""

    consent: Consent
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token."""

    text: str
    consent: Consent
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint hands out."""

    access: AccessToken
    refresh_token: str | None


class InvalidGrantError(Exception):
    """The grant is used, expired or unknown."""


class Tokens:
    """Every consent, code and token of the simulator."""

    def __init__(self, chance: Chance, now: Callable[[], datetime]) -> None:
        self._chance = chance
        self._now = now
        self._key = OctKey.import_key(chance.word(48))
        self._codes: dict[str, Code] = {}
        self._refresh: dict[str, RefreshToken] = {}
        self._access: dict[str, AccessToken] = {}
        self.consents: dict[tuple[str, int, str], Consent] = {}

    def give_consent(self, consent: Consent) -> None:
        """Remember a consent; a new one takes the place of an older one of the same holder."""
        self.consents[consent.holder] = consent

    def issue_code(self, consent: Consent, redirect_uri: str | None) -> str:
        """Make an authorization code."""
        text = self._chance.identity()
        self._codes[text] = Code(consent, redirect_uri, self._now() + CODE_LIFE)
        return text

    def redeem_code(self, client_id: str, text: str, redirect_uri: str | None) -> Grant:
        """Exchange a code; it works once, within ten minutes, and with the redirect_uri it was asked with."""
        code = self._codes.get(text)
        if code is None or code.consent.client_id != client_id:
            raise InvalidGrantError
        del self._codes[text]
        if code.redirect_uri != redirect_uri or code.expires_at <= self._now():
            raise InvalidGrantError
        return self.issue(code.consent, code.consent.scopes, refreshable=True)

    def rotate(self, client_id: str, text: str) -> Grant:
        """Exchange a refresh token; it dies, and a new one takes its place."""
        token = self._refresh.get(text)
        if token is None or token.consent.client_id != client_id or token.expires_at <= self._now():
            raise InvalidGrantError
        del self._refresh[text]
        return self.issue(token.consent, token.consent.scopes, refreshable=True)

    def service_consent(self, client_id: str, tenant: int) -> Consent | None:
        """Find the consent of a company's service account."""
        return self.consents.get((client_id, tenant, ""))

    def issue(self, consent: Consent, scopes: tuple[str, ...], *, refreshable: bool) -> Grant:
        """Make an access token, with a refresh token or without."""
        access = self._sign(consent, scopes)
        self._access[access.text] = access
        if not refreshable:
            return Grant(access, None)
        refresh_token = self._chance.identity()
        self._refresh[refresh_token] = RefreshToken(consent, self._now() + REFRESH_LIFE)
        return Grant(access, refresh_token)

    def _sign(self, consent: Consent, scopes: tuple[str, ...]) -> AccessToken:
        expires_at = (self._now() + ACCESS_LIFE).replace(microsecond=0)
        claims = self._claims(consent, scopes, int(expires_at.timestamp()))
        return AccessToken(jwt.encode({"alg": "HS256"}, claims, self._key), consent, scopes, expires_at)

    def _claims(self, consent: Consent, scopes: tuple[str, ...], exp: int) -> dict[str, object]:
        # The service account's user id is our invention; the claims' names were seen in an SDK's tests.
        user = "service" if consent.service else consent.email
        identity = self._chance.identity()
        return {
            "userId": user,
            "tenantId": consent.tenant,
            "clientId": consent.client_id,
            "rightsAsJson": _RIGHTS,
            "scopes": list(scopes),
            "authsource": "fortnox",
            "id": identity,
            "jti": identity,
            "iss": _ISSUER,
            "aud": consent.client_id,
            "sub": f"{user}@{consent.tenant}",
            "iat": exp - int(ACCESS_LIFE.total_seconds()),
            "exp": exp,
            "token_type": "access_token",
            "scope": " ".join(scopes),
        }

    def access(self, text: str) -> AccessToken | None:
        """Look up an access token that still lives."""
        token = self._access.get(text)
        return token if token is not None and self._now() < token.expires_at else None

    def tenant_of(self, *, code: str = "", refresh_token: str = "") -> int | None:
        """Tell whose code or refresh token this is."""
        held = self._codes.get(code) or self._refresh.get(refresh_token)
        return held.consent.tenant if held else None

    def revoke(self, client_id: str, text: str) -> None:
        """Revoke a refresh token; access tokens run out by themselves (Fortnox docs, revoke)."""
        token = self._refresh.get(text)
        if token is not None and token.consent.client_id == client_id:
            del self._refresh[text]
            self.consents.pop(token.consent.holder, None)

    def withdraw(self, about: Callable[[Consent], bool], *, access_tokens_die: bool) -> None:
        """Take consents back: codes and refresh tokens die, access tokens if asked."""
        self.consents = {key: one for key, one in self.consents.items() if not about(one)}
        self._codes = {key: one for key, one in self._codes.items() if not about(one.consent)}
        self.expire(about, access=access_tokens_die, refresh=True)

    def expire(self, about: Callable[[Consent], bool], *, access: bool, refresh: bool) -> None:
        """Make tokens end now."""
        past = datetime.min.replace(tzinfo=UTC)
        if access:
            self._access = {
                key: replace(one, expires_at=past) if about(one.consent) else one
                for key, one in self._access.items()
            }
        if refresh:
            self._refresh = {key: one for key, one in self._refresh.items() if not about(one.consent)}
