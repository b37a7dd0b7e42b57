"""The vouchers of one company: no query reaches another's."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.little_shop import tell_day
from tests.world import World

from fortnox_sync.export.repository import Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.export.tables import booking, voucher

Ask = Callable[[Vouchers, World, str], Awaitable[Any]]
QUERIES: dict[str, Ask] = {
    "due": lambda own, shop, _: own.due(list(State), shop.clock.now(), 20),
    "unverified": lambda own, shop, _: own.unverified(shop.clock.now(), 20),
    "in_states": lambda own, _, __: own.in_states(list(State)),
    "of_sessions": lambda own, _, __: own.of_sessions(["K1-412"], list(State)),
    "page": lambda own, _, __: own.page(None, None, 20, None),
    "find": lambda own, _, one: own.find(one),
    "count": lambda own, _, __: own.count(list(State)),
    "next_due_at": lambda own, _, __: own.next_due_at(list(State)),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_reaches_another_companys_vouchers(shop: World, name: str) -> None:
    """Row 55: asked by the company whose they are, each of them answers."""
    await tell_day(shop)
    await shop.work()
    (one,) = await shop.vouchers()
    async with shop.service.database.write() as connection:
        await connection.execute(voucher.update().values(next_due_at=shop.clock.now()))
        await connection.execute(booking.update().values(verified_at=None))
        asked = [
            await QUERIES[name](Vouchers(shop.service.database, connection, company), shop, one["voucher_id"])
            for company in (shop.company, "c_2")
        ]

    assert asked[0]
    assert not asked[1]
