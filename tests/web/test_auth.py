"""A bearer token opens the door only if the issuer signed it, for us, and it still lives."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from fortnox_sync.specimen import new_signing_key
from fortnox_sync.web.auth import Authenticator, KeyRing
from fortnox_sync.web.problems import Problem

ISSUER, AUDIENCE = "https://backoffice.example", "fortnox-sync"
KEY = new_signing_key()
NOW = int(time.time())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "owner",
    "company_ids": ["c_1"],
    "scope": "integration:read exports:write",
    "exp": NOW + 3600,
}


def authenticator(*keys: Any, algorithms: tuple[str, ...] = ("ES256",)) -> Authenticator:
    public = json.dumps(KeySet(list(keys or (KEY,))).as_dict(private=False))
    return Authenticator(KeyRing(public), ISSUER, AUDIENCE, algorithms)


def token(key: Any = KEY, alg: str = "ES256", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    told = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    head = {"alg": alg, "kid": key.kid} | (header or {})
    return jwt.encode({k: v for k, v in head.items() if v is not None}, told, key, algorithms=[alg])


async def refused(authorization: str | None, keys: Authenticator | None = None) -> None:
    """Expect a 401 that tells how to sign in."""
    with pytest.raises(Problem) as problem:
        await (keys or authenticator()).principal(authorization)
    assert (problem.value.status, problem.value.document["code"]) == (401, "unauthorized")
    assert problem.value.headers == {"WWW-Authenticate": 'Bearer realm="fortnox-sync"'}


async def test_a_token_of_the_issuer_tells_who_calls_for_which_companies_allowed_what() -> None:
    principal = await authenticator().principal(f"Bearer {token()}")

    assert principal.subject == "owner"
    assert (principal.holds("c_1"), principal.holds("c_2"), principal.holds("*")) == (True, False, False)
    assert (principal.may("exports:write"), principal.may("operator")) == (True, False)


async def test_the_scheme_is_read_in_any_case() -> None:
    assert (await authenticator().principal(f"bEaReR {token()}")).subject == "owner"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer  x", "Token x"])
async def test_a_call_without_a_bearer_token_is_refused(header: str | None) -> None:
    await refused(header)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 120}, {"exp": None}, {"exp": "later"}, {"exp": True}, {"exp": [NOW + 600]},
        {"exp": -(10**40)}, {"nbf": NOW + 3600}, {"iat": NOW + 3600},
        {"iss": "https://evil.example"}, {"iss": None}, {"iss": [ISSUER]}, {"iss": ISSUER + "/"},
        {"aud": "another-service"}, {"aud": None}, {"aud": []}, {"aud": {"fortnox-sync": 1}},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 201}, {"sub": "a\x00b"},
        {"scope": None}, {"scope": ["operator"]}, {"company_ids": None}, {"company_ids": "c_1"},
        {"company_ids": [1]}, {"company_ids": [["c_1"]]}, {"company_ids": {"c_1": True}},
        {"company_ids": "*"},
    ],
)  # fmt: skip
async def test_a_token_with_wrong_or_missing_claims_is_refused(claims: dict[str, Any]) -> None:
    await refused(f"Bearer {token(**claims)}")


async def test_one_of_several_audiences_is_enough() -> None:
    assert await authenticator().principal(f"Bearer {token(aud=['other', AUDIENCE])}")


async def test_a_clock_that_is_half_a_minute_off_is_tolerated() -> None:
    now = int(time.time())
    assert await authenticator().principal(f"Bearer {token(exp=now - 30, nbf=now + 30)}")


async def test_only_an_operator_holds_every_company() -> None:
    operator = await authenticator().principal(
        f"Bearer {token(company_ids='*', scope='operator integration:read')}"
    )
    assert operator.holds("c_anything")
    literal = await authenticator().principal(f"Bearer {token(company_ids=['*'], scope='operator')}")
    assert not literal.holds("c_anything")


async def test_a_key_nobody_published_opens_nothing_whatever_id_it_claims() -> None:
    stranger = new_signing_key()
    await refused(f"Bearer {token(stranger)}")
    await refused(f"Bearer {token(stranger, header={'kid': KEY.kid})}")


async def test_a_token_without_a_key_id_is_checked_with_the_only_key() -> None:
    good = token(header={"kid": None})
    assert (await authenticator().principal(f"Bearer {good}")).subject == "owner"
    await refused(f"Bearer {token(new_signing_key(), header={'kid': None})}")


def unsigned(alg: str) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": alg, "kid": KEY.kid}, CLAIMS)]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "ES256", "HS256"])
async def test_an_unsigned_token_is_refused(alg: str) -> None:
    await refused(f"Bearer {unsigned(alg)}")


@pytest.mark.parametrize("form", ["pem", "der", "jwk"])
async def test_a_public_key_used_as_a_shared_secret_is_refused(form: str) -> None:
    public = {
        "pem": KEY.as_pem(private=False),
        "der": KEY.as_der(private=False),
        "jwk": json.dumps(KEY.as_dict(private=False)).encode(),
    }[form]
    told = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": KEY.kid}, CLAIMS)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in told)
    mark = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")
    await refused(f"Bearer {(signed + b'.' + mark).decode()}")


async def test_another_algorithm_than_those_allowed_is_refused() -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "r1"})
    await refused(f"Bearer {token(rsa, 'RS256')}", authenticator(rsa))
    assert await authenticator(rsa, algorithms=("RS256",)).principal(f"Bearer {token(rsa, 'RS256')}")


async def test_a_key_that_comes_inside_the_token_is_not_trusted() -> None:
    mine = ECKey.generate_key("P-256", {"kid": "mine"})
    inside = {"jwk": mine.as_dict(private=False), "kid": None}
    await refused(f"Bearer {token(mine, header=inside)}")


@given(st.text(st.characters(max_codepoint=255)))
async def test_garbage_is_refused_and_never_a_fault_of_ours(garbage: str) -> None:
    await refused(f"Bearer {garbage}")


@given(st.integers(0, 2), st.binary(max_size=40))
async def test_a_token_with_a_part_replaced_is_refused(part: int, by: bytes) -> None:
    parts = token().split(".")
    parts[part] = base64.urlsafe_b64encode(by).rstrip(b"=").decode()
    await refused(f"Bearer {'.'.join(parts)}")


@pytest.mark.parametrize("payload", [b"[]", b"null", b"5", b"{", b"\xff", b'{"exp":1e999}', b"[" * 5000])
async def test_a_signed_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    signed = jws.serialize_compact({"alg": "ES256", "kid": KEY.kid}, payload, KEY)
    await refused(f"Bearer {signed}")


async def test_a_deeply_nested_header_is_refused() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 5000).decode().rstrip("=")
    await refused(f"Bearer {header}.e30.AAAA")


async def test_a_token_of_megabytes_is_refused_unread() -> None:
    await refused(f"Bearer {'x' * 10_000}")
