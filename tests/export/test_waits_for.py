"""A voucher that is shown names what it waits for, and nothing that others wait for."""

from typing import Any

import httpx
from tests.factories import a_payment, a_transaction
from tests.little_shop import CASH, SALES, fault, lunches, tell_day
from tests.world import World, is_booking

Json = dict[str, Any]


async def shown(world: World) -> list[Json]:
    """Return every voucher as it is shown on its own, in the order they were made."""
    return [await world.ok("GET", f"/vouchers/{one['voucher_id']}") for one in await world.vouchers()]


async def test_a_held_voucher_names_the_fault_it_waits_for_until_it_is_cured(shop: World) -> None:
    await shop.control("PATCH", f"/accounts/{SALES}", {"active": False})
    await tell_day(shop)
    await shop.work()
    (held,) = await shown(shop)
    named = {"fault_id": (await fault(shop, "account_inactive"))["fault_id"], "code": "account_inactive"}
    assert (held["state"], held["waits_for"]) == ("held", [named])

    await shop.control("PATCH", f"/accounts/{SALES}", {"active": True})
    await shop.work_for(hours=1)
    (booked,) = await shown(shop)
    assert (booked["state"], booked["waits_for"]) == ("booked", [])


async def test_each_voucher_names_its_own_faults(shop: World) -> None:
    await shop.control("PATCH", f"/accounts/{CASH}", {"active": False})
    await tell_day(shop)
    by_cash = [a_transaction(1, session="K1-413", payments=[a_payment("cash")], sales=lunches()[0]["sales"])]
    await tell_day(shop, by_cash, "K1-413")
    await shop.work()

    assert [[fault["code"] for fault in one["waits_for"]] for one in await shown(shop)] == [
        [], ["account_inactive"]
    ]  # fmt: skip


async def test_a_booked_voucher_that_a_person_changed_names_the_fault(shop: World) -> None:
    async def strike(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.after.remove(strike)
            (made,) = await shop.booked()
            await shop.control(
                "POST", f"/vouchers/{made['year']}/{made['series']}/{made['number']}/strike", {"rows": [1]}
            )

    shop.wire.after.append(strike)
    await tell_day(shop)
    await shop.work()
    (one,) = await shown(shop)
    assert (one["state"], [fault["code"] for fault in one["waits_for"]]) == ("booked", ["voucher_changed"])
