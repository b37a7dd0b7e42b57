"""Another company's id is not there, on every route that names a company, before anything else is told."""

from dataclasses import dataclass
from typing import Any

import httpx
from tests.factories import a_batch, a_transaction
from tests.world import World

from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.runtime.bell import LocalBell
from fortnox_sync.specimen import new_signing_key, specimen_settings

PARAMETERS = {"dimension": "payment_method", "key": "card", "cost_center_id": "restaurant"}
PARAMETERS_UNKNOWN = ("{export_id}", "{voucher_id}", "{fault_id}")
EVERYTHING = "integration:read integration:write exports:write operator"


@dataclass(frozen=True)
class Call:
    """One call that an API offers for a company."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    async def by(self, world: World, company: str, **claims: Any) -> httpx.Response:
        """Make the call for a company, with a body that no call understands."""
        path = self.path.replace("{company_id}", company)
        for name, value in PARAMETERS.items():
            path = path.replace(f"{{{name}}}", value)
        for unknown in ("{", "}"):  # an id that is not there
            path = path.replace(unknown, "")
        headers = {"Authorization": f"Bearer {world.token(**claims)}"}
        body: dict[str, Any] = {} if self.method in {"GET", "DELETE"} else {"json": {"what": "ever"}}
        return await world.api.request(self.method, path, headers=headers, **body)


def calls() -> list[Call]:
    """List every call on a company, as the app has them: a new one cannot be forgotten."""
    app = create_app(bootstrap.build(specimen_settings(), LocalBell()))
    return [
        Call(method, path)
        for path, told in app.openapi()["paths"].items()
        for method in map(str.upper, told)
        if "{company_id}" in path
    ]


CALLS = calls()
OPERATORS = {
    path for path in {call.path for call in CALLS} if path.endswith(("/export-anyway", "/z-gaps/accept"))
}


def reads(call: Call) -> bool:
    """Tell whether a call changes nothing of the company's: a preview only shows, reading is one's own."""
    return call.method == "GET" or call.path.endswith(("/preview", "/read"))


def end_streams(world: World) -> None:
    """Have a stream end as soon as it begins: it is an answer like any other then."""
    world.service.broadcast.close()


def test_every_route_is_a_company_s_or_known_to_be_open() -> None:
    app = create_app(bootstrap.build(specimen_settings(), LocalBell()))
    assert {path for path in app.openapi()["paths"] if "{company_id}" not in path} == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/webhooks/till",
        "/v1/oauth/fortnox/callback",
    }
    assert len(CALLS) > 10


async def test_another_companys_id_is_not_there(small_world: World) -> None:
    await small_world.send(a_batch([a_transaction(1)], company="c_other"))
    for call in CALLS:
        answers = [
            await call.by(small_world, company, scope=scope)
            for company in ("c_other", "c_never_seen")
            for scope in ("", EVERYTHING)
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), call
            assert answer.headers["content-type"] == "application/problem+json"
        assert len({answer.text for answer in answers}) == 1, "it tells nobody whether the company exists"


async def test_without_a_token_nothing_is_told(small_world: World) -> None:
    small_world.key = new_signing_key()  # nobody published it
    for call in CALLS:
        answer = await call.by(small_world, small_world.company)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), call
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_call_without_its_scope_is_forbidden(small_world: World) -> None:
    for call in CALLS:
        others = "exports:write" if call.path in OPERATORS else "operator"
        for scope in ("", others, "integration", "integration:readwrite"):
            answer = await call.by(small_world, small_world.company, scope=scope)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), call


async def test_nothing_is_changed_with_the_right_to_read_which_is_enough_to_read(world: World) -> None:
    await world.send(a_batch([a_transaction(1)]))
    await world.connect()  # the pick lists are Fortnox's
    end_streams(world)
    for call in CALLS:
        answer = await call.by(world, world.company, scope="integration:read")
        if reads(call):
            is_known = call.method == "GET" and not set(PARAMETERS_UNKNOWN) & set(call.path.split("/"))
            assert answer.status_code == 200 if is_known else answer.status_code in {200, 404, 422}, call
        else:
            assert answer.status_code == 403, call


async def test_an_operator_reaches_every_company_but_none_that_cannot_be(world: World) -> None:
    operator = {"company_ids": "*", "scope": EVERYTHING}
    end_streams(world)
    for call in CALLS:
        assert (await call.by(world, "c_never_seen", **operator)).status_code != 403, call
        for impossible in ("a%00b", "%0a", "x" * 65):
            answer = await call.by(world, impossible, **operator)
            assert answer.status_code in {404, 422}, call
            assert answer.headers["content-type"] == "application/problem+json"
