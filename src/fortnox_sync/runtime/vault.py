"""Secrets at rest: AES-256-GCM, bound to the row and column they belong to."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_FORM = "v1"


class SealBrokenError(Exception):
    """A sealed value does not open: another row's, altered, or sealed with a key we do not have."""


class Vault:
    """Seals with the first key, opens with any; the key's id stands in the sealed value."""

    def __init__(self, keys: dict[str, str]) -> None:
        """Take the keys by id, each 32 bytes in base64."""
        self._keys = {key_id: AESGCM(base64.b64decode(key)) for key_id, key in keys.items()}
        self._current = next(iter(keys))

    def seal(self, secret: str, *, place: str) -> str:
        """Encrypt a secret for one place, such as `connection.access_token:c_4711`."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._keys[self._current].encrypt(nonce, secret.encode(), place.encode())
        return f"{_FORM}:{self._current}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """Decrypt what was sealed for the same place; SealBrokenError otherwise."""
        try:
            form, key_id, encoded = sealed.split(":")
            raw = base64.b64decode(encoded, validate=True)
            key = self._keys[key_id]
            opened = key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode())
        except (ValueError, KeyError, binascii.Error, InvalidTag):
            raise SealBrokenError(f"the sealed value of {place} does not open") from None
        if form != _FORM:
            raise SealBrokenError(f"the sealed value of {place} has an unknown form")
        return opened.decode()

    def opens(self, sealed: str, *, place: str) -> bool:
        """Tell whether one of the keys opens what was sealed for a place."""
        try:
            self.open(sealed, place=place)
        except SealBrokenError:
            return False
        return True

    def lacks_key_of(self, sealed: str) -> bool:
        """Tell whether the key is not here that sealed a value: with it, the value may open."""
        key_id = key_id_of(sealed)
        return bool(key_id) and key_id not in self._keys

    def is_current(self, sealed: str) -> bool:
        """Tell whether the value is sealed with the key we seal with today."""
        return sealed.startswith(f"{_FORM}:{self._current}:")


def key_id_of(sealed: str) -> str:
    """Read which key sealed a value; empty where it is none of ours."""
    form, _, rest = sealed.partition(":")
    return rest.partition(":")[0] if form == _FORM else ""
