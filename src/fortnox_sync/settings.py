"""The one reader of the environment: every setting, its unit and its default; a bad one stops the start."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_KEY_BYTES = 32
# What putting a file on a voucher takes: the inbox it lies in first, and the link (Fortnox docs, scopes).
_PAPER_SCOPES = ("inbox", "connectfile")


class SettingsError(Exception):
    """The service can't start like this; the text names each setting and what is wrong with it."""


class Settings(BaseSettings):
    """Everything that differs between one installation and the next."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True, str_strip_whitespace=True)

    database_url: str = "sqlite+aiosqlite:///var/fortnox_sync.db"
    redis_url: str | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = "http://127.0.0.1:8000"
    backoffice_return_urls: Annotated[tuple[str, ...], NoDecode] = ()
    backoffice_origins: Annotated[tuple[str, ...], NoDecode] = ()

    fortnox_auth_url: str = "https://apps.fortnox.se/oauth-v1"
    fortnox_api_url: str = "https://api.fortnox.se/3"
    fortnox_client_id: str = Field(min_length=1)
    fortnox_client_secret: SecretStr = Field(min_length=1)
    fortnox_scopes: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("bookkeeping", "companyinformation", "costcenter", "settings"), min_length=1
    )
    attach_reports: bool = True
    fortnox_post_deadline_s: float = Field(default=60.0, ge=5, le=300)
    fortnox_settle_s: float = Field(default=900.0, ge=0, le=86400)

    till_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode]
    vault_keys: Annotated[dict[str, SecretStr], NoDecode]

    jwt_issuer: str = Field(min_length=1)
    jwt_audience: str = Field(min_length=1)
    jwt_jwks: str
    jwt_algorithms: Annotated[tuple[str, ...], NoDecode] = Field(default=("RS256", "ES256"), min_length=1)
    api_calls_per_minute: int = Field(default=600, ge=1, le=1_000_000)

    sweep_interval_s: float = Field(default=15.0, gt=0, le=3600)
    # Below a month a till's support could not look into what it sent on the first of it.
    raw_deliveries_kept_days: int = Field(default=90, ge=30, le=3660)
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65535)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")
    log_format: str = Field(default="json", pattern="^(json|console)$")

    @field_validator(
        "backoffice_return_urls", "backoffice_origins", "fortnox_scopes", "jwt_algorithms", mode="before"
    )
    @classmethod
    def _words(cls, value: Any) -> Any:  # noqa: ANN401 - what the environment holds, before it is checked
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("till_webhook_secrets", mode="before")
    @classmethod
    def _secrets(cls, value: Any) -> Any:  # noqa: ANN401 - as above
        words = tuple(value.split()) if isinstance(value, str) else value
        if not words:
            raise ValueError("give at least one secret, whsec_…, separated by spaces")
        for word in words:
            _check_webhook_secret(word)
        return words

    @field_validator("vault_keys", mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:  # noqa: ANN401 - as above
        if not isinstance(value, str):
            return value
        words = value.split()
        keys = dict(_vault_key(word) for word in words)
        if not keys:
            raise ValueError("give at least one key as id:base64 of 32 bytes; the first one encrypts")
        if len(keys) < len(words):
            raise ValueError("give each key an id of its own: sealed values name their key by it")
        return keys

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        """Accept the short forms people have at hand and name the driver ourselves."""
        for short, full in _DRIVERS.items():
            if value.startswith(short) and _is_database(full + value.removeprefix(short)):
                return _kept(full + value.removeprefix(short))
        raise ValueError("give postgresql://… or sqlite:///…, percent-encoding what is special in a password")

    @field_validator("redis_url")
    @classmethod
    def _queue(cls, value: str | None) -> str | None:
        if value is not None and not _is_address(value, _QUEUES):
            raise ValueError("give redis://…, rediss://… or unix://…, or leave it out")
        return value

    @field_validator("backoffice_return_urls")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_is_address(one, _WEB) for one in value):
            raise ValueError("give addresses that start with https://, separated by spaces")
        return value

    @field_validator("backoffice_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what no browser calls an origin: with a path, or `*`, nothing would ever match, or all."""
        if not all(_is_address(one, _WEB) and one == _origin(one) for one in value):
            raise ValueError(
                "give origins like https://backoffice.example, without a path, separated by spaces"
            )
        return value

    @field_validator("jwt_algorithms")
    @classmethod
    def _asymmetric(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse shared secrets and unsigned tokens: with public keys either would let anybody in."""
        if not set(value) <= _ASYMMETRIC:
            raise ValueError(f"choose among {' '.join(sorted(_ASYMMETRIC))}")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _level(cls, value: Any) -> Any:  # noqa: ANN401 - as above
        return value.upper() if isinstance(value, str) else value

    @field_validator("public_url", "fortnox_auth_url", "fortnox_api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _is_address(value, _WEB):
            raise ValueError("give an address that starts with https://")
        return value.rstrip("/")

    @field_validator("jwt_jwks")
    @classmethod
    def _jwks(cls, value: str) -> str:
        if not _is_address(value, _WEB) and not _is_public_key_set(value):
            raise ValueError('give the address of a set of public keys, or the set itself as {"keys": […]}')
        return value

    @property
    def redirect_uri(self) -> str:
        """Where Fortnox sends a person back after the consent page."""
        return f"{self.public_url}/v1/oauth/fortnox/callback"

    @property
    def asked_scopes(self) -> tuple[str, ...]:
        """Every right a consent is asked for: those for papers only where papers are wanted."""
        papers = _PAPER_SCOPES if self.attach_reports else ()
        return tuple(dict.fromkeys((*self.fortnox_scopes, *papers)))


_DRIVERS = {
    "postgresql+asyncpg://": "postgresql+asyncpg://",
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
    "sqlite+aiosqlite://": "sqlite+aiosqlite://",
    "sqlite://": "sqlite+aiosqlite://",
}


_WEB = ("http", "https")
_QUEUES = ("redis", "rediss", "unix")
_ASYMMETRIC = frozenset(
    {"EdDSA", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}
)


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # its words repeat a part of the value
        return False
    place = parts.path if parts.scheme == "unix" else parts.hostname
    return parts.scheme in schemes and bool(place) and port != 0


def _origin(value: str) -> str:
    """Write an origin as browsers do: https://host, and the port unless it is the usual one."""
    parts = urlsplit(value)
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _is_database(value: str) -> bool:
    try:
        return bool(make_url(value))
    except (ArgumentError, ValueError):
        return False


def _kept(url: str) -> str:
    """Refuse a database in memory: API and worker would each have one of their own, gone when they end."""
    address = make_url(url)
    in_memory = address.database in {None, "", ":memory:"} or "mode=memory" in url or "file::memory:" in url
    if address.get_backend_name() == "sqlite" and in_memory:
        raise ValueError(
            "give SQLite a file, sqlite:///…: a database in memory is forgotten with its process"
        )
    return url


def _is_public_key_set(value: str) -> bool:
    try:
        keys = KeySet.import_key_set(json.loads(value))
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return not any(key.key_type == "oct" for key in keys)


def _check_webhook_secret(word: object) -> None:
    text = word.get_secret_value() if isinstance(word, SecretStr) else str(word)
    if not _decoded(text.removeprefix("whsec_")):
        raise ValueError("each secret is whsec_ and base64")


def _vault_key(word: str) -> tuple[str, SecretStr]:
    key_id, _, encoded = word.partition(":")
    if not key_id.isalnum() or len(_decoded(encoded)) != _KEY_BYTES:
        raise ValueError("each key is id:base64 of 32 bytes, the id letters and digits")
    return key_id, SecretStr(encoded)


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


def read(**given: Any) -> Settings:  # noqa: ANN401 - any setting by its name
    """Read the environment; what is given wins. SettingsError names every setting that is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_complaint(e) for e in error.errors())) from None


def _complaint(error: Any) -> str:  # noqa: ANN401 - pydantic's own error shape
    """Name the setting and the trouble, never the value: it may be a secret."""
    name = "_".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "missing":
        return f"{name} is not set."
    return f"{name} is wrong: {error['msg'].removeprefix('Value error, ')}."
