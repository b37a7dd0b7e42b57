"""What strangers send to the door, and what each must be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from fortnox_sync.intake.routes import LARGEST

# What comes instead of a status: the connection ended without a word, did not end, or never came about.
LET_GO, KEPT, NOT_LET_IN = 0, -1, -2


class Attack(StrEnum):
    """The kinds of hostile call."""

    FORGED = "forged"
    UNSIGNED = "unsigned"
    OUTDATED = "captured an hour ago"
    REPLAYED = "captured, and sent again at once"
    NESTED = "deeply nested"
    OVERSIZED = "oversized by its own word"
    ENDLESS = "oversized without a word"
    TRAILERS = "trailers without an end"
    NOT_HTTP = "no HTTP"
    SLOW_HEAD = "a head that never ends"
    SLOW_BODY = "a body that trickles in"


# Out of a hundred calls; slow ones are so many at once instead.
WEIGHTS: Mapping[Attack, int] = {
    Attack.FORGED: 39,
    Attack.UNSIGNED: 10,
    Attack.OUTDATED: 15,
    Attack.REPLAYED: 20,
    Attack.NESTED: 5,
    Attack.OVERSIZED: 5,
    Attack.ENDLESS: 1,
    Attack.TRAILERS: 1,
    Attack.NOT_HTTP: 4,
}
HELD_AT_ONCE: Mapping[Attack, int] = {Attack.SLOW_HEAD: 100, Attack.SLOW_BODY: 100}
# Whoever is still sending when it is refused may lose the answer to the reset: a property of TCP.
ANSWERS: Mapping[Attack, frozenset[int]] = {
    Attack.FORGED: frozenset({HTTPStatus.UNAUTHORIZED}),
    Attack.UNSIGNED: frozenset({HTTPStatus.UNAUTHORIZED}),
    Attack.OUTDATED: frozenset({HTTPStatus.UNAUTHORIZED}),
    Attack.REPLAYED: frozenset({HTTPStatus.OK}),
    Attack.NESTED: frozenset({HTTPStatus.UNAUTHORIZED}),
    Attack.OVERSIZED: frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, LET_GO}),
    Attack.ENDLESS: frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, LET_GO}),
    Attack.TRAILERS: frozenset({LET_GO}),
    Attack.NOT_HTTP: frozenset({HTTPStatus.BAD_REQUEST}),
    Attack.SLOW_HEAD: frozenset({LET_GO}),
    Attack.SLOW_BODY: frozenset({HTTPStatus.REQUEST_TIMEOUT}),
}
_NESTED = b'{"type":"transactions","data":' + b"[" * 50_000 + b"]" * 50_000 + b"}"


@dataclass(frozen=True, slots=True)
class Captured:
    """A delivery as it was seen on its way: its body, its headers now, and those of an hour ago."""

    body: bytes
    headers: Mapping[str, str]
    headers_of_old: Mapping[str, str]

    @property
    def forged(self) -> Mapping[str, str]:
        """Return headers whose time is right and whose signature is another moment's."""
        return {**self.headers, "webhook-signature": self.headers_of_old["webhook-signature"]}


def messages(captured: Captured) -> Mapping[Attack, bytes]:
    """Spell each kind of call that is sent at once."""
    body, forged = captured.body, captured.forged
    huge = {**forged, "content-length": str(LARGEST + 1)}
    chunk = b"%x\r\n%s\r\n" % (LARGEST // 16, b" " * (LARGEST // 16))
    return {
        Attack.FORGED: _call(forged, body),
        Attack.UNSIGNED: _call({}, body),
        Attack.OUTDATED: _call(captured.headers_of_old, body),
        Attack.REPLAYED: _call(captured.headers, body),
        Attack.NESTED: _call(forged, _NESTED),
        Attack.OVERSIZED: _head(huge) + b" " * 1000,
        Attack.ENDLESS: _head({**forged, "transfer-encoding": "chunked"}) + 17 * chunk,
        Attack.TRAILERS: _head({**forged, "transfer-encoding": "chunked"})
        + b"0\r\nX-More: "
        + b"x" * LARGEST,
        Attack.NOT_HTTP: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
    }


def beginnings(captured: Captured) -> Mapping[Attack, bytes]:
    """Spell how each kind of slow call begins; it goes on a byte at a time."""
    return {
        Attack.SLOW_HEAD: _head(captured.forged).removesuffix(b"\r\n\r\n") + b"\r\nX-More: ",
        Attack.SLOW_BODY: _head({**captured.forged, "content-length": "1000"}) + b"{",
    }


def _call(headers: Mapping[str, str], body: bytes) -> bytes:
    return _head({**headers, "content-length": str(len(body))}) + body


def _head(headers: Mapping[str, str]) -> bytes:
    lines = ["POST /v1/webhooks/till HTTP/1.1", "Host: door", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()
