"""One voyage: the till tells its days in bad weather, the workers book them, and the books are compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.export import invariants
from tests.world import Kept, World, a_world

from proof.finding import Tally
from proof.person import said_of
from proof.storm.crew import Crew
from proof.storm.reckon import reckon
from proof.storm.sales import Voyage, a_voyage
from proof.storm.weather import Weather
from proof.storm.wire import StormyWire

Json = dict[str, Any]
_MOST_STEPS = 4000
_AT_LEAST = timedelta(hours=31)


class StormError(Exception):
    """A voyage that did not end well: its seed, and what was wrong."""


async def sail(url: str, kept: Kept, seed: int) -> Tally:
    """Book some days in the weather of a seed; StormError when the books are not right in the end."""
    async with a_world(url, kept=kept) as world:
        weather = Weather.of(seed)
        crew = Crew(world, weather)
        world.wire.inner = StormyWire(world.wire.inner, weather, world.clock, crew.others)
        voyage = a_voyage(weather.chance)
        try:
            decided = await _sail(world, crew, weather, voyage)
            weather.is_calm = True
            await _come_to_rest(crew)
            tally = await reckon(world, weather, voyage, decided)
            await invariants.check(world)
        except AssertionError as broken:
            raise StormError(f"seed {seed}: {broken}") from broken
        finally:
            await crew.leave()
        return tally


async def _sail(world: World, crew: Crew, weather: Weather, voyage: Voyage) -> int:
    """Go on until every sale is booked; return how often a person had to decide."""
    untold, decided = list(voyage.deliveries), 0
    for _ in range(_MOST_STEPS):
        if untold:
            await _tell(world, weather, untold.pop())
        await crew.work()
        for voucher_id, marker in await crew.undecided():
            await _decide(world, voucher_id, marker)
            decided += 1
        if not untold and await crew.has_booked(len(voyage.sold)):
            return decided
        await crew.wait()
    raise AssertionError(f"not all booked after {_MOST_STEPS} steps")


async def _tell(world: World, weather: Weather, delivery: Json) -> None:
    """Send a delivery; a till that heard no answer sends it again, by the same name or another."""
    for again in range(3):
        same = f"msg_{world.sent}" if again and weather.chance.random() < 0.5 else None  # noqa: PLR2004 - heads or tails
        answer = await world.send(delivery, webhook_id=same)
        answer.raise_for_status()
        if not weather.strikes(weather.of_delivery):
            return
        weather.struck("delivery sent again")


async def _decide(world: World, voucher_id: str, marker: str) -> None:
    """Look in Fortnox, as a person would, and say what stands there."""
    decision = said_of(marker, await world.booked())
    await world.ok("POST", f"/vouchers/{voucher_id}/decision", decision)


async def _come_to_rest(crew: Crew) -> None:
    """Let the weather pass: whatever was held up arrives, and every look that is due is taken."""
    until = crew.world.clock.now() + _AT_LEAST
    while crew.world.clock.now() < until:
        before = crew.world.clock.now()
        await crew.work()
        await crew.wait()
        if crew.world.clock.now() - before <= timedelta(seconds=1):
            crew.world.clock.advance(hours=1)
    await crew.work()
