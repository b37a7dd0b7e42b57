"""Two people at the same settings: the second hears of the first instead of overwriting the choice."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.counting import statements
from tests.world import World

Json = dict[str, Any]


async def send(
    world: World, method: str, path: str, body: Json | None = None, seen: str | None = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.token()}"} | ({"If-Match": seen} if seen else {})
    return await world.api.request(method, f"/v1/companies/{world.company}{path}", json=body, headers=headers)


async def choose(world: World, account: int, seen: str | None = None, key: str = "card") -> httpx.Response:
    return await send(world, "PUT", f"/mappings/payment_method/{key}", {"account": account}, seen)


async def tag(world: World) -> str:
    return (await send(world, "GET", "/mappings")).headers["etag"]


async def account(world: World, key: str = "card") -> int | None:
    listed = (await send(world, "GET", "/mappings")).json()["mappings"]
    found: int | None = next(one["account"] for one in listed if one["key"] == key)
    return found


async def test_the_tag_changes_with_a_choice_and_with_nothing_else(world: World) -> None:
    before = await tag(world)
    assert await tag(world) == before
    await world.ok("PATCH", "/integration/settings", {"language": "en"})
    assert await tag(world) == before

    changed = await choose(world, 1686)
    assert changed.headers["etag"] == await tag(world) != before
    back = await send(world, "DELETE", "/mappings/payment_method/card")
    assert back.headers["etag"] == await tag(world) == before


async def test_who_saw_something_older_is_told_and_changes_nothing(world: World) -> None:
    seen = await tag(world)
    await choose(world, 1686, seen)
    many = {"mappings": [{"dimension": "payment_method", "key": "card", "account": 1930}]}
    for late in (
        await choose(world, 1930, seen),
        await send(world, "PUT", "/mappings", many, seen),
        await send(world, "DELETE", "/mappings/payment_method/card", seen=seen),
    ):
        assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert await account(world) == 1686

    assert (await choose(world, 1930, await tag(world))).status_code == 200
    assert await account(world) == 1930


async def test_of_many_at_once_one_wins(world: World) -> None:
    seen = await tag(world)
    answers = await asyncio.gather(*(choose(world, number, seen) for number in range(1680, 1686)))
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412, 412]
    won = next(one.json()["account"] for one in answers if one.status_code == 200)
    assert await account(world) == won


@pytest.mark.parametrize("seen", ["*", '"old", {tag}', "{tag}"])
async def test_any_of_several_tags_will_do(small_world: World, seen: str) -> None:
    now = await tag(small_world)
    assert (await choose(small_world, 1686, seen.replace("{tag}", now))).status_code == 200


@pytest.mark.parametrize("seen", ['"old"', "W/{tag}", "old"])
async def test_no_other_will(small_world: World, seen: str) -> None:
    now = await tag(small_world)
    assert (await choose(small_world, 1686, seen.replace("{tag}", now))).status_code == 412


async def test_without_a_tag_the_last_one_wins_as_before(world: World) -> None:
    assert [(await choose(world, one)).status_code for one in (1686, 1930)] == [200, 200]
    assert await account(world) == 1930


async def test_the_tag_is_that_of_the_choices_it_comes_with(world: World) -> None:
    """Read in two statements, the tag could be newer than what the person sees."""
    with statements(world) as asked:
        await tag(world)
    assert sum("FROM account_mapping" in one for one in asked) == 1
