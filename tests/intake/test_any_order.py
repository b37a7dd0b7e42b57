"""Days told in any order, batches and number of times leave the same ledger and the same vouchers."""

import asyncio
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.factories import Json, a_mapping
from tests.independent import expected_vouchers
from tests.intake.desk import Desk
from tests.strategies import cases, cuts
from tests.world import World, found

from fortnox_sync.intake.tables import (
    catalog_item,
    day_close,
    delivery,
    till_entry,
    till_session,
    till_transaction,
)

LEDGER = (till_session, till_transaction, till_entry, day_close, catalog_item)
ANY_DAYS = cases(days=2, most_transactions=3)
numbers = count(1)
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def of_company(case: Json, company: str) -> list[Json]:
    return [one | {"data": one["data"] | {"company_id": company}} for one in case["deliveries"]]


async def ledger(desk: Desk, company: str) -> list[list[Json]]:
    """Return what the ledger says of a company, but not who told it or when."""
    left_out = {"company_id", "delivery_id", "content_hash"}
    return [
        [
            {k: v for k, v in row.items() if k not in left_out}
            for row in await desk.rows(table)
            if row["company_id"] == company
        ]
        for table in LEDGER
    ]


@given(st.data())
@settings(max_examples=10, phases=[Phase.generate], deadline=None, suppress_health_check=SHARED)
async def test_the_ledger_is_the_same_however_it_was_told(desk: Desk, data: st.DataObject) -> None:
    case = data.draw(ANY_DAYS)
    straight, shuffled = f"c_{next(numbers)}", f"c_{next(numbers)}"
    await asyncio.gather(*(desk.take(told) for told in of_company(case, straight)))
    for told in of_company(data.draw(cuts(case)), shuffled):
        await desk.take(told)

    assert await ledger(desk, shuffled) == await ledger(desk, straight)
    assert {row["status"] for row in await desk.rows(delivery, "status")} == {"stored"}


@given(st.data())
@settings(max_examples=4, phases=[Phase.generate], deadline=None, suppress_health_check=SHARED)
async def test_the_vouchers_are_those_worked_out_independently(world: World, data: st.DataObject) -> None:
    case = data.draw(cases(days=2, most_transactions=4, most_ore=10**9)) | {"demanding_accounts": []}
    cut = data.draw(cuts(case))
    number = next(numbers)
    world.company, world.number = f"c_{number}", 4711 + number
    await found(world, case)
    await make_room(world, case)
    catalog, *rest = of_company(cut, world.company)
    await world.send(catalog)
    await world.set_up(cut | {"mapping": cut["mapping"] or [a_mapping("event", "none", 3740)]})
    for told in rest:
        await world.send(told)
    await world.work()

    assert await world.faults() == []
    booked = await world.booked()
    assert sorted(map(shape, booked)) == sorted(map(shape, expected_vouchers(case)))


async def make_room(world: World, case: Json) -> None:
    """Give the company in Fortnox every account of the case."""
    for account in sorted({choice["account"] for choice in case["mapping"]}):
        form = {"number": account, "description": f"Konto {account}"}
        await world.control("PUT", f"/accounts/{account}", form)


def shape(voucher: Json) -> tuple[Any, ...]:
    """Reduce a voucher to what is booked where, in one order."""
    rows = [(r["account"], r["cost_center"] or "", r["debit"], r["credit"]) for r in voucher["rows"]]
    return voucher["transaction_date"], sorted(rows)
