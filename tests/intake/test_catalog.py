"""The catalogue holds what the till announced, and what its transactions named before that."""

import asyncio
from typing import Any

import pytest
from tests.factories import Json, a_batch, a_catalog, a_delivery, a_sale, a_transaction, an_event
from tests.intake.desk import Desk

from fortnox_sync.connection.tables import company
from fortnox_sync.intake.tables import catalog_item

SOLD = a_transaction(1, sales=[a_sale(rate="12.0", cost_center="bar")], events=[an_event()])
MONDAY, TUESDAY = "2026-10-05T08:00:00Z", "2026-10-06T08:00:00+02:00"
BARE: Json = {
    "registers": [], "payment_methods": [], "vat_rates": [], "article_groups": [], "events": [],
    "cost_centers": [], "company_name": None, "organisation_number": None,
}  # fmt: skip


def catalog(at: str = MONDAY, **told: object) -> Json:
    return a_delivery(a_catalog(**(BARE | told)), at=at)


async def named(desk: Desk) -> dict[tuple[str, str], Any]:
    items = await desk.rows(catalog_item)
    return {(row["dimension"], row["item_id"]): row["name"] for row in items}


async def test_whatever_a_transaction_names_first_is_added_unnamed(desk: Desk) -> None:
    await desk.take(a_batch([SOLD]))

    assert await named(desk) == dict.fromkeys(
        [
            ("article_group", "food"),
            ("cost_center", "bar"),
            ("event", "tip"),
            ("payment_method", "card"),
            ("register", "K1"),
            ("vat_rate", "12"),
        ]
    )
    assert {row["announced_at"] for row in await desk.rows(catalog_item)} == {None}


async def test_what_was_seen_first_is_named_when_it_is_announced(desk: Desk) -> None:
    await desk.take(a_batch([SOLD]))
    await desk.take(catalog(events=[{"event_id": "tip", "name": "Dricks", "kind": "tip"}]))

    assert (await named(desk))["event", "tip"] == "Dricks"


async def test_what_was_announced_keeps_its_name_when_it_is_sold(desk: Desk) -> None:
    await desk.take(catalog(events=[{"event_id": "tip", "name": "Dricks"}]))
    await desk.take(a_batch([SOLD]))

    assert (await named(desk))["event", "tip"] == "Dricks"


def tip(name: str | None, at: str, company_name: str | None = None) -> Json:
    return catalog(at, events=[{"event_id": "tip", "name": name}], company_name=company_name)


OLD, NEW = tip("Drix", MONDAY, "Gamla Krogen"), tip("Dricks", TUESDAY, "Krogen")


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD), (OLD, NEW, OLD)])
@pytest.mark.parametrize("at_once", [True, False])
async def test_the_newest_catalogue_stands_whatever_order_they_come_in(
    desk: Desk, order: tuple[Json, ...], *, at_once: bool
) -> None:
    calls = [desk.take(told) for told in order]
    await asyncio.gather(*calls) if at_once else [await call for call in calls]

    assert (await named(desk))["event", "tip"] == "Dricks"
    assert [row["name"] for row in await desk.rows(company)] == ["Krogen"]


async def test_a_company_is_named_though_the_catalogue_names_nothing_else(desk: Desk) -> None:
    await desk.take(catalog(company_name="Krogen & Disken AB", organisation_number="556677-8899"))
    await desk.take(catalog(TUESDAY))

    [told] = await desk.rows(company, "name", "organisation_number", "status")
    assert tuple(told.values()) == ("Krogen & Disken AB", "556677-8899", "inactive")


async def test_a_newer_catalogue_takes_nothing_away_that_was_sold_before(desk: Desk) -> None:
    await desk.take(a_batch([SOLD]))
    await desk.take(catalog(TUESDAY, events=[{"event_id": "rounding"}]))

    assert {("event", "tip"), ("event", "rounding")} <= (await named(desk)).keys()


async def test_a_rate_is_one_item_however_it_is_spelled(desk: Desk) -> None:
    groups = [{"article_group_id": "food", "vat_rates": ["12.00", "6"]}]
    await desk.take(catalog(vat_rates=["12", "12.0", "12.00"], article_groups=groups))
    await desk.take(a_batch([SOLD]))

    items = {(row["dimension"], row["item_id"]): row["vat_rates"] for row in await desk.rows(catalog_item)}
    assert [key for key in items if key[0] == "vat_rate"] == [("vat_rate", "12")]
    assert items["article_group", "food"] == ["12", "6"]


async def test_an_item_told_twice_in_one_catalogue_is_the_last_of_the_two(desk: Desk) -> None:
    twice = [{"event_id": "tip", "name": "Drix"}, {"event_id": "tip", "name": "Dricks"}]
    await desk.take(catalog(events=twice))

    assert (await named(desk))["event", "tip"] == "Dricks"


async def test_a_whole_catalogue_is_kept_with_what_belongs_to_each_item(desk: Desk) -> None:
    await desk.take(a_delivery(a_catalog([SOLD])))

    items = {(row["dimension"], row["item_id"]): row for row in await desk.rows(catalog_item)}
    assert items["register", "K1"]["cost_center_id"] == "restaurant"
    assert items["event", "tip"]["kind"] == "tip"
    assert items["article_group", "food"]["vat_rates"] == ["12"]
    assert items["cost_center", "shop"]["name"] == "Disk och butik"
