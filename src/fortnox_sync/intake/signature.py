"""Who sent it: the Standard Webhooks signature, checked over the raw bytes before anything reads them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)
_LONGEST_ID = 256
_PREFIX = "v1,"


class NotAuthenticError(Exception):
    """The delivery is not the till's, or too old to be trusted."""


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """A delivery whose signature was checked: nothing else may enter the inbox."""

    webhook_id: str
    sent_at: datetime
    body: bytes
    body_hash: str


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks deliveries against every active secret; two while a secret is being changed."""

    keys: tuple[bytes, ...]

    @classmethod
    def of(cls, secrets: Sequence[str]) -> Verifier:
        """Take the secrets as the till's operator wrote them: `whsec_` and base64."""
        return cls(tuple(base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets))

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> VerifiedDelivery:
        """Return the delivery as verified; NotAuthenticError says why it is not."""
        webhook_id, stamp, signatures = _read(headers)
        sent_at = _moment(stamp, now)
        signed = f"{webhook_id}.{stamp}.".encode("latin-1") + body
        if not self._any_matches(signed, signatures):
            raise NotAuthenticError("The signature does not match the body.")
        return VerifiedDelivery(webhook_id, sent_at, body, hashlib.sha256(body).hexdigest())

    def _any_matches(self, signed: bytes, signatures: str) -> bool:
        """Compare with every secret and every signature, so that the time taken tells nothing."""
        given = [_decoded(word) for word in signatures.split(" ") if word.startswith(_PREFIX)]
        expected = [hmac.digest(key, signed, hashlib.sha256) for key in self.keys]
        matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
        return any(matches)


def _read(headers: Mapping[str, str]) -> tuple[str, str, str]:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    missing = [name for name in names if not headers.get(name)]
    if missing:
        raise NotAuthenticError(f"The header {missing[0]} is missing.")
    webhook_id, stamp, signatures = (headers[name] for name in names)
    if len(webhook_id) > _LONGEST_ID or not (webhook_id.isascii() and webhook_id.isprintable()):
        raise NotAuthenticError(f"webhook-id is plain text of at most {_LONGEST_ID} characters.")
    return webhook_id, stamp, signatures


def _moment(stamp: str, now: datetime) -> datetime:
    digits = stamp if stamp.isascii() and stamp.isdigit() else ""
    try:
        sent_at = datetime.fromtimestamp(int(digits), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotAuthenticError("webhook-timestamp is not a time in whole seconds.") from None
    if abs(now - sent_at) > TOLERANCE:
        raise NotAuthenticError("webhook-timestamp is more than five minutes away from now.")
    return sent_at


def _decoded(word: str) -> bytes:
    try:
        return base64.b64decode(word.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""
