"""A shop in which something of everything has happened, so that calls drawn from the contract go deep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.factories import COMPANY, a_batch, a_payment, a_transaction
from tests.little_shop import a_close, lunches, tell, tell_day
from tests.world import World

Json = dict[str, Any]
# Another company of the same till vendor, with the same registers and sessions.
NEIGHBOUR = "c_2"
ALL_SCOPES = "integration:read integration:write exports:write operator"


@dataclass(frozen=True)
class Existing:
    """What exists, by the name that the contract has for it."""

    ids: dict[str, list[Any]]

    def ours(self) -> set[str]:
        """Return the ids that are ours to make: no other company has them."""
        ours = ("voucher_id", "export_id", "fault_id", "notification_id")
        return {one for name in ours for one in self.ids[name]}


async def fill(shop: World) -> None:
    """Let a shop book, hold, doubt and conflict."""
    shop.scopes = ALL_SCOPES
    await tell_day(shop, session="K1-412")
    await shop.work_for(hours=2)
    (booked,) = await shop.vouchers()
    await shop.ok("POST", f"/vouchers/{booked['voucher_id']}/reversal", {"reason": "Fel konto"})
    await shop.work_for(hours=2)
    await _leave_one_to_a_person(shop)
    await _hold(shop)
    sold = lunches(1)
    await tell(shop, a_close(sold, company_id=NEIGHBOUR, transactions=sold))
    await shop.work()


async def _leave_one_to_a_person(shop: World) -> None:
    await shop.switch("never_book", times=2)
    await tell_day(shop, session="K1-413")
    await shop.work_for(hours=6)


async def _hold(shop: World) -> None:
    """Have days that wait: no account, a receipt missing, a Z number missing, told twice, a voucher held."""
    unmapped = [a_transaction(1, session="K1-415", payments=[a_payment("swish")], sales=[])]
    unmapped[0]["events"] = [{"event_id": "gift_card_sold", "amount": 11200}]
    await tell_day(shop, unmapped, session="K1-415")
    sold = lunches(3, session="K1-416")
    await tell(shop, a_batch(sold[:2]), a_close(sold, "K1-416"))
    await tell(shop, a_batch(lunches(1, session="K1-417")))
    await tell(shop, a_batch(lunches(1, session="K1-412", text="annat")))
    await shop.ok("POST", "/exports", {})
    await shop.control("PATCH", "/accounts/3002", {"active": False})
    await tell_day(shop, session="K2-7")
    await shop.work()


def neighbour_of(shop: World) -> World:
    """Return the same world for the company next door."""
    return replace(shop, company=NEIGHBOUR, scopes=ALL_SCOPES)


async def existing(shop: World) -> Existing:
    """Ask for the ids of all that exists."""
    vouchers = await shop.vouchers()
    faults = (await shop.ok("GET", "/faults"))["faults"]
    exports = (await shop.ok("GET", "/exports?limit=500"))["exports"]
    told = (await shop.ok("GET", "/notifications?limit=500"))["notifications"]
    return Existing(
        {
            "company_id": [COMPANY],
            "voucher_id": [one["voucher_id"] for one in vouchers],
            "export_id": [one["export_id"] for one in exports],
            "fault_id": [one["fault_id"] for one in faults],
            "notification_id": [one["id"] for one in told],
            "session_id": sorted({one["session_id"] for one in vouchers} | {"K1-415", "K1-416", "K1-417"}),
            "register_id": ["K1", "K2"],
            "cost_center_id": ["restaurant", "shop"],
            "key": ["card", "swish", "food", "12", "tip"],
            "position": [0, 1, 2],
        }
    )
