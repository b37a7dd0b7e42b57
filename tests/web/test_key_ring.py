"""The issuer's keys, fetched from its address: kept, asked for again, and missed without a fault of ours."""

import time

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet
from tests.web.test_auth import AUDIENCE, ISSUER, KEY, refused, token

from fortnox_sync.specimen import new_signing_key
from fortnox_sync.web.auth import Authenticator, KeyRing
from fortnox_sync.web.problems import Problem


class Issuer:
    """An address that hands out keys, and counts how often it was asked."""

    def __init__(self, *keys: ECKey) -> None:
        self.keys, self.asked = list(keys), 0
        self.answer: httpx.Response | Exception | None = None

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer or httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))

    def authenticator(self) -> Authenticator:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Authenticator(KeyRing("https://issuer.example/jwks", http), ISSUER, AUDIENCE, ("ES256",))


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time pass for the keys, which age by the steady clock of the machine."""
    moment = time.monotonic() + seconds
    monkeypatch.setattr("fortnox_sync.web.auth.time.monotonic", lambda: moment)


async def test_they_are_fetched_once_and_kept() -> None:
    issuer = Issuer(KEY)
    door = issuer.authenticator()
    for _ in range(5):
        await door.principal(f"Bearer {token()}")
    assert issuer.asked == 1


async def test_they_are_fetched_again_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer(KEY)
    door = issuer.authenticator()
    await door.principal(f"Bearer {token()}")
    later(monkeypatch, 601)
    issuer.keys = [new_signing_key()]
    await refused(f"Bearer {token()}", door)
    assert issuer.asked == 2


async def test_a_key_id_nobody_knows_makes_them_be_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer, new = Issuer(KEY), new_signing_key()
    door = issuer.authenticator()
    await door.principal(f"Bearer {token()}")
    issuer.keys.append(new)
    later(monkeypatch, 31)

    assert (await door.principal(f"Bearer {token(new)}")).subject == "owner"


async def test_made_up_key_ids_do_not_make_us_ask_at_every_call() -> None:
    issuer = Issuer(KEY)
    door = issuer.authenticator()
    for _ in range(5):
        await refused(f"Bearer {token(new_signing_key())}", door)
    assert issuer.asked == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("down"), httpx.ReadTimeout("slow"), httpx.Response(500), httpx.Response(404),
        httpx.Response(200, content=b"<html>"), httpx.Response(200, json=[]),
        httpx.Response(200, json=None), httpx.Response(200, json={}), httpx.Response(200, json={"keys": 5}),
        httpx.Response(200, json={"keys": [5]}), httpx.Response(200, json={"keys": [{"kty": "new"}]}),
        httpx.Response(200, content=b"\xff\xfe"),
    ],
    ids=range(12),
)  # fmt: skip
async def test_an_issuer_that_gives_none_is_a_503_and_not_our_fault(
    answer: httpx.Response | Exception,
) -> None:
    issuer = Issuer()
    issuer.answer = answer
    door = issuer.authenticator()
    for _ in range(2):
        with pytest.raises(Problem) as problem:
            await door.principal(f"Bearer {token()}")
        assert (problem.value.status, problem.value.document["code"]) == (503, "keys_unavailable")
        assert problem.value.headers == {"Retry-After": "5"}
    assert issuer.asked == 1, "an issuer that is down is not asked again at every call"


async def test_they_come_back_with_the_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer(KEY)
    issuer.answer = httpx.ConnectError("down")
    door = issuer.authenticator()
    with pytest.raises(Problem):
        await door.principal(f"Bearer {token()}")
    issuer.answer = None
    later(monkeypatch, 6)

    assert (await door.principal(f"Bearer {token()}")).subject == "owner"


async def test_the_old_ones_stand_while_the_issuer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer(KEY)
    door = issuer.authenticator()
    await door.principal(f"Bearer {token()}")
    issuer.answer = httpx.ConnectError("down")
    for hours in (1, 2):
        later(monkeypatch, hours * 3600)
        assert (await door.principal(f"Bearer {token()}")).subject == "owner"
