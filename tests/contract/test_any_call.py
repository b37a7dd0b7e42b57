"""Any call at all: whatever is sent, the answer is as the contract says, and tells nothing of others."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.generation.stateful import APIStateMachine
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema
from tests.contract.caller import call, contract_with, open_door, prepared
from tests.contract.full_shop import ALL_SCOPES, NEIGHBOUR, Existing, existing, fill
from tests.world import Kept, World, a_world, keep
from tests.worlds import Opened

Json = dict[str, Any]
CONTRACT: Json = yaml.safe_load((Path(__file__).parents[2] / "openapi.yaml").read_text("utf-8"))
CALLS_IN_CONTRACT = [
    f"{method.upper()} {path}" for path, calls in CONTRACT["paths"].items() for method in calls
]
TILL = "/v1/webhooks/till"
OUR_IDS = {"voucher_id", "export_id", "fault_id", "notification_id"}
OUR_NAME = "Krogen & Disken"
AS_THE_CONTRACT_SAYS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# In `make test` the same few calls every time; CALLS=200 draws so many new ones of each kind.
DRAWN = int(os.environ.get("CALLS", "0"))


def drawn(few: int, **more: Any) -> settings:
    return settings(
        max_examples=DRAWN or few,
        derandomize=not DRAWN,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


@dataclass(frozen=True)
class Full:
    """A shop in which everything has happened: to begin from, again and again."""

    kept: Kept
    database: Path
    existing: Existing
    contract: OpenApiSchema


class Visit:
    """A copy of the full shop with its door open, and one loop to call it from."""

    def __init__(self, full: Full, place: Path) -> None:
        self.full = full
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        database = shutil.copy(full.database, place)
        self.world: World = self.do(
            self.stack.enter_async_context(a_world(f"sqlite+aiosqlite:///{database}", kept=full.kept))
        )
        self.world.scopes = ALL_SCOPES
        self.door: httpx.AsyncClient = self.do(self.stack.enter_async_context(open_door(self.world)))

    def do(self, doing: Any) -> Any:
        return self.runner.run(doing)

    def headers(self, case: Case, **claims: Any) -> dict[str, str]:
        """Sign as a till where it is one that calls, and give a token everywhere else."""
        request = prepared(case)
        if request.path_url == TILL:
            body = request.body.encode() if isinstance(request.body, str) else request.body or b""
            self.world.sent += 1
            return self.world.headers(body, f"drawn_{self.world.sent}")
        return {"Authorization": f"Bearer {self.world.token(**claims)}"}

    def call(self, case: Case, headers: dict[str, str]) -> httpx.Response:
        answer: httpx.Response = self.do(call(self.door, case, headers))
        return answer

    def close(self) -> None:
        self.do(self.stack.aclose())
        self.runner.close()


@pytest.fixture(scope="module")
def full(sqlite_shop: Opened, tmp_path_factory: pytest.TempPathFactory) -> Full:
    place = tmp_path_factory.mktemp("full") / "shop.db"
    shutil.copy(sqlite_shop.database, place)

    async def make() -> tuple[Kept, Existing]:
        async with a_world(f"sqlite+aiosqlite:///{place}", kept=sqlite_shop.kept) as shop:
            await fill(shop)
            return await keep(shop), await existing(shop)

    kept, found = asyncio.run(make())
    return Full(kept, place, found, contract_with(CONTRACT, found.ids))


@pytest.fixture
def visit(full: Full, tmp_path: Path) -> Iterator[Visit]:
    made = Visit(full, tmp_path / "visited.db")
    yield made
    made.close()


def calls(full: Full) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Yield every call of the contract; those that begin or end a connection come last."""
    for called in sorted(CALLS_IN_CONTRACT, key=lambda one: one.endswith(("activate", "reauthorize"))):
        method, path = called.split(" ")
        yield full.contract[path][method]


def each(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, few: int, test: Callable[[Case], None]
) -> None:
    """Run a test on calls drawn for an operation."""
    drawn(few)(given(operation.as_strategy(generation_mode=mode))(test))()


def test_any_call_is_answered_as_the_contract_says(full: Full, visit: Visit) -> None:
    def answered(case: Case) -> None:
        case.validate_response(visit.call(case, visit.headers(case)), checks=AS_THE_CONTRACT_SAYS)

    def seen_from_outside(case: Case) -> None:
        stays_outside(visit, case)
        finds_nothing(visit, case)
        answered(case)

    for operation in calls(full):
        is_guarded = "/v1/companies/" in operation.path
        each(operation, GenerationMode.POSITIVE, 2, seen_from_outside if is_guarded else answered)


def stays_outside(visit: Visit, case: Case) -> None:
    """Call without a good token: it must be refused, whatever else is right."""
    past = int(time.time()) - 3600
    for headers in (
        {},
        {"Authorization": "Basic YW5uYTphbm5h"},
        {"Authorization": "Bearer x"},
        {"Authorization": f"Bearer {visit.world.token()[:-4]}AAAA"},
        visit.headers(case, exp=past),
        visit.headers(case, aud="another-service"),
    ):
        answer = visit.call(case, headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        case.validate_response(answer, checks=AS_THE_CONTRACT_SAYS)


def finds_nothing(visit: Visit, case: Case) -> None:
    """Call as another company, at our address and at its own with our ids."""
    ours = {*visit.full.existing.ours(), OUR_NAME}
    theirs = visit.headers(case, company_ids=[NEIGHBOUR])
    at_our_address = visit.call(case, theirs)
    assert (at_our_address.status_code, at_our_address.json()["code"]) == (404, "not_found")
    assert at_our_address.json()["title"] == "There is no such company."
    company_id, case.path_parameters["company_id"] = case.path_parameters["company_id"], NEIGHBOUR
    at_their_own = visit.call(case, theirs)
    case.path_parameters["company_id"] = company_id
    if OUR_IDS & case.path_parameters.keys():
        # A reason of spaces alone is refused before anything is looked up.
        assert at_their_own.status_code in {httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}
        assert at_their_own.json()["code"] in {"not_found", "invalid_request"}
    for answer in (at_our_address, at_their_own):
        assert [one for one in ours if one in answer.text] == []


def test_any_call_that_breaks_the_contract_is_refused_in_its_words(full: Full, visit: Visit) -> None:
    def refused(case: Case) -> None:
        answer = visit.call(case, visit.headers(case))
        # What a till sends is kept whatever it is, and answered with what is wrong in it.
        is_till = case.operation.path == TILL
        checks = AS_THE_CONTRACT_SAYS if is_till else [*AS_THE_CONTRACT_SAYS, negative_data_rejection]
        case.validate_response(answer, checks=checks)

    for operation in calls(full):
        if operation.path_parameters or operation.query or operation.body:
            each(operation, GenerationMode.NEGATIVE, 2, refused)


def test_any_chain_of_calls_is_answered_as_the_contract_says(full: Full, tmp_path: Path) -> None:
    class Chain(full.contract.as_state_machine()):  # type: ignore[misc] # a class made from the contract
        def setup(self) -> None:
            self.visit = Visit(full, tmp_path / "chain.db")

        def teardown(self) -> None:
            self.visit.close()

        def call(self, case: Case, **_: Any) -> Any:
            return Response.from_any(self.visit.call(case, self.visit.headers(case)))

        def validate_response(self, response: Any, case: Case, **_: Any) -> None:
            case.validate_response(response, checks=AS_THE_CONTRACT_SAYS)
            self.visit.do(self.visit.world.work())

    machine: type[APIStateMachine] = Chain
    machine.run(settings=drawn(3, stateful_step_count=6))
