"""The signature is checked over raw bytes, against every active secret, within five minutes; else nothing."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from tests.factories import SECRET, signed

from fortnox_sync.intake import signature
from fortnox_sync.intake.signature import NotAuthenticError, Verifier

NOW = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
OTHER = "whsec_" + base64.b64encode(b"another secret, twenty-four").decode()
BODY = b'{"type":"till.day.closed"}'


def verify(body: bytes, headers: dict[str, str], *secrets: str) -> Any:
    return Verifier.of(secrets or (SECRET,)).verify(headers, body, NOW)


def test_a_delivery_signed_by_the_reference_library_is_the_tills() -> None:
    verified = verify(BODY, signed(BODY, at=NOW))
    assert (verified.webhook_id, verified.sent_at, verified.body) == ("msg_1", NOW, BODY)


@given(st.text(st.characters(exclude_categories=("Cs",))), st.text("abcXYZ019_.-", min_size=1, max_size=256))
def test_any_text_signed_by_the_reference_library_is_the_tills(text: str, webhook_id: str) -> None:
    body = text.encode()
    assert verify(body, signed(body, webhook_id=webhook_id, at=NOW)).body == body


@given(st.binary(min_size=1, max_size=64))
def test_our_own_signing_of_bytes_that_are_no_text_agrees_with_the_reference(body: bytes) -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.digest(key, f"msg_1.{STAMP}.".encode() + body, "sha256")).decode()
    headers = signed(b"", at=NOW) | {"webhook-signature": f"v1,{mark}"}
    assert verify(body, headers).body == body


def test_what_we_accept_the_reference_library_accepts() -> None:
    headers = signed(BODY, at=datetime.now(UTC))
    Verifier.of((SECRET,)).verify(headers, BODY, datetime.now(UTC))
    assert Webhook(SECRET).verify(BODY, headers) == {"type": "till.day.closed"}


@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_every_active_secret_opens_the_door_while_one_replaces_the_other(secret: str) -> None:
    assert verify(BODY, signed(BODY, secret, at=NOW), SECRET, OTHER).body == BODY


def test_a_secret_taken_out_of_service_opens_nothing() -> None:
    with pytest.raises(NotAuthenticError):
        verify(BODY, signed(BODY, OTHER, at=NOW), SECRET)


def test_one_good_signature_among_several_is_enough() -> None:
    headers = signed(BODY, at=NOW)
    for others in ("v1,AAAA", "v1a,AAAA v2,!!", "v1,", "", "  "):
        mixed = {**headers, "webhook-signature": f"{others} {headers['webhook-signature']}"}
        assert verify(BODY, mixed).body == BODY


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_header_is_named(name: str, value: str | None) -> None:
    headers = {k: v for k, v in (signed(BODY, at=NOW) | {name: value}).items() if v is not None}
    with pytest.raises(NotAuthenticError, match=name):
        verify(BODY, headers)


@pytest.mark.parametrize(
    "stamp",
    [
        "yesterday", "-1", "1.5", f" {STAMP}", f"+{STAMP}", "٢٠٢٦", "²", "0x10", "1e9", "NaN",
        "9" * 30, "9" * 5000, "99999999999999", "\x00", "\xff",
    ],
)  # fmt: skip
def test_a_time_that_is_no_time_is_refused(stamp: str) -> None:
    with pytest.raises(NotAuthenticError):
        verify(BODY, signed(BODY, at=NOW) | {"webhook-timestamp": stamp})


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5), timedelta(0)])
def test_five_minutes_either_way_are_tolerated(off: timedelta) -> None:
    assert verify(BODY, signed(BODY, at=NOW + off)).sent_at == NOW + off


@pytest.mark.parametrize("off", [timedelta(minutes=5, seconds=1), timedelta(hours=1), timedelta(days=9000)])
def test_a_delivery_from_too_long_ago_or_too_far_ahead_is_refused(off: timedelta) -> None:
    for at in (NOW - off, NOW + off):
        with pytest.raises(NotAuthenticError, match="five minutes"):
            verify(BODY, signed(BODY, at=at))


def test_a_new_time_on_an_old_signature_is_refused() -> None:
    old = signed(BODY, at=NOW - timedelta(hours=1))
    with pytest.raises(NotAuthenticError, match="signature"):
        verify(BODY, old | {"webhook-timestamp": STAMP})


@pytest.mark.parametrize(
    "changed", [BODY + b" ", BODY[:-1], BODY.replace(b"closed", b"opened"), b"", b"\xef\xbb\xbf" + BODY]
)
def test_the_raw_bytes_are_what_is_signed(changed: bytes) -> None:
    with pytest.raises(NotAuthenticError):
        verify(changed, signed(BODY, at=NOW))


@given(st.text(st.characters(max_codepoint=255), max_size=200))
def test_no_signature_but_the_right_one_opens_the_door_and_none_breaks_it(garbage: str) -> None:
    with pytest.raises(NotAuthenticError):
        verify(BODY, signed(BODY, at=NOW) | {"webhook-signature": garbage})


@given(st.text(st.characters(max_codepoint=255), min_size=1, max_size=300))
def test_no_id_breaks_the_door(webhook_id: str) -> None:
    with pytest.raises(NotAuthenticError):
        verify(BODY, signed(BODY, at=NOW) | {"webhook-id": f"{webhook_id}!"})


@pytest.mark.parametrize("webhook_id", ["a" * 257, "måndag", "a\tb", "a\x00b", "\x7f"])
def test_an_id_is_short_and_plain_even_when_it_is_signed(webhook_id: str) -> None:
    with pytest.raises(NotAuthenticError, match="webhook-id"):
        verify(BODY, signed(BODY, webhook_id=webhook_id, at=NOW))


def test_an_empty_secret_does_not_make_every_signature_right() -> None:
    with pytest.raises(NotAuthenticError):
        Verifier(()).verify(signed(BODY, at=NOW), BODY, NOW)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def note(ours: bytes, theirs: bytes) -> bool:
        compared.append((ours, theirs))
        return hmac.compare_digest(ours, theirs)

    monkeypatch.setattr(signature, "hmac", type("Spy", (), {"digest": hmac.digest, "compare_digest": note}))
    headers = signed(BODY, at=NOW)
    verify(BODY, headers | {"webhook-signature": f"{headers['webhook-signature']} v1,AAAA"}, SECRET, OTHER)

    assert len(compared) == 4  # every secret with every signature, though the first pair matches
