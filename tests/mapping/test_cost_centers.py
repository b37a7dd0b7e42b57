"""Each of the till's cost centres has the code it has in Fortnox, or none."""

from typing import Any

import pytest
from tests.intake.desk import rows
from tests.world import World

from fortnox_sync.mapping.tables import cost_center_code
from fortnox_sync.runtime.audit import audit


async def codes(world: World) -> dict[str, str | None]:
    return {
        row["cost_center_id"]: row["code"] for row in await rows(world.service.database, cost_center_code)
    }


async def test_what_the_till_named_is_listed_with_its_code(world: World) -> None:
    assert (await world.ok("GET", "/cost-centers"))["cost_centers"] == [
        {"cost_center_id": "bar", "name": None, "code": None}
    ]
    await world.ok("PUT", "/cost-centers/bar", {"code": "100"})
    await world.ok("PUT", "/cost-centers/not-sold-yet", {"code": "Å1_+-"})

    listed = (await world.ok("GET", "/cost-centers"))["cost_centers"]
    assert {one["cost_center_id"]: one["code"] for one in listed} == {"bar": "100", "not-sold-yet": "Å1_+-"}


async def test_a_code_can_be_taken_back_and_every_change_is_written_down(world: World) -> None:
    await world.ok("PUT", "/cost-centers/bar", {"code": "100"})
    await world.ok("PUT", "/cost-centers/bar", {"code": None})

    assert await codes(world) == {"bar": None}
    assert [row["details"]["code"] for row in await rows(world.service.database, audit)] == ["100", None]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"code": ""}, {"code": "1234567"}, {"code": 100}, {"code": "1 0"}, {"code": "a\x00"},
        {"code": "1\n"}, {"code": "100", "x": 1}, [], None,
    ],
)  # fmt: skip
async def test_a_code_that_fortnox_could_not_have_is_refused(small_world: World, body: Any) -> None:
    answer = await small_world.call("PUT", "/cost-centers/bar", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert await codes(small_world) == {}
