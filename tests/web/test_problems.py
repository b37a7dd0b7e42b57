"""Every error is a problem document with a code, whatever went wrong and wherever."""

from collections.abc import AsyncIterator
from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI
from tests.world import World

from fortnox_sync.web import problems
from fortnox_sync.web.problems import MEDIA_TYPE, Problem


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """Expect a problem document."""
    told = answer.json()
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert (told["type"], bool(told["title"])) == ("about:blank", True)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/companies", 404, "not_found"),
        ("GET", "/v1/companies/c_1/nothing", 404, "not_found"),
        ("GET", "/%ff%00/../x", 404, "not_found"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("GET", "/v1/webhooks/till", 405, "method_not_allowed"),
        ("POST", "/v1/webhooks/till", 401, "signature_invalid"),
        ("GET", "/v1/oauth/fortnox/callback", 400, "consent_unknown"),
        ("GET", f"/v1/oauth/fortnox/callback?state={'x' * 5000}", 422, "invalid_request"),
        ("GET", "/v1/companies/c_4711/integration", 401, "unauthorized"),
    ],
)
async def test_every_refusal_is_a_problem(
    small_world: World, method: str, path: str, status: int, code: str
) -> None:
    assert_problem(await small_world.api.request(method, path), status, code)


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (b'{"mappings": []}', "body.mappings"),
        (b"{}", "body.mappings"),
        (b'{"mappings": 5, "more": 1}', "body.more"),
        (b"[]", "body"),
        (b'"x"', "body"),
        (b"", "body"),
        (b"{", "body.1"),
        (b"\xff", "body"),
        (b"[" * 100_000, "body"),
        (b'{"mappings": [{"dimension": "event", "key": "tip"}]}', "body.mappings.0.account"),
        (b'{"mappings": [{"dimension": "event", "key": "\\ud800", "account": 1930}]}', "body.mappings.0.key"),
    ],
)
async def test_a_body_that_cannot_be_understood_is_told_by_its_fields(
    small_world: World, body: bytes, at: str
) -> None:
    answer = await put_mappings(small_world, body)

    assert_problem(answer, 422, "invalid_request")
    assert at in {error["at"] for error in answer.json()["errors"]}
    assert all(error["message"] for error in answer.json()["errors"])


@pytest.mark.parametrize(
    "body",
    [
        b"\xff", b"[" * 100_000, b'{"mappings":' * 500 + b"1" * 5000, b"1" * 10_000,
        b'{"\\ud800": 1}', b'{"mappings": NaN}', b'{"mappings": [{"\\udfff": []}]}', b'{"a\\u0000": 1}',
    ],
    ids=range(8),
)  # fmt: skip
async def test_no_body_is_a_fault_of_ours(small_world: World, body: bytes) -> None:
    answer = await put_mappings(small_world, body)
    assert_problem(answer, 422, "invalid_request")


async def put_mappings(world: World, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.token()}", "Content-Type": "application/json"}
    path = f"/v1/companies/{world.company}/mappings"
    return await world.api.put(path, content=body, headers=headers)


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_too_large_for_any_call_is_refused_before_it_is_read(
    small_world: World, *, chunked: bool
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b" " * 2**20

    length = {} if chunked else {"Content-Length": str(2**40)}
    path = "/v1/companies/c_4711/mappings"
    answer = await small_world.api.put(path, content=endless(), headers=length)

    assert_problem(answer, 413, "too_large")
    assert taken <= 6


async def test_what_was_sent_is_not_repeated_in_what_is_wrong_with_it(small_world: World) -> None:
    answer = await put_mappings(small_world, b'{"mappings": "850101-1234"}')
    assert "850101" not in answer.text


def app_that(error: Exception) -> httpx.AsyncClient:
    """Build an app whose one page goes wrong."""
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    async def page() -> None:
        raise error

    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://api.test"
    )


async def test_a_mistake_of_ours_is_told_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    async with app_that(RuntimeError("the words of a mistake")) as api:
        answer = await api.get("/")

    assert_problem(answer, 500, "internal_error")
    assert "words of a mistake" not in answer.text
    assert "web.bug" in capsys.readouterr().out


async def test_a_problem_carries_its_facts_and_headers() -> None:
    problem = Problem(HTTPStatus.CONFLICT, "busy", "Busy.", headers={"Retry-After": "5"}, since="now")
    async with app_that(problem) as api:
        answer = await api.get("/")

    assert_problem(answer, 409, "busy")
    assert (answer.json()["since"], answer.headers["retry-after"]) == ("now", "5")
    assert "detail" not in answer.json()


async def test_answers_are_not_kept_or_guessed_at_by_browsers(small_world: World) -> None:
    for path in ("/healthz", "/nothing", "/v1/companies/c_4711/integration"):
        headers = (await small_world.api.get(path)).headers
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
        assert headers["referrer-policy"] == "no-referrer"
