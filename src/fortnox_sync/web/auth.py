"""Who calls: a bearer token becomes a principal, or the door stays shut."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from fortnox_sync.runtime.telemetry import log
from fortnox_sync.web.problems import Problem

SCOPES = ("integration:read", "integration:write", "exports:write", "operator")
_LEEWAY_S = 60
_KEYS_LIVE_S = 600
_KEYS_REST_S = 30
_KEYS_MISSING_REST_S = 5
_LONGEST_TOKEN = 8192
_LATEST = 2**53  # more than that is no moment, and no float holds it
_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller: who, for which companies, allowed what, until when (seconds since 1970)."""

    subject: str
    company_ids: frozenset[str] | None
    scopes: frozenset[str]
    expires_at: float

    def holds(self, company_id: str) -> bool:
        """Tell whether the company is this caller's; an operator (`*`) holds all."""
        return self.company_ids is None or company_id in self.company_ids

    def may(self, scope: str) -> bool:
        """Tell whether the caller has a scope."""
        return scope in self.scopes

    @property
    def seconds_left(self) -> float:
        """Return how long the token is still good, by the clock it was checked with."""
        return self.expires_at + _LEEWAY_S - time.time()


def _unauthorized(detail: str) -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthorized",
        "The bearer token is missing or not accepted.",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="fortnox-sync"'},
    )


class KeyRing:
    """The issuer's public keys: from the settings, or fetched and kept for ten minutes."""

    def __init__(self, source: str, http: httpx.AsyncClient | None = None) -> None:
        """Take the key set itself as JSON, or its address."""
        self._address = source if source.startswith("http") else None
        self._keys = None if self._address else KeySet.import_key_set(json.loads(source))
        self._http = http
        self._fetched_at = self._asked_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def keys(self, *, again: bool = False) -> KeySet:
        """Return the keys; `again` after a key id nobody knows. The issuer is never asked at every call."""
        if self._address is None and self._keys is not None:
            return self._keys
        async with self._fetching:
            now = time.monotonic()
            wanted = self._keys is None or again or now - self._fetched_at > _KEYS_LIVE_S
            rest = _KEYS_MISSING_REST_S if self._keys is None else _KEYS_REST_S
            if wanted and now - self._asked_at > rest:
                await self._fetch()
        if self._keys is None:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "keys_unavailable",
                "The keys that tokens are checked with can't be fetched.",
                "Try again in a moment.",
                headers={"Retry-After": str(_KEYS_MISSING_REST_S)},
            )
        return self._keys

    async def _fetch(self) -> None:
        """Fetch the key set; the old one stays when that fails."""
        self._asked_at = time.monotonic()
        client = self._http or httpx.AsyncClient(timeout=5, trust_env=False)
        try:
            answer = await client.get(self._address or "")
            self._keys = KeySet.import_key_set(answer.raise_for_status().json())
            self._fetched_at = time.monotonic()
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("keys.unavailable", reason=type(error).__name__)
        finally:
            if self._http is None:
                await client.aclose()


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks tokens: signature with a pinned algorithm, issuer, audience, expiry, then the claims."""

    ring: KeyRing
    issuer: str
    audience: str
    algorithms: tuple[str, ...]

    async def principal(self, authorization: str | None) -> Principal:
        """Return the caller behind an Authorization header; a 401 problem otherwise."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
            raise _unauthorized("Send the header Authorization: Bearer and a token.")
        try:
            claims = await self._claims(token)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise _unauthorized("Sign in again to get a new token.") from None
        return _principal(claims)

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, await self.ring.keys(), algorithms=list(self.algorithms))
        except InvalidKeyIdError:  # the issuer may have rotated its keys
            decoded = jwt.decode(token, await self.ring.keys(again=True), algorithms=list(self.algorithms))
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        registry.validate(decoded.claims)
        return decoded.claims


def _principal(claims: dict[str, Any]) -> Principal:
    companies, scope, subject = claims.get("company_ids"), claims.get("scope"), claims["sub"]
    if not isinstance(scope, str) or not _is_name(subject):
        raise _unauthorized("The token lacks sub or scope, or its sub can't be written down.")
    scopes = frozenset(scope.split())
    expires_at = float(min(claims["exp"], _LATEST))
    if companies == "*" and "operator" in scopes:
        return Principal(subject, None, scopes, expires_at)
    if not isinstance(companies, list) or not all(isinstance(one, str) for one in companies):
        raise _unauthorized("The token lacks company_ids.")
    return Principal(subject, frozenset(companies), scopes, expires_at)


def _is_name(subject: object) -> bool:
    """Tell whether a subject can stand in the audit log."""
    return isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable()
