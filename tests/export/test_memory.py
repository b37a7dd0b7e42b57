"""Memory: epochs only ever grow, so one that fell is another database's."""

from datetime import timedelta

import sqlalchemy as sa
from tests.world import World

from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.tables import lane
from fortnox_sync.export.memory import Memory

AN_HOUR_AND_SETTLE = timedelta(minutes=75)


def a_lease(world: World, epoch: int) -> Lease:
    return Lease(world.company, "worker", epoch, before=epoch - 1)


async def test_a_lane_whose_epoch_fell_is_suspect_and_so_are_all(shop: World) -> None:
    memory = Memory(shop.service.database, timedelta(minutes=15))
    assert (await memory.beside(a_lease(shop, 7))).suspect_until is None
    assert (await memory.beside(a_lease(shop, 9))).suspect_until is None

    until = shop.clock.now() + AN_HOUR_AND_SETTLE
    assert (await memory.beside(a_lease(shop, 9))).suspect_until == until
    async with shop.service.database.read() as connection:
        assert set((await connection.execute(sa.select(lane.c.suspect_until))).scalars()) == {until}
