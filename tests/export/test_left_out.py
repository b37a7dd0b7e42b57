"""A sale that planning left out is told a day after its close, whoever made the mistake."""

from __future__ import annotations

import sqlalchemy as sa
from tests.factories import a_batch
from tests.little_shop import a_close, fault, lunches, tell, tell_day
from tests.world import World

from fortnox_sync.export.left_out import LEFT_OUT
from fortnox_sync.export.tables import claim


async def compare(shop: World) -> None:
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()


async def let_go(shop: World, *, gone: bool) -> None:
    """Take one sale out of its voucher behind the service's back, or put it back."""
    async with shop.service.database.write() as connection:
        one = claim.c.transaction_id == "K1-412-1"
        moment = shop.clock.now() if gone else None
        await connection.execute(sa.update(claim).where(one).values(released_at=moment))


async def test_a_sale_in_no_voucher_is_told_a_day_after_its_close_until_it_is_in_one(shop: World) -> None:
    await tell_day(shop)
    await shop.work_for(minutes=20)
    await let_go(shop, gone=True)
    await compare(shop)
    assert await shop.faults() == []

    shop.clock.advance(days=1)
    await compare(shop)
    facts = (await fault(shop, "internal_error"))["fault"]["facts"]
    assert (facts["voucher_id"], facts["error"]) == ("K1-412", LEFT_OUT)
    await compare(shop)
    assert await shop.faults() == ["internal_error"]

    await let_go(shop, gone=False)
    await compare(shop)
    assert await shop.faults() == []


async def test_a_day_that_a_fault_keeps_back_is_not_told_twice(shop: World) -> None:
    sold = lunches()
    await tell(shop, a_batch(sold[:1]), a_close(sold))
    await shop.work()
    assert await shop.faults() == ["day_incomplete"]
    shop.clock.advance(days=2)
    await compare(shop)
    assert await shop.faults() == ["day_incomplete"]
