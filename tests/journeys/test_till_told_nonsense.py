"""What the till told and nobody can take as it is: kept, shown, and settled when it comes right."""

import copy
from typing import Any

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
