"""Row 50: Fortnox was down for three days and many companies wait; everyone is served, nobody starves."""

import copy
import json
from typing import Any

from tests.world import World, found

COMPANIES = 12


async def test_row_50_all_who_waited_are_booked_and_none_starved(
    world: World, krogen: dict[str, Any]
) -> None:
    for number in range(1, COMPANIES + 1):
        await _join(world, krogen, number)
    everywhere = {"switch": "fail", "times": 100_000}
    (await world.simulator.post("/_simulator/switches", json=everywhere)).raise_for_status()
    for number in range(1, COMPANIES + 1):
        for delivery in _own(krogen, number)["deliveries"]:
            await world.send(delivery)
    for _ in range(3):
        await world.work()
        world.clock.advance(days=1)
    (await world.simulator.delete("/_simulator/switches")).raise_for_status()
    await world.work_for(minutes=3)

    for number in range(1, COMPANIES + 1):
        _be(world, number)
        assert len(await world.booked()) == len(krogen["expected_vouchers"])
        assert await world.faults() == []


def _be(world: World, number: int) -> None:
    world.company, world.number = f"c_{number}", 5000 + number


def _own(krogen: dict[str, Any], number: int) -> dict[str, Any]:
    """Let another company tell the same day."""
    case: dict[str, Any] = json.loads(json.dumps(copy.deepcopy(krogen)).replace('"c_4711"', f'"c_{number}"'))
    return case


async def _join(world: World, krogen: dict[str, Any], number: int) -> None:
    _be(world, number)
    await found(world, krogen)
    case = _own(krogen, number)
    await world.send(case["deliveries"][0])
    await world.set_up(case)
