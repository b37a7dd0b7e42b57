"""What the till told and nobody can take as it is: kept, shown, and settled when it comes right."""

import copy
import json
from typing import Any

import httpx
from tests.world import World


async def test_a_receipt_that_does_not_balance_is_shown_and_settled_when_it_comes_right(
    active: World, krogen: dict[str, Any]
) -> None:
    deliveries = copy.deepcopy(krogen["deliveries"])
    right = copy.deepcopy(deliveries[1])
    deliveries[1]["data"]["transactions"][0]["payments"][0]["amount"] += 100
    for delivery in deliveries:
        await active.send(delivery)
    await active.work()
    assert sorted(await active.faults()) == ["day_incomplete", "transaction_unbalanced"]

    for transaction in right["data"]["transactions"]:
        active.told[active.company, transaction["transaction_id"]] = transaction
    await active.send(right)
    await active.work()
    assert await active.faults() == []
    assert len(await active.booked()) == len(krogen["expected_vouchers"])


async def test_a_delivery_nobody_can_read_is_shown_to_its_company(active: World) -> None:
    odd = {"type": "till.day.closed", "timestamp": None, "data": {"company_id": active.company}}
    assert (await active.send(odd)).status_code == 202

    shown = (await active.ok("GET", "/faults"))["faults"]
    assert [one["fault"]["code"] for one in shown] == ["delivery_unreadable"]
    assert shown[0]["fault"]["facts"]["delivery_id"]


async def test_a_delivery_cut_short_is_taken_when_it_comes_whole_under_the_same_id(
    active: World, krogen: dict[str, Any]
) -> None:
    for position, delivery in enumerate(krogen["deliveries"]):
        body = json.dumps(delivery).encode()
        cut = await active.send_bytes(body[:-20], webhook_id=f"day_{position}")
        assert cut.status_code == httpx.codes.BAD_REQUEST
        assert (await active.send(delivery, webhook_id=f"day_{position}")).status_code == httpx.codes.ACCEPTED
        again = await active.send(delivery, webhook_id=f"day_{position}")
        assert (again.status_code, again.json()["status"]) == (httpx.codes.OK, "seen")
    await active.work()

    assert len(await active.booked()) == len(krogen["expected_vouchers"])
    assert await active.faults() == []


async def test_a_receipt_that_could_not_be_read_is_settled_when_its_day_agrees(
    active: World, krogen: dict[str, Any]
) -> None:
    odd = copy.deepcopy(krogen["deliveries"][1])
    odd["data"]["transactions"][0]["register_id"] = 7
    await active.send_bytes(json.dumps(odd).encode())
    assert await active.faults() == ["delivery_unreadable"]
    await active.play(krogen)

    assert await active.faults() == []


async def test_a_body_beside_one_that_stands_does_not_look_like_a_success(
    active: World, krogen: dict[str, Any]
) -> None:
    await active.send(krogen["deliveries"][1], webhook_id="same")
    other = await active.send_bytes(json.dumps(krogen["deliveries"][2]).encode(), webhook_id="same")

    assert other.json()["status"] == "variant"
    assert len(other.json()["problems"]) == 1
