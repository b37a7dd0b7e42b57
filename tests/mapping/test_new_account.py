"""An account that is missing in the list is added from there, once, and what waited for it goes on."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.little_shop import states, tell_day
from tests.world import World

from fortnox_sync.runtime.audit import audit

Json = dict[str, Any]
NEW = {"number": 1688, "description": "Fordran kortinlösen, kassa 2"}


@pytest.fixture
async def connected(world: World) -> World:
    """Lend a world whose company has consented."""
    await world.connect()
    return world


async def add(world: World, body: Json = NEW, **claims: Any) -> Any:
    return await world.call("POST", "/fortnox/accounts", body, **claims)


async def posted(world: World) -> int:
    seen = (await world.simulator.get("/_simulator/requests")).json()
    return sum(one["method"] == "POST" and one["path"] == "/3/accounts" for one in seen)


async def in_list(world: World, number: int = 1688) -> list[str]:
    listed = await world.ok("GET", f"/fortnox/accounts?search={number}")
    return [one["description"] for one in listed["accounts"]]


async def added_by(world: World) -> list[str]:
    async with world.service.database.read() as connection:
        query = sa.select(audit.c.actor).where(audit.c.action == "account.added")
        return list((await connection.execute(query)).scalars())


async def test_an_account_is_added_and_stands_in_the_list_at_once(connected: World) -> None:
    assert await in_list(connected) == []
    answer = await add(connected)

    assert answer.status_code == 201
    told = answer.json()
    assert (told["account"]["number"], told["account"]["active"], told["account"]["can_be_chosen"]) == (
        1688, True, True
    )  # fmt: skip
    assert told["financial_year"]["label"] == "2026"
    assert await in_list(connected) == ["Fordran kortinlösen, kassa 2"]
    async with connected.service.database.read() as connection:
        query = sa.select(audit.c.actor, audit.c.details).where(audit.c.action == "account.added")
        (row,) = (await connection.execute(query)).all()
    assert (row.actor, row.details["number"]) == ("owner", 1688)


async def test_asked_for_again_it_is_the_same_account(connected: World) -> None:
    answers = [await add(connected) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert await posted(connected) == 1


@pytest.mark.parametrize("switch", ["lose_answer", "cut_answer"])
async def test_an_answer_that_is_lost_is_looked_for(connected: World, switch: str) -> None:
    await connected.switch(switch, operation="POST /3/accounts", times=1)
    answer = await add(connected)
    assert answer.is_success, answer.text
    assert await posted(connected) == 1
    assert await in_list(connected) == [NEW["description"]]


async def test_a_number_in_use_under_another_name_is_refused(connected: World) -> None:
    answer = await add(connected, {"number": 1930, "description": "Kassa 2"})
    assert (answer.status_code, answer.json()["code"]) == (409, "account_exists")
    assert "1930" in answer.json()["title"]
    assert await posted(connected) == 0


async def test_it_is_added_to_the_year_that_is_meant(connected: World) -> None:
    answer = await add(connected, NEW | {"date": "2027-02-01"})
    assert answer.json()["financial_year"]["label"] == "2027"
    answer = await add(connected, NEW | {"date": "2040-02-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "financial_year_missing")


async def test_what_waited_for_the_account_is_booked_without_another_click(shop: World) -> None:
    await shop.ok("PUT", "/mappings/payment_method/card", {"account": 1688})
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["held"]
    assert await shop.faults() == ["account_missing"]

    assert (await add(shop)).status_code == 201
    await shop.work()
    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


async def test_fortnox_away_is_told_and_nothing_is_added(connected: World) -> None:
    await connected.switch("fail", times=99)
    answer = await add(connected)
    assert (answer.status_code, answer.json()["code"]) == (503, "fortnox_unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_without_a_consent_there_is_nowhere_to_add_it(world: World) -> None:
    answer = await add(world)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_connected")


@pytest.mark.parametrize(
    "body",
    [
        NEW | {"number": 999},
        NEW | {"number": 10000},
        NEW | {"number": "1688"},
        NEW | {"description": "  "},
        NEW | {"description": "a\x00b"},
        NEW | {"description": "x" * 201},
        NEW | {"active": False},
        {"number": 1688},
    ],
)
async def test_what_can_be_no_account_is_refused_at_the_door(connected: World, body: Json) -> None:
    answer = await add(connected, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert await posted(connected) == 0


async def test_it_takes_the_right_to_write(connected: World) -> None:
    assert (await add(connected, scope="integration:read")).status_code == 403
    assert (await add(connected, company_ids=["c_2"])).status_code == 404


@pytest.mark.parametrize("switch", ["lose_answer", "cut_answer"])
async def test_an_account_whose_answer_is_lost_is_in_the_list_and_in_the_log_all_the_same(
    connected: World, switch: str
) -> None:
    assert await in_list(connected) == []
    await connected.switch(switch, operation="POST /3/accounts", times=1)

    assert (await add(connected)).is_success

    assert await in_list(connected) == [NEW["description"]]
    assert await added_by(connected) == ["owner"]


async def test_an_account_that_somebody_else_added_is_in_the_list_once_asked_for(connected: World) -> None:
    assert await in_list(connected) == []
    await connected.control("PUT", "/accounts/1688", NEW)

    assert (await add(connected)).status_code == 200

    assert await in_list(connected) == [NEW["description"]]
    assert await added_by(connected) == []
