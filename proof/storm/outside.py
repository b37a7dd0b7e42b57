"""Outside the assumptions: a Fortnox that books a request twice, or too late. Each copy is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from tests.export import invariants
from tests.world import Kept, World, a_world

from proof.finding import Tally
from proof.storm.reckon import marker_of
from proof.storm.sail import StormError
from proof.storm.sales import a_voyage

_BREAKS = ("book_twice", "book_late", None)
_LONG_AFTER_S = 3 * 3600
_UNTIL_ALL_IS_SENT_H = 40


@dataclass(frozen=True, slots=True)
class Copies:
    """How many vouchers Fortnox made too many, and of how many a person was told."""

    made: int
    told: int
    tally: Tally


async def sail_outside(url: str, kept: Kept, seed: int) -> Copies:
    """Book some days with a Fortnox that breaks what is assumed of it."""
    chance = Random(seed)  # noqa: S311 - chance that can be drawn again
    faults: Counter[str] = Counter()
    async with a_world(url, kept=kept) as world:
        voyage = a_voyage(chance)
        for delivery in voyage.deliveries:
            await _break(world, chance, faults)
            (await world.send(delivery)).raise_for_status()
            await world.work()
        await world.work_for(hours=_UNTIL_ALL_IS_SENT_H)
        await world.ok("POST", "/integration/reconciliation")
        await world.work()
        there = await world.booked()
        try:
            await invariants.check(world)
        except AssertionError as broken:
            raise StormError(f"seed {seed}: {broken}") from broken
        made = sum(number - 1 for number in Counter(map(marker_of, there)).values())
        tally = Tally(faults=faults, sales=len(voyage.sold), vouchers=len(there), seeds=(seed,))
        return Copies(made, await _told(world), tally)


async def _break(world: World, chance: Random, faults: Counter[str]) -> None:
    match chance.choice(_BREAKS):
        case "book_twice":
            await world.switch("book_twice", answer=chance.choice(["first", "last"]))
            faults["executed twice"] += 1
        case "book_late":
            await world.switch("book_late", after_seconds=_LONG_AFTER_S, how="silence")
            faults["booked after the settle time"] += 1
        case _:
            return


async def _told(world: World) -> int:
    """Count the copies that faults name."""
    told = (await world.ok("GET", "/faults"))["faults"]
    return sum(
        len(one["fault"]["facts"]["copies"]) for one in told if one["fault"]["code"] == "voucher_duplicate"
    )
