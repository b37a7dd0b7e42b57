"""A sealed secret opens only in its place, unaltered, with a key we have."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.runtime.vault import SealBrokenError, Vault

OLD, NEW = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
VAULT = Vault({"k1": OLD})
PLACE = "fortnox_grant.access_token:c_1"


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_what_is_sealed_opens_in_its_place(secret: str) -> None:
    sealed = VAULT.seal(secret, place=PLACE)
    assert VAULT.open(sealed, place=PLACE) == secret
    assert sealed.startswith("v1:k1:")


def test_the_same_secret_is_never_sealed_the_same_way_twice() -> None:
    assert len({VAULT.seal("secret", place=PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("place", ["fortnox_grant.access_token:c_2", "fortnox_grant.refresh_token:c_1", ""])
def test_in_another_place_it_does_not_open(place: str) -> None:
    with pytest.raises(SealBrokenError, match=place or "sealed"):
        VAULT.open(VAULT.seal("secret", place=PLACE), place=place)


@given(st.data())
def test_altered_in_any_byte_it_does_not_open(data: st.DataObject) -> None:
    form, key_id, encoded = VAULT.seal("secret", place=PLACE).split(":")
    raw = bytearray(base64.b64decode(encoded))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBrokenError):
        VAULT.open(f"{form}:{key_id}:{base64.b64encode(raw).decode()}", place=PLACE)


@pytest.mark.parametrize("other", ["v2:k1:{}", "v1:k2:{}", "v1:k1:{}:x", ":k1:{}", "{}"])
def test_in_another_form_it_does_not_open(other: str) -> None:
    encoded = VAULT.seal("secret", place=PLACE).split(":")[2]
    with pytest.raises(SealBrokenError):
        VAULT.open(other.format(encoded), place=PLACE)


@given(st.text())
def test_what_was_never_sealed_does_not_open(garbage: str) -> None:
    with pytest.raises(SealBrokenError):
        VAULT.open(garbage, place=PLACE)


def test_what_does_not_open_is_not_repeated() -> None:
    with pytest.raises(SealBrokenError) as broken:
        VAULT.open("v1:k1:a secret in the clear", place=PLACE)
    assert "clear" not in str(broken.value)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed_before = VAULT.seal("secret", place=PLACE)
    both = Vault({"k2": NEW, "k1": OLD})
    sealed_now = both.seal("secret", place=PLACE)

    assert both.open(sealed_before, place=PLACE) == both.open(sealed_now, place=PLACE) == "secret"
    assert (both.is_current(sealed_before), both.is_current(sealed_now)) == (False, True)


def test_a_key_taken_away_opens_nothing() -> None:
    with pytest.raises(SealBrokenError):
        Vault({"k2": NEW}).open(VAULT.seal("secret", place=PLACE), place=PLACE)


def test_another_key_under_the_same_name_opens_nothing() -> None:
    with pytest.raises(SealBrokenError):
        Vault({"k1": NEW}).open(VAULT.seal("secret", place=PLACE), place=PLACE)
