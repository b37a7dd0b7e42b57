"""Accounts are chosen one by one or many at once, all or none, and every choice is written down."""

import asyncio
from typing import Any

import pytest
from tests.factories import Json, a_batch, a_mapping, a_sale, a_transaction
from tests.intake.desk import rows
from tests.world import World

from fortnox_sync.connection.tables import lane
from fortnox_sync.mapping.tables import account_mapping
from fortnox_sync.runtime.audit import audit

CARD, TIP = a_mapping("payment_method", "card", 1686), a_mapping("event", "tip", 2421)


async def chosen(world: World) -> dict[tuple[str, str, str], int]:
    """Return the choices as they are kept."""
    kept = await rows(world.service.database, account_mapping)
    return {(row["dimension"], row["key"], row["narrow"]): row["account"] for row in kept}


async def refused(world: World, method: str, path: str, body: Any) -> list[str]:
    """Expect a refusal that names its fields, and that nothing was changed; return them."""
    before = await chosen(world)
    answer = await world.call(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    assert await chosen(world) == before
    return [error["at"] for error in answer.json().get("errors", ())]


async def test_what_the_till_named_is_listed_unmapped(world: World) -> None:
    listed = (await world.ok("GET", "/mappings"))["mappings"]
    assert {(one["dimension"], one["key"], one["state"]) for one in listed} == {
        ("payment_method", "card", "unmapped"),
        ("vat_rate", "12", "unmapped"),
        ("article_group", "food", "unmapped"),
        ("event", "tip", "unmapped"),
    }


async def test_many_are_chosen_at_once(world: World) -> None:
    listed = (await world.ok("PUT", "/mappings", {"mappings": [CARD, TIP]}))["mappings"]

    assert {one["key"]: one["account"] for one in listed if one["state"] == "mapped"} == {
        "card": 1686,
        "tip": 2421,
    }
    assert await chosen(world) == {("payment_method", "card", ""): 1686, ("event", "tip", ""): 2421}


@pytest.mark.parametrize(
    "bad",
    [
        {"account": "1910"}, {"account": 1910.0}, {"account": True}, {"account": None}, {"account": 999},
        {"account": 10000}, {"account": 10**400}, {"key": ""}, {"key": "x" * 65}, {"key": "a\x00b"},
        {"key": 5}, {"key": None}, {"dimension": "register"}, {"dimension": 1},
        {"narrow": {"vat_rate": "25"}}, {"narrow": {"register_id": 1}}, {"narrow": {"other": "x"}},
        {"narrow": "K1"}, {"note": "extra"},
        {"dimension": "vat_rate", "key": "often"}, {"dimension": "vat_rate", "key": "100"},
        {"dimension": "event", "narrow": {"register_id": "K1"}},
        {"dimension": "article_group", "narrow": {"vat_rate": "12,5"}},
        {"dimension": "article_group", "narrow": {"vat_rate": "NaN"}},
    ],
)  # fmt: skip
async def test_one_that_is_wrong_lets_none_of_the_others_in(small_world: World, bad: Json) -> None:
    fields = await refused(small_world, "PUT", "/mappings", {"mappings": [TIP, CARD | bad, TIP]})
    assert all(field.startswith("body.mappings.1") for field in fields)
    assert fields


@pytest.mark.parametrize("body", [{"mappings": []}, {"mappings": [CARD] * 2001}, {}, [], {"mappings": CARD}])
async def test_a_body_that_holds_no_list_of_choices_is_refused(small_world: World, body: Any) -> None:
    assert await refused(small_world, "PUT", "/mappings", body)


@pytest.mark.parametrize("body", [{"account": "1910"}, {"account": 10}, {}, {"account": 1910, "x": 1}, 1910])
async def test_a_single_choice_is_checked_as_strictly(small_world: World, body: Any) -> None:
    await refused(small_world, "PUT", "/mappings/payment_method/card", body)


@pytest.mark.parametrize(
    "path",
    [
        "/mappings/register/K1",
        "/mappings/vat_rate/often",
        "/mappings/event/tip?register_id=K1",
        "/mappings/event/a%00b",
        "/mappings/payment_method/card?vat_rate=12",
        "/mappings/payment_method/card?register_id=a%00b",
        "/mappings/payment_method/card?register_id=",
        "/mappings/article_group/food?vat_rate=often",
        "/mappings/article_group/food?vat_rate=123456789",
    ],
)
async def test_a_choice_for_what_cannot_be_is_refused(small_world: World, path: str) -> None:
    await refused(small_world, "PUT", path, {"account": 1910})
    await refused(small_world, "DELETE", path, None)


async def test_narrower_keys_stand_beside_the_whole(world: World) -> None:
    await world.ok("PUT", "/mappings/payment_method/card", {"account": 1686})
    await world.ok("PUT", "/mappings/payment_method/card?register_id=K1", {"account": 1687})
    await world.ok("PUT", "/mappings/article_group/food?vat_rate=25.0", {"account": 3001})

    assert await chosen(world) == {
        ("article_group", "food", "25"): 3001,
        ("payment_method", "card", ""): 1686,
        ("payment_method", "card", "K1"): 1687,
    }
    listed = (await world.ok("GET", "/mappings"))["mappings"]
    narrow = {(one["key"], *(one["narrow"] or {}).values()): one["account"] for one in listed}
    assert narrow["card", "K1", None] == 1687
    assert narrow["food", None, "25"] == 3001


@pytest.mark.parametrize("spelling", ["25", "25.0", "25.00", "+25", "2.5e1"])
async def test_a_rate_is_the_same_however_it_is_spelled(world: World, spelling: str) -> None:
    await world.ok("PUT", f"/mappings/vat_rate/{spelling.replace('+', '%2B')}", {"account": 2611})
    await world.ok("PUT", "/mappings", {"mappings": [a_mapping("vat_rate", spelling, 2612)]})
    assert await chosen(world) == {("vat_rate", "25", ""): 2612}

    await world.ok("DELETE", f"/mappings/vat_rate/{spelling.replace('+', '%2B')}")
    assert await chosen(world) == {}


async def test_a_choice_can_be_made_again_and_taken_back(world: World) -> None:
    for account in (1686, 1687):
        await world.ok("PUT", "/mappings/payment_method/card", {"account": account})
    [kept] = await rows(world.service.database, account_mapping)
    assert (kept["account"], kept["version"], kept["updated_by"]) == (1687, 2, "owner")

    for _ in range(2):
        answer = await world.call("DELETE", "/mappings/payment_method/card")
        assert (answer.status_code, answer.content) == (204, b"")
    assert await chosen(world) == {}


async def test_who_chose_what_is_written_down_in_the_same_breath(world: World) -> None:
    await world.call("PUT", "/mappings", {"mappings": [CARD, TIP]}, sub="anna")
    await world.call("DELETE", "/mappings/event/tip", sub="kim")
    await world.call("PUT", "/mappings", {"mappings": [CARD | {"account": "x"}]}, sub="eve")

    told = [
        (row["actor"], row["action"], row["details"]) for row in await rows(world.service.database, audit)
    ]
    assert told == [
        ("anna", "mapping.changed", details("payment_method", "card", 1686)),
        ("anna", "mapping.changed", details("event", "tip", 2421)),
        ("kim", "mapping.changed", details("event", "tip", None)),
    ]


def details(dimension: str, key: str, account: int | None) -> Json:
    return {"dimension": dimension, "key": key, "narrow": "", "account": account}


async def test_a_company_that_was_never_seen_has_nothing_to_choose_for(world: World) -> None:
    world.company = "c_new"
    for method, path, body in (
        ("PUT", "/mappings", {"mappings": [CARD]}),
        ("PUT", "/mappings/event/tip", {"account": 2421}),
        ("DELETE", "/mappings/event/tip", None),
        ("PUT", "/cost-centers/bar", {"code": "100"}),
        ("PATCH", "/integration/settings", {"language": "en"}),
    ):
        answer = await world.call(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await world.ok("GET", "/mappings"))["mappings"] == []


async def test_many_people_choosing_at_once_never_stop_each_other(world: World) -> None:
    many = [a_mapping("event", f"e{number}", 2421) for number in range(40)]
    bodies = [{"mappings": many if number % 2 else many[::-1]} for number in range(10)]
    answers = await asyncio.gather(*(world.call("PUT", "/mappings", body) for body in bodies))

    assert {answer.status_code for answer in answers} == {200}
    assert {row["version"] for row in await rows(world.service.database, account_mapping)} == {10}


async def test_another_companys_choices_are_neither_seen_nor_touched(world: World) -> None:
    await world.ok("PUT", "/mappings", {"mappings": [CARD, TIP]})
    first, world.company = world.company, "c_2"
    await world.send(a_batch([a_transaction(1, sales=[a_sale()])], company="c_2"))
    listed = (await world.ok("GET", "/mappings"))["mappings"]
    assert {one["state"] for one in listed} == {"unmapped"}
    await world.ok("DELETE", "/mappings/event/tip")

    world.company = first
    assert len(await chosen(world)) == 2


async def test_a_choice_lets_what_waits_be_looked_at_again(world: World) -> None:
    await world.ok("PUT", "/mappings", {"mappings": [CARD]})
    [waiting] = await rows(world.service.database, lane)
    assert (waiting["look_again"], waiting["next_due_at"]) == (True, world.clock.now())
