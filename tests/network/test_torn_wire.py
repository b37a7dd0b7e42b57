"""The wire to Fortnox is torn anywhere: each day is booked once, to the öre."""

from typing import Any

import anyio
import pytest
from proof.network.day import live
from proof.network.harm import Harm, How, Oddity, Place, Tear, name_of
from proof.network.wired import Wired
from tests.little_shop import tell_days

FOUND_S = 10
TORN = [
    Tear(How.CUT, Place.REQUEST_BODY),
    Tear(How.RESET, Place.WHOLE_REQUEST),
    Tear(How.HOLD, Place.WHOLE_REQUEST),
    Tear(How.HALF_CLOSE, Place.STATUS_LINE),
    Tear(How.CUT, Place.ANSWER_BODY),
    Tear(How.RESET, Place.LAST_BYTE),
]
ODD = [Oddity.BAD_GATEWAY, Oddity.LATE, Oddity.TRICKLE, Oddity.REFUSED]


@pytest.mark.parametrize("harm", [*TORN, *ODD], ids=name_of)
async def test_a_day_on_a_torn_wire_is_booked_once(wire: Wired, harm: Harm) -> None:
    """Rows 6, 7, 12 and 15: cut, held, late, a gateway's page, an answer that trickles."""
    ended = await live(wire, 0, (harm,))

    assert ended.trouble == ()
    assert (ended.tally.vouchers, ended.tally.duplicates, ended.tally.ore_difference) == (1, 0, 0)
    is_executed = not (isinstance(harm, Tear) and not harm.place.is_executed)
    if is_executed and harm not in {Oddity.LATE, Oddity.REFUSED}:
        assert max(ended.tally.to_certainty_s) < FOUND_S


async def test_a_request_delivered_twice_is_told(wire: Wired) -> None:
    """Row 16: one call of ours, two in Fortnox."""
    ended = await live(wire, 0, (Oddity.TWICE,))

    assert ended.trouble == ()
    assert (ended.tally.vouchers, ended.tally.duplicates, ended.tally.needed_a_person) == (2, 0, 1)


async def test_each_post_comes_on_a_connection_of_its_own(wire: Wired) -> None:
    """A request on a connection that was used before could have been lost before it left, or not."""
    await tell_days(wire.world, 3)
    await wire.world.work()

    assert len(await wire.world.posts()) == len(await wire.world.booked()) == 3
    assert wire.fortnox.met == 3


async def test_whoever_is_not_let_in_knocks_once(wire: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries live in the lane alone: neither httpx nor anything around it tries a POST again."""
    knocks: list[int] = []
    connect_tcp = anyio.connect_tcp

    async def knock(*, remote_port: int, **where: Any) -> Any:
        knocks.append(remote_port)
        return await connect_tcp(remote_port=remote_port, **where)

    await tell_days(wire.world, 1)
    wire.fortnox.harms.append(Oddity.REFUSED)
    monkeypatch.setattr(anyio, "connect_tcp", knock)
    await wire.world.work()

    # One for all the reads, which found the door open, and one for the POST, which did not.
    assert knocks.count(wire.fortnox.port) == 2
    await wire.fortnox.listen()
    await wire.world.work_for(minutes=10)
    assert len(await wire.world.booked()) == 1
