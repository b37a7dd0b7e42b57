"""The till's wire is torn anywhere: it sends again until it is told yes, and each delivery is there once."""

import pytest
import sqlalchemy as sa
from proof.network.harm import How, Place, Tear, name_of
from proof.network.till import deliver
from proof.network.wired import Wired
from tests.factories import a_batch
from tests.little_shop import a_close, lunches, states

from fortnox_sync.intake.tables import delivery, till_transaction

TORN = [
    Tear(How.CUT, Place.REQUEST_BODY),
    Tear(How.RESET, Place.REQUEST_HEADERS),
    Tear(How.RESET, Place.WHOLE_REQUEST),
    Tear(How.CUT, Place.LAST_BYTE),
]


@pytest.mark.parametrize("harm", TORN, ids=name_of)
async def test_a_delivery_on_a_torn_wire_is_stored_once(wire: Wired, harm: Tear) -> None:
    """Rows 27 and 30: the till can't know whether it arrived, and sends it again."""
    before = await count(wire, delivery)
    told = [await deliver(wire, one, harm) for one in (a_batch(lunches()), a_close(lunches()))]
    await wire.world.work()

    assert [one.sent for one in told] == [2, 2]
    assert await count(wire, delivery) - before == 2
    assert await count(wire, till_transaction) == 2
    assert await states(wire.world) == ["booked"]
    assert len(await wire.world.booked()) == 1


async def count(wire: Wired, table: sa.Table) -> int:
    async with wire.world.service.database.read() as connection:
        query = sa.select(sa.func.count()).select_from(table)
        return int((await connection.execute(query)).scalar_one())
