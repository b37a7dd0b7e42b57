"""What nobody needs any more goes when its time is over; what the law wants kept stays as it is."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import a_batch, a_delivery, a_transaction
from tests.intake.desk import commits
from tests.little_shop import MAPPING, lunches, tell, tell_day, tell_days
from tests.story import RETURN_URL
from tests.world import COMPANY, World

from fortnox_sync import retention
from fortnox_sync.connection.leftovers import CONSENTS_KEPT, LISTS_KEPT
from fortnox_sync.connection.tables import consent, fortnox_list
from fortnox_sync.fault.tables import fault
from fortnox_sync.intake import raw
from fortnox_sync.intake.tables import delivery
from fortnox_sync.runtime.database import metadata
from fortnox_sync.runtime.events import event
from fortnox_sync.web.idempotency import idempotency_key
from fortnox_sync.worker import _keep_forever

# Everything else is räkenskapsinformation or tells how it came to be, or is how things stand now.
PASSING = {"consent", "fortnox_list", "idempotency_key", "event"}
CARD_NUMBER, NAME = "4571993399339939", "Kajsa Karlsson"


async def let_go(world: World) -> dict[str, int]:
    return dict(await retention.let_go(world.service.database, world.service.settings))


async def rows(world: World, table: sa.Table) -> list[dict[str, Any]]:
    async with world.service.database.read() as connection:
        found = await connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        return [dict(row) for row in found.mappings()]


async def bodies(world: World, status: str = "stored") -> list[bytes]:
    return [one["body"] for one in await rows(world, delivery) if one["status"] == status]


async def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    return {table.name: await rows(world, table) for table in metadata.sorted_tables}


def _but(names: set[str], table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in table]


async def test_bodies_go_after_their_days_and_nothing_of_the_books_goes_with_them(shop: World) -> None:
    await tell_days(shop, 2)
    await shop.work()
    shop.clock.advance(days=91)
    before = await everything(shop)
    assert min(map(len, await bodies(shop))) > 0

    counts = await let_go(shop)

    assert counts["bodies"] == len(before["delivery"]) == 5
    after = await everything(shop)
    assert {len(one["body"]) for one in after["delivery"]} == {0}
    changed = {"body", "emptied_at"}
    for table in before.keys() - PASSING:
        assert _but(changed, before[table]) == _but(changed, after[table]), table
    assert (await let_go(shop))["bodies"] == 0


async def test_bodies_stay_for_their_days(shop: World) -> None:
    await tell_day(shop)
    shop.clock.advance(days=89)
    assert (await let_go(shop))["bodies"] == 0


async def test_a_card_number_that_nobody_asked_for_stands_in_the_body_alone_and_goes_with_it(
    shop: World,
) -> None:
    sold = [one | {"card_number": CARD_NUMBER, "operator": {"name": NAME}} for one in lunches()]
    await tell_day(shop, sold)
    await shop.work()
    (there,) = [body for body in await bodies(shop) if CARD_NUMBER.encode() in body]
    assert NAME.encode() in there

    shop.clock.advance(days=91)
    await let_go(shop)

    kept = str(await everything(shop)) + json.dumps(await shop.booked())
    assert CARD_NUMBER not in kept
    assert NAME not in kept


async def test_what_could_not_be_taken_as_it_came_is_kept_whole(shop: World) -> None:
    (sold, _) = await tell_day(shop)
    await tell(shop, a_batch([sold | {"receipt_number": 77}]))
    await shop.send_bytes(b'{"type": "till.day.closed", "data": {"company_id": "c_4711"}}')
    await tell(shop, a_delivery({"company_id": COMPANY}) | {"type": "till.warmed.up"})
    await shop.send_bytes(b'{"type": "x", "again": true}', webhook_id="msg_1")
    shop.clock.advance(days=3000)

    await let_go(shop)

    kept = {one["status"] for one in await rows(shop, delivery) if one["body"]}
    assert kept == {"conflicting", "unreadable", "unknown_type", "variant"}
    assert not any(await bodies(shop))


async def test_what_an_open_fault_names_is_kept_until_it_is_closed(shop: World) -> None:
    await tell_day(shop)
    *_, last = await rows(shop, delivery)
    told = {"fault_id": "f", "company_id": COMPANY, "code": "delivery_conflicting", "subject": "s"}
    at = {"opened_at": shop.clock.now(), "seen_at": shop.clock.now()}
    async with shop.service.database.write() as connection:
        facts = {"delivery_id": last["delivery_id"]}
        await connection.execute(fault.insert().values(**told, **at, facts=facts))
    shop.clock.advance(days=91)

    await let_go(shop)
    assert list(filter(None, await bodies(shop))) == [last["body"]]

    async with shop.service.database.write() as connection:
        await connection.execute(fault.update().values(resolved_at=shop.clock.now()))
    assert (await let_go(shop))["bodies"] == 1


async def test_a_day_that_waits_keeps_what_was_told_since_and_loses_it_once_it_is_booked(shop: World) -> None:
    await shop.ok("DELETE", "/mappings/payment_method/card")
    shop.clock.advance(days=3)
    await tell_day(shop, day="2026-10-05")
    await shop.work()
    assert await shop.faults() == ["account_unmapped"]
    shop.clock.advance(days=91)
    assert (await let_go(shop))["bodies"] == 1  # the catalogue, told before that day
    assert len(list(filter(None, await bodies(shop)))) == 2

    await shop.ok("PUT", "/mappings", {"mappings": MAPPING})
    await shop.work()
    assert [one["state"] for one in await shop.vouchers()] == ["booked"]
    assert (await let_go(shop))["bodies"] == 2


async def test_a_delivery_whose_body_is_gone_is_still_known_when_it_comes_again(shop: World) -> None:
    told = a_batch(lunches())
    assert (await shop.send(told, webhook_id="once")).status_code == 202
    shop.clock.advance(days=91)
    await let_go(shop)

    assert (await shop.send(told, webhook_id="once")).status_code == 200
    assert await bodies(shop, "variant") == []
    other = await shop.send(a_batch([a_transaction(9)]), webhook_id="once")
    assert other.status_code == 202
    assert len(await bodies(shop, "variant")) == 1


async def test_keys_consents_and_events_go_when_nobody_can_use_them(shop: World) -> None:
    await shop.call("POST", "/exports", {}, key="k")
    await shop.ok("POST", "/integration/reauthorize", {"return_url": RETURN_URL})
    assert await rows(shop, idempotency_key)
    assert len(await rows(shop, consent)) == 2
    lists = await rows(shop, fortnox_list)

    shop.clock.advance(hours=47)
    assert set((await let_go(shop)).values()) == {0}
    shop.clock.advance(hours=2)
    assert (await let_go(shop))["idempotency_keys"] == 1
    shop.clock.moment += CONSENTS_KEPT
    counts = await let_go(shop)

    assert counts["consents"] == 2
    assert counts["events"] > 0
    assert [await rows(shop, table) for table in (idempotency_key, consent, event)] == [[], [], []]
    assert await rows(shop, fortnox_list) == lists


async def test_lists_go_a_season_after_a_company_left_and_stay_while_it_is_connected(shop: World) -> None:
    shop.clock.moment += 2 * LISTS_KEPT
    assert (await let_go(shop))["lists"] == 0
    await shop.ok("POST", "/integration/deactivate")
    shop.clock.moment += LISTS_KEPT - timedelta(hours=1)
    assert (await let_go(shop))["lists"] == 0
    there = len(await rows(shop, fortnox_list))

    shop.clock.advance(hours=2)

    assert (await let_go(shop))["lists"] == there > 0


async def test_it_takes_few_at_a_time_and_lets_go_of_all(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw, "_AT_ONCE", 2)
    for number in range(4):
        await tell(shop, a_batch([a_transaction(number + 1)]))
    shop.clock.advance(days=91)
    with commits(shop.service.database) as seen:
        assert await raw.empty(shop.service.database, timedelta(days=90)) == 5
    assert len(seen) == 3
    assert not any(await bodies(shop))


async def test_what_fails_does_not_hold_up_the_rest(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> int:
        raise OSError

    monkeypatch.setattr(raw, "empty", fail)
    shop.clock.advance(days=91)
    counts = await let_go(shop)
    assert "bodies" not in counts
    assert counts["consents"] == 1


async def test_a_worker_does_it_by_itself(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.clock.advance(days=91)
    done = asyncio.Event()
    really = retention.let_go

    async def noted(*args: Any) -> Any:
        counts = await really(*args)
        done.set()
        return counts

    monkeypatch.setattr(retention, "let_go", noted)
    keeping = asyncio.create_task(_keep_forever(shop.service))
    await asyncio.wait_for(done.wait(), 10)
    keeping.cancel()
    assert not any(await bodies(shop))
