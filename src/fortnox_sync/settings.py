"""The one reader of the environment: every setting, its unit and its default; a bad one stops the start."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_KEY_BYTES = 32


class SettingsError(Exception):
    """The service can't start like this; the text names each setting and what is wrong with it."""


class Settings(BaseSettings):
    """Everything that differs between one installation and the next."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: str = "sqlite+aiosqlite:///var/fortnox_sync.db"
    redis_url: str | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = "http://127.0.0.1:8000"
    backoffice_return_urls: Annotated[tuple[str, ...], NoDecode] = ()

    fortnox_auth_url: str = "https://apps.fortnox.se/oauth-v1"
    fortnox_api_url: str = "https://api.fortnox.se/3"
    fortnox_client_id: str = Field(min_length=1)
    fortnox_client_secret: SecretStr = Field(min_length=1)
    fortnox_scopes: Annotated[tuple[str, ...], NoDecode] = (
        "bookkeeping",
        "companyinformation",
        "costcenter",
        "settings",
    )
    fortnox_post_deadline_s: float = Field(default=60.0, gt=0, le=300)
    fortnox_settle_s: float = Field(default=900.0, ge=0)

    till_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode]
    vault_keys: Annotated[dict[str, SecretStr], NoDecode]

    jwt_issuer: str = Field(min_length=1)
    jwt_audience: str = Field(min_length=1)
    jwt_jwks: str
    jwt_algorithms: Annotated[tuple[str, ...], NoDecode] = ("RS256", "ES256")

    sweep_interval_s: float = Field(default=15.0, gt=0, le=3600)
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65535)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")
    log_format: str = Field(default="json", pattern="^(json|console)$")

    @field_validator("backoffice_return_urls", "fortnox_scopes", "jwt_algorithms", mode="before")
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
        keys = dict(_vault_key(word) for word in value.split())
        if not keys:
            raise ValueError("give at least one key as id:base64 of 32 bytes; the first one encrypts")
        return keys

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        """Accept the short forms people have at hand and name the driver ourselves."""
        for short, full in _DRIVERS.items():
            if value.startswith(short):
                return full + value.removeprefix(short)
        raise ValueError("give postgresql://… or sqlite:///…")

    @field_validator("public_url", "fortnox_auth_url", "fortnox_api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("give an address that starts with https://")
        return value.rstrip("/")

    @field_validator("jwt_jwks")
    @classmethod
    def _jwks(cls, value: str) -> str:
        if value.startswith(("http://", "https://")):
            return value
        try:
            holds_keys = bool(json.loads(value)["keys"])
        except (ValueError, TypeError, KeyError):
            holds_keys = False
        if not holds_keys:
            raise ValueError('give the address of a key set, or the key set itself as {"keys": […]}')
        return value

    @property
    def redirect_uri(self) -> str:
        """Where Fortnox sends a person back after the consent page."""
        return f"{self.public_url}/v1/oauth/fortnox/callback"


_DRIVERS = {
    "postgresql+asyncpg://": "postgresql+asyncpg://",
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
    "sqlite+aiosqlite://": "sqlite+aiosqlite://",
    "sqlite://": "sqlite+aiosqlite://",
}


def _check_webhook_secret(word: object) -> None:
    text = word.get_secret_value() if isinstance(word, SecretStr) else str(word)
    try:
        decoded = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        decoded = b""
    if not decoded:
        raise ValueError("each secret is whsec_ and base64")


def _vault_key(word: str) -> tuple[str, SecretStr]:
    key_id, _, encoded = word.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not key_id.isalnum() or len(key) != _KEY_BYTES:
        raise ValueError("each key is id:base64 of 32 bytes, the id letters and digits")
    return key_id, SecretStr(encoded)


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
