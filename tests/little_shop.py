"""A little shop that sells lunches: one register, one rate, so that sums are seen at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.factories import (
    DAY,
    a_batch,
    a_catalog,
    a_day_close,
    a_delivery,
    a_mapping,
    a_payment,
    a_sale,
    a_transaction,
    an_event,
)
from tests.world import Kept, World, a_world, keep

Json = dict[str, Any]

CARD, SALES, VAT, CASH, TIPS = 1686, 3002, 2621, 1910, 2820
LUNCH = 11200
MAPPING = [
    a_mapping("payment_method", "card", CARD),
    a_mapping("payment_method", "cash", CASH),
    a_mapping("article_group", "food", SALES),
    a_mapping("vat_rate", "12", VAT),
    a_mapping("event", "tip", TIPS),
]
_EXAMPLES = [
    a_transaction(1, sales=[a_sale()], events=[an_event("tip")]),
    a_transaction(2, payments=[a_payment("cash")], sales=[a_sale()]),
]
SHOP: Json = {
    "cost_centers": {"restaurant": "100", "shop": "200"},
    "mapping": MAPPING,
    "deliveries": [a_delivery(a_catalog(_EXAMPLES), at="2026-10-01T08:00:00Z")],
}


def lunches(number: int = 2, **of: Any) -> list[Json]:
    """Sell some lunches of 112 kronor, each paid by card."""
    return [a_transaction(one + 1, **of) for one in range(number)]


def a_close(sold: Iterable[Json], session: str = "K1-412", **more: Any) -> Json:
    """Close a session; its register and Z number stand in its name, as in `K1-412`."""
    register, z_number = session.split("-")
    return a_delivery(a_day_close(sold, session=session, register=register, z_number=int(z_number), **more))


async def tell(world: World, *deliveries: Json) -> None:
    """Send deliveries that must be taken."""
    for delivery in deliveries:
        answer = await world.send(delivery)
        assert answer.is_success, answer.text


async def tell_day(
    world: World, sold: Sequence[Json] | None = None, session: str = "K1-412", day: str = DAY, **more: Any
) -> list[Json]:
    """Tell a whole session: what it sold, two lunches unless given, and its close."""
    register, _ = session.split("-")
    told = list(lunches(session=session, register=register, business_date=day) if sold is None else sold)
    if told:
        await tell(world, a_batch(told))
    await tell(world, a_close(told, session, day=day, **more))
    return told


async def tell_days(world: World, number: int) -> None:
    """Tell sessions of consecutive days in October, each of two lunches."""
    for one in range(number):
        await tell_day(world, session=f"K1-{500 + one}", day=f"2026-10-{one + 1:02d}")


async def states(world: World) -> list[str]:
    """Return the states of the vouchers, oldest first."""
    return [one["state"] for one in await world.vouchers()]


async def fault(world: World, code: str) -> Json:
    """Return the one open fault of a code."""
    (found,) = [one for one in (await world.ok("GET", "/faults"))["faults"] if one["fault"]["code"] == code]
    told: Json = found
    return told


async def opened(url: str) -> Kept:
    """Set the shop up on an empty database, and keep it to begin from."""
    async with a_world(url, SHOP) as made:
        await made.send(SHOP["deliveries"][0])
        await made.set_up(SHOP, start_on="2026-10-01")
        await made.work()
        return await keep(made)
