"""Settings that hold no secret of anybody: for the contract, the demonstration and the tests."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from joserfc.jwk import ECKey, KeySet

from fortnox_sync.settings import Settings, read


def specimen_settings(**given: Any) -> Settings:  # noqa: ANN401 - any setting by its name
    """Return complete settings with fresh secrets; what is given wins."""
    return read(
        **{
            "fortnox_client_id": "demo-client",
            "fortnox_client_secret": secrets.token_urlsafe(24),
            "till_webhook_secrets": f"whsec_{_base64(24)}",
            "vault_keys": f"k1:{_base64(32)}",
            "jwt_issuer": "https://backoffice.example",
            "jwt_audience": "fortnox-sync",
            "jwt_jwks": json.dumps(KeySet([new_signing_key()]).as_dict(private=False)),
            "jwt_algorithms": "ES256",
            "api_calls_per_minute": 1_000_000,  # a demonstration hurries more than any person
            **given,
        }
    )


def new_signing_key() -> ECKey:
    """Make a key of the kind a BackOffice signs its tokens with."""
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})


def _base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()
