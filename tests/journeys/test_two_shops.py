"""Two shops use the service at once: what one has, the other never sees nor touches."""

from dataclasses import replace

import httpx
from tests.factories import a_batch
from tests.little_shop import lunches, tell, tell_day
from tests.world import World


async def test_another_shops_voucher_is_not_there(shop: World) -> None:
    """Row 55: whoever knows its id can neither read nor reverse nor decide on it."""
    await tell_day(shop)
    await shop.work()
    (voucher,) = await shop.vouchers()
    await tell(shop, a_batch(lunches(1), company="c_2"))
    other = replace(shop, company="c_2")
    path = f"/vouchers/{voucher['voucher_id']}"

    answers = [
        await other.call("GET", path),
        await other.call("POST", f"{path}/reversal", {"reason": "Fel konto"}),
        await other.call("POST", f"{path}/decision", {"decision": "dismiss", "reason": "Bokförd för hand"}),
    ]

    assert [one.status_code for one in answers] == [httpx.codes.NOT_FOUND] * 3
    assert (await shop.ok("GET", path))["voucher_id"] == voucher["voucher_id"]
    assert len(await shop.booked()) == 1
