"""For every fault: how it comes about, what it names, and how a person is rid of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.factories import DAY, a_batch, a_payment, a_sale, a_transaction
from tests.journeys.obstacles import OBSTACLES, YEAR, Obstacle
from tests.little_shop import LUNCH, a_close, lunches, tell, tell_day
from tests.world import World, is_booking

from fortnox_sync.export import push
from fortnox_sync.fault.model import FaultCode

Json = dict[str, Any]
# Done in a world; a cure is handed the fault as the API told it.
Cause = Callable[[World], Awaitable[None]]
Cure = Callable[[World, Json], Awaitable[None]]

POSTS = "POST /3/vouchers"
LUNCHES = 2 * LUNCH
BREAKS = {one.code: one for one in [*OBSTACLES, YEAR]}


@dataclass(frozen=True)
class Story:
    """One fault: its cause and cure, its buttons in their order, some of its facts, the öre that wait."""

    cause: Cause
    cure: Cure
    buttons: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    amount: int = LUNCHES


def by_obstacle(code: str, cure: Cure, /, *buttons: str, **facts: Any) -> Story:
    """Tell of something a person did in Fortnox before the day was sent."""

    async def cause(shop: World) -> None:
        await shop.control(*BREAKS[code].breaks)
        await a_day(shop)

    return Story(cause, cure, buttons, facts)


def cleared_in_fortnox(obstacle: Obstacle) -> Cure:
    """Have the person undo it in Fortnox, and the hourly look see it."""

    async def cure(shop: World, _: Json) -> None:
        await shop.control(*obstacle.cures)
        await shop.work_for(minutes=61)

    return cure


def called(method: str, path: str, body: Json | None = None) -> Cure:
    """Have the person do one thing in BackOffice; no other click is needed."""

    async def cure(shop: World, told: Json) -> None:
        await shop.ok(method, path.format(**told, **told["fault"]["facts"]), body)
        await shop.work()

    return cure


def told_by_till(*deliveries: Json) -> Cure:
    """Have the till send something."""

    async def cure(shop: World, _: Json) -> None:
        await tell(shop, *deliveries)
        await shop.work()

    return cure


def passing(**span: float) -> Cure:
    """Have nobody do anything for a while."""

    async def cure(shop: World, _: Json) -> None:
        await shop.work_for(**span)

    return cure


async def a_day(shop: World) -> None:
    await tell_day(shop)
    await shop.work()


def after(name: str, **how: Any) -> Cause:
    """Throw a switch in Fortnox, then tell a day."""

    async def cause(shop: World) -> None:
        await shop.switch(name, **how)
        await a_day(shop)

    return cause


async def reauthorised(shop: World, _: Json) -> None:
    await shop.reauthorise()
    await shop.work()


# What has no account, or one that can't be used


async def paid_by_swish(shop: World) -> None:
    await tell_day(shop, [a_transaction(1, sales=[a_sale()], payments=[a_payment("swish")])])
    await shop.work()


# The link to Fortnox


async def consent_taken_back(shop: World) -> None:
    await shop.control("DELETE", "/consents?access_tokens_die=true")
    await a_day(shop)


async def licence_ended(shop: World) -> None:
    await shop.control("PATCH", "", {"licences": ["integration"]})
    await a_day(shop)


async def licence_ordered(shop: World, _: Json) -> None:
    await shop.control("PATCH", "", {"licences": ["integration", "bookkeeping"]})
    await shop.work_for(minutes=61)


async def _into_the_neighbours_books(request: httpx.Request) -> None:
    if request.url.path == "/oauth-v1/token":
        request.headers["TenantId"] = "815"


async def misled(shop: World) -> None:
    """Have Fortnox give us tokens for another company that consented to us as well."""
    neighbour = {"name": "Grannen AB", "organisation_number": "556000-0001", "database_number": 815}
    (await shop.simulator.post("/_simulator/companies", json=neighbour)).raise_for_status()
    consent = {"client_id": shop.service.settings.fortnox_client_id, "service": True}
    (await shop.simulator.post("/_simulator/companies/815/consents", json=consent)).raise_for_status()
    shop.wire.before.append(_into_the_neighbours_books)
    shop.clock.advance(hours=2)
    await a_day(shop)


async def led_home(shop: World, told: Json) -> None:
    shop.wire.before.remove(_into_the_neighbours_books)
    await reauthorised(shop, told)


async def unreachable(shop: World) -> None:
    shop.wire.once(shop.wire.before, httpx.ConnectError("no"))
    await a_day(shop)


# Cost centres


async def cost_center_demanded(shop: World) -> None:
    """Have an account demand a cost centre, and the register's one have no code."""
    await shop.ok("PUT", "/cost-centers/restaurant", {"code": None})
    await shop.control("PATCH", "/accounts/3002", {"cost_center_settings": "MANDATORY"})
    await a_day(shop)


# The till


async def a_receipt_lost(shop: World) -> None:
    sold = lunches()
    await tell(shop, a_batch(sold[:1]), a_close(sold))
    await shop.work()


async def never_closed(shop: World) -> None:
    await tell(shop, a_batch(lunches()))
    shop.clock.advance(days=1)
    await shop.work()


async def a_close_lost(shop: World) -> None:
    for z_number, day in ((412, "2026-10-02"), (414, "2026-10-04")):
        await tell_day(shop, session=f"K1-{z_number}", day=day)
    await shop.work()


async def the_lost_close_sent(shop: World, _: Json) -> None:
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work()


async def a_receipt_off_by_a_krona(shop: World) -> None:
    sold = lunches()
    off = [sold[0], {**sold[1], "payments": [a_payment(amount=LUNCH + 100)]}]
    await tell(shop, a_batch(off), a_close(sold))
    await shop.work()


async def a_receipt_nobody_can_read(shop: World) -> None:
    sold = lunches()
    odd = a_batch([sold[0], {**sold[1], "sales": "two lunches"}])
    assert (await shop.send_bytes(json.dumps(odd).encode())).is_success
    await tell(shop, a_close(sold))
    await shop.work()


async def the_receipts_sent_again(shop: World, _: Json) -> None:
    sold = lunches()
    for one in sold:
        shop.told[shop.company, one["transaction_id"]] = one
    await tell(shop, a_batch(sold))
    await shop.work()


async def told_in_two_ways(shop: World) -> None:
    sold, dinner = lunches(), a_transaction(1, sales=[a_sale(gross=22400, vat=2400)])
    await tell(shop, a_batch(sold, at="2026-10-02T18:00:00Z"), a_batch([dinner], at="2026-10-02T19:00:00Z"))
    await tell(shop, a_close(sold))
    await shop.work()


# What became of a voucher


async def twice_in_doubt(shop: World) -> None:
    await shop.switch("never_book", times=2)
    await a_day(shop)
    await shop.work_for(hours=6)


def touched(method: str, path: str, form: Json | None = None) -> Cause:
    """Have a person touch our voucher before it is read back."""

    async def cause(shop: World) -> None:
        async def touch(request: httpx.Request) -> None:
            if is_booking(request):
                shop.wire.after.remove(touch)
                await shop.control(method, f"/vouchers/2/F/1{path}", form)

        shop.wire.after.append(touch)
        await a_day(shop)
        await shop.work_for(minutes=17)

    return cause


async def somebody_books_by_hand(shop: World) -> None:
    """Have a person book in the till's series, and the books be compared."""
    await a_day(shop)
    rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
    form = {"series": "F", "transaction_date": DAY, "description": "Privat uttag", "rows": rows}
    await shop.control("POST", "/vouchers", form)
    await shop.ok("POST", "/integration/reconciliation")
    await shop.work()


async def a_number_is_lost(shop: World) -> None:
    """Have Fortnox lose a number between two days, of which nobody was told."""
    await a_day(shop)
    rows = [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}]
    form = {"series": "F", "transaction_date": DAY, "description": "Privat uttag", "rows": rows}

    async def give(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.before.remove(give)
            await shop.control("POST", "/vouchers", form)

    async def lose(request: httpx.Request) -> None:
        if is_booking(request):
            shop.wire.after.remove(lose)
            await shop.control("POST", "/vouchers/2/F/2/loss")

    shop.wire.before.append(give)
    shop.wire.after.append(lose)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(minutes=2)


async def stumbled(shop: World) -> None:
    """Have the service make a mistake of its own, once."""
    right = push.preflight

    async def wrong(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    push.preflight = wrong
    try:
        await tell_day(shop)
        await shop.work_for(hours=5)
    finally:
        push.preflight = right


async def tried_again(shop: World, _: Json) -> None:
    """Press the button that sends again whatever waits."""
    (export,) = (await shop.ok("GET", "/exports"))["exports"]
    await shop.ok("POST", f"/exports/{export['export_id']}/retry")
    await shop.work()


ACCEPTED = called("POST", "/faults/{fault_id}/accept")
CHANGED = [{"account": 1686, "debit": 22400}, {"account": 2621, "credit": 2400}]

STORIES: dict[FaultCode, Story] = {
    "account_unmapped": Story(
        paid_by_swish,
        called("PUT", "/mappings/payment_method/swish", {"account": 1930}),
        ("open_settings",),
        {"items": [{"key": "swish", "dimension": "payment_method"}]},
        LUNCH,
    ),
    "account_missing": by_obstacle(
        "account_missing",
        called("POST", "/fortnox/accounts", {"number": 3002, "description": "Försäljning mat"}),
        "create_account",
        "open_settings",
        accounts=[{"number": 3002}],
    ),
    "account_inactive": by_obstacle(
        "account_inactive",
        cleared_in_fortnox(BREAKS["account_inactive"]),
        "show_inactive_accounts",
        "open_fortnox",
        accounts=[{"number": 3002, "items": [{"key": "food"}]}],
    ),
    "authorization_expired": Story(consent_taken_back, reauthorised, ("reauthorize",)),
    "license_missing": Story(licence_ended, licence_ordered, ("open_fortnox", "reauthorize")),
    "wrong_company": Story(
        misled,
        led_home,
        ("reauthorize",),
        {"expected": {"name": "Krogen & Disken AB", "tenant_id": 4711}, "found": {"tenant_id": 815}},
    ),
    "cost_center_missing": by_obstacle(
        "cost_center_missing",
        cleared_in_fortnox(BREAKS["cost_center_missing"]),
        "open_fortnox",
        "open_cost_centers",
        code="100",
        name="Restaurang",
    ),
    "cost_center_inactive": by_obstacle(
        "cost_center_inactive",
        called("PUT", "/cost-centers/restaurant", {"code": "200"}),
        "open_fortnox",
        "open_cost_centers",
        code="100",
        name="Restaurang",
    ),
    "cost_center_required": Story(
        cost_center_demanded,
        called("PUT", "/cost-centers/restaurant", {"code": "100"}),
        ("open_fortnox", "open_cost_centers"),
        {"account": 3002},
    ),
    "cost_center_not_allowed": by_obstacle(
        "cost_center_not_allowed",
        cleared_in_fortnox(BREAKS["cost_center_not_allowed"]),
        "open_fortnox",
        "open_cost_centers",
        account=3002,
    ),
    "voucher_series_not_manual": by_obstacle(
        "voucher_series_not_manual",
        cleared_in_fortnox(BREAKS["voucher_series_not_manual"]),
        "open_fortnox",
        series="F",
        financial_year={"label": "2026"},
    ),
    "voucher_series_missing": by_obstacle(
        "voucher_series_missing",
        called("PATCH", "/integration/settings", {"voucher_series": "A"}),
        "open_fortnox",
        "open_settings",
        series="F",
        financial_year={"label": "2026"},
    ),
    "financial_year_missing": by_obstacle(
        "financial_year_missing", cleared_in_fortnox(YEAR), "open_fortnox", year=2026
    ),
    "period_locked": by_obstacle(
        "period_locked",
        cleared_in_fortnox(BREAKS["period_locked"]),
        "open_fortnox",
        transaction_date=DAY,
        locked_until="2026-10-31",
    ),
    "day_incomplete": Story(
        a_receipt_lost,
        told_by_till(a_batch(lunches()[1:])),
        ("resend_till_data", "export_anyway"),
        {"session_id": "K1-412", "z_number": 412, "transactions_reported": 2, "transactions_received": 1},
        LUNCH,
    ),
    "day_overdue": Story(
        never_closed,
        told_by_till(a_close(lunches())),
        ("resend_till_data", "export_anyway"),
        {"session_id": "K1-412", "transactions_received": 2},
    ),
    "z_number_gap": Story(
        a_close_lost,
        the_lost_close_sent,
        ("resend_till_data", "export_anyway"),
        {"missing_z_numbers": [413]},
        0,
    ),
    "transaction_unbalanced": Story(
        a_receipt_off_by_a_krona,
        the_receipts_sent_again,
        ("resend_till_data",),
        {"transaction_id": "K1-412-2"},
        0,
    ),
    "delivery_unreadable": Story(
        a_receipt_nobody_can_read,
        the_receipts_sent_again,
        ("resend_till_data",),
        {"transaction_ids": ["K1-412-2"]},
        0,
    ),
    "delivery_conflicting": Story(
        told_in_two_ways,
        ACCEPTED,
        ("resend_till_data", "accept"),
        {"transaction_ids": ["K1-412-1"]},
        0,
    ),
    "fortnox_unavailable": Story(unreachable, passing(seconds=10), ("wait",)),
    "rate_limited": Story(after("throttle", operation=POSTS), passing(minutes=2), ("wait",)),
    "answer_in_doubt": Story(
        after("lose_answer_after_booking"), passing(seconds=10), ("wait",), {"series": "F"}
    ),
    "decision_needed": Story(
        twice_in_doubt,
        called("POST", "/vouchers/{voucher_id}/decision", {"decision": "send_again", "reason": "Inte där."}),
        ("decide",),
        {"reason": "absent_twice", "amount_ore": LUNCHES},
    ),
    "voucher_changed": Story(
        touched("PATCH", "", {"rows": [*CHANGED, {"account": 3003, "credit": 20000}]}),
        called("POST", "/faults/{fault_id}/reversal", {"reason": "Ändrad av misstag."}),
        ("accept", "reverse"),
        {"voucher": {"series": "F", "number": 1}, "rows": [{"account": 3002}, {"account": 3003}]},
    ),
    "voucher_deleted": Story(
        touched("DELETE", ""),
        called("POST", "/faults/{fault_id}/book-again", {"reason": "Raderad av misstag."}),
        ("accept", "book_again"),
        {"voucher": {"series": "F", "number": 1}, "amount_ore": LUNCHES},
    ),
    "voucher_duplicate": Story(
        after("book_twice"),
        called("POST", "/faults/{fault_id}/reversal", {"reason": "Bokförd två gånger."}),
        ("reverse", "accept"),
        {"amount_ore": LUNCHES, "transaction_date": DAY},
    ),
    "voucher_foreign": Story(
        somebody_books_by_hand,
        ACCEPTED,
        ("accept",),
        {"voucher": {"series": "F", "number": 2}, "description": "Privat uttag"},
        0,
    ),
    "voucher_numbers_missing": Story(
        a_number_is_lost,
        ACCEPTED,
        ("accept",),
        {"series": "F", "missing_numbers": [2], "missing_count": 1},
        0,
    ),
    "rejected_by_fortnox": Story(
        after("refuse", operation=POSTS, code=9999999, message="Nej", status=400),
        tried_again,
        ("contact_support",),
        {"fortnox_code": 9999999, "text": "Nej"},
    ),
    "internal_error": Story(
        stumbled, tried_again, ("contact_support", "retry"), {"error": "ZeroDivisionError"}
    ),
}
