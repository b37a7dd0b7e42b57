"""The vendor's help page, section by section: what a shop owner does there works, and shows what it says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.factories import a_catalog, a_delivery, a_payment, a_sale, a_transaction
from tests.little_shop import LUNCH, a_batch, lunches, states, tell, tell_day
from tests.story import RETURN_URL
from tests.world import World

Json = dict[str, Any]
STEPS = {
    "payment_methods": "payment_method",
    "vat_rates": "vat_rate",
    "article_groups": "article_group",
    "events": "event",
}


async def lacks(world: World) -> dict[str, list[str]]:
    """Return what each step of the wizard still lacks, in the order of the steps."""
    return {one["name"]: one["lacks"] for one in (await world.integration())["steps"]}


async def test_forberedelser(world: World, krogen: Json) -> None:
    """Before anything is activated the till is heard, and nothing of it is lost or booked."""
    for delivery in krogen["deliveries"]:
        await world.send(delivery)
    await world.work()

    shown = await world.integration()
    assert shown["status"] == "inactive"
    assert [one["name"] for one in shown["steps"]] == ["consent", "start_date", "voucher_series", *STEPS]
    assert not any(one["done"] for one in shown["steps"])
    assert (shown["banner"], shown["faults"]) == (None, [])
    assert await world.booked() == []


async def test_aktivera_integrationen(world: World, krogen: Json) -> None:
    """Each step is taken from the lists, left and resumed; after the last one the day is booked."""
    for delivery in krogen["deliveries"]:
        await world.send(delivery)
    await choose_purpose(world)
    await consent(world)
    await choose_start_date(world)
    await choose_series(world)
    for step, dimension in STEPS.items():
        await choose_accounts(world, krogen, step, dimension)

    assert (await world.integration())["status"] == "active"
    for cost_center_id, code in krogen["cost_centers"].items():
        await world.ok("PUT", f"/cost-centers/{cost_center_id}", {"code": code})
    await world.work()
    assert await world.faults() == []
    assert sorted(by_rows(one["rows"]) for one in await world.booked()) == sorted(
        by_rows(one["rows"]) for one in krogen["expected_vouchers"]
    )


def by_rows(rows: list[Json]) -> list[tuple[int, str, int, int]]:
    return sorted((row["account"], row.get("cost_center") or "", row["debit"], row["credit"]) for row in rows)


async def choose_purpose(world: World) -> None:
    body = {"purpose": "invoicing", "return_url": RETURN_URL}
    refused = await world.call("POST", "/integration/activate", body)
    assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "invoicing" in refused.json()["detail"]


async def consent(world: World) -> None:
    back = await world.connect()
    assert back.headers["location"].startswith(RETURN_URL)
    assert "fortnox=connected" in back.headers["location"]
    shown = await world.integration()
    assert shown["status"] == "setting_up"
    assert shown["fortnox_company"]["organisation_number"] == "556677-8899"


async def choose_start_date(world: World) -> None:
    years = (await world.ok("GET", "/fortnox/financial-years"))["financial_years"]
    assert any(one["from_on"] <= "2026-10-01" <= one["to_on"] for one in years)
    await world.ok("PATCH", "/integration/settings", {"start_on": "2026-10-01"})
    assert (await lacks(world))["start_date"] == []


async def choose_series(world: World) -> None:
    listed = (await world.ok("GET", "/fortnox/voucher-series"))["voucher_series"]
    choosable = {one["code"]: one["can_be_chosen"] for one in listed}
    assert choosable["F"]
    refused = [one for one in listed if not one["can_be_chosen"]]
    assert all(one["why_not"]["text"] for one in refused)
    for code in (one["code"] for one in refused):
        answer = await world.call("PATCH", "/integration/settings", {"voucher_series": code})
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    await world.ok("PATCH", "/integration/settings", {"voucher_series": "F"})
    assert (await lacks(world))["voucher_series"] == []


async def choose_accounts(world: World, krogen: Json, step: str, dimension: str) -> None:
    """Choose for one step what the worked day is booked on; the other steps stay as they are."""
    before = await lacks(world)
    assert before[step]
    mappings = [one for one in krogen["mapping"] if one["dimension"] == dimension]
    numbers = {one["number"] for one in (await world.ok("GET", "/fortnox/accounts"))["accounts"]}
    assert {one["account"] for one in mappings} <= numbers
    await world.ok("PUT", "/mappings", {"mappings": mappings})
    after = await lacks(world)
    assert after[step] == []
    assert {name: after[name] for name in STEPS if name != step} == {
        name: before[name] for name in STEPS if name != step
    }


@pytest.mark.parametrize(
    ("step", "dimension", "key", "description"),
    [
        ("payment_methods", "payment_method", "swish", "Swish"),
        ("vat_rates", "vat_rate", "25", "Utgående moms 25 %"),
        ("article_groups", "article_group", "shop", "Försäljning butik"),
        ("events", "event", "tip", "Dricks"),
    ],
)
async def test_lagga_till_ett_nytt_konto_fran_listan(
    active: World, step: str, dimension: str, key: str, description: str
) -> None:
    """In each list a new account can be added, and be chosen at once."""
    body = {"number": 1699, "description": description}
    added = await active.ok("POST", "/fortnox/accounts", body)
    assert added["account"]["number"] == 1699
    listed = {one["number"]: one for one in (await active.ok("GET", "/fortnox/accounts"))["accounts"]}
    assert listed[1699]["can_be_chosen"]
    chosen = await active.ok("PUT", f"/mappings/{dimension}/{key}", {"account": 1699})
    assert (chosen["account"], chosen["state"]) == (1699, "mapped")
    assert (await lacks(active))[step] == []


async def test_installningar(shop: World) -> None:
    """What is new in the till shows in the settings at once, before any day needs it."""
    sold = [a_transaction(1, sales=[a_sale("wine", "25", 12500, 2500)], payments=[a_payment("swish", 12500)])]
    await tell(shop, a_delivery(a_catalog(sold), at="2026-10-02T08:00:00Z"))
    assert await lacks(shop) == {
        "consent": [],
        "start_date": [],
        "voucher_series": [],
        "payment_methods": ["swish"],
        "vat_rates": ["25"],
        "article_groups": ["wine"],
        "events": [],
    }
    assert await shop.faults() == []
    suggested = {
        (one["dimension"], one["key"]): one["account"]
        for one in (await shop.ok("GET", "/mappings/suggestions"))["suggestions"]
    }
    assert suggested.keys() == {("payment_method", "swish"), ("vat_rate", "25"), ("article_group", "wine")}

    for (dimension, key), account in {
        ("payment_method", "swish"): 1930,
        ("vat_rate", "25"): 2611,
        ("article_group", "wine"): 3001,
    }.items():
        await shop.ok("PUT", f"/mappings/{dimension}/{key}", {"account": account})
    await tell_day(shop, sold)
    await shop.work()
    assert await states(shop) == ["booked"]


async def test_manuell_export(shop: World) -> None:
    """A click books what was sold so far, and the close only what was sold after it."""
    sold = lunches(3)
    await tell(shop, a_batch(sold[:2]))
    preview = await shop.ok("POST", "/exports/preview", {})
    assert len(preview["vouchers"]) == 1
    begun = await shop.call("POST", "/exports", {})
    assert begun.status_code == httpx.codes.ACCEPTED
    await shop.work()
    assert [amount(one) for one in await shop.booked()] == [2 * LUNCH]
    again = await shop.call("POST", "/exports", {})
    assert again.status_code == httpx.codes.OK

    await tell_day(shop, sold)
    await shop.work()
    assert [amount(one) for one in await shop.booked()] == [2 * LUNCH, LUNCH]
    kinds = [one["kind"] for one in (await shop.ok("GET", "/exports"))["exports"]]
    assert sorted(kinds) == ["day_close", "manual"]


def amount(booked: Json) -> int:
    return sum(row["debit"] for row in booked["rows"])


async def test_dela_upp_bokforingen_per_kostnadsstalle(shop: World) -> None:
    """Only the codes must be the same; sales go onto the code of the register they were made at."""
    listed = {one["cost_center_id"]: one for one in (await shop.ok("GET", "/cost-centers"))["cost_centers"]}
    assert listed["restaurant"]["name"] == "Restaurang"
    await shop.control("PUT", "/cost-centers/KROG", {"code": "KROG", "description": "Något annat namn"})
    await shop.ok("PUT", "/cost-centers/restaurant", {"code": "KROG"})
    await tell_day(shop)
    await tell_day(shop, session="K2-198")
    await shop.work()

    assert await shop.faults() == []
    assert sorted(codes(one) for one in await shop.booked()) == [["200"], ["KROG"]]


def codes(booked: Json) -> list[str]:
    return sorted({row["cost_center"] for row in booked["rows"] if row["cost_center"]})


async def test_inaktivera_integrationen(shop: World) -> None:
    """Deactivated, it books nothing and keeps all; activated again, it goes on where it was."""
    await tell_day(shop)
    await shop.work()
    await shop.ok("POST", "/integration/deactivate")
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work_for(hours=3)
    shown = await shop.integration()
    assert (shown["status"], shown["fortnox_company"]) == ("inactive", None)
    assert len(await shop.booked()) == len(await shop.vouchers()) == 1
    refused = await shop.call("POST", "/exports", {})
    assert refused.status_code == httpx.codes.CONFLICT

    await shop.connect()
    await shop.work()
    assert (await shop.integration())["status"] == "setting_up"
    assert len(await shop.booked()) == 1
    await shop.ok("PATCH", "/integration/settings", {"setup_completed": True})
    await shop.work()
    shown = await shop.integration()
    assert shown["status"] == "active"
    assert all(one["done"] for one in shown["steps"])
    assert await states(shop) == ["booked", "booked"]
    assert await shop.faults() == []


async def test_felmeddelanden(shop: World) -> None:
    """A stop is a banner and a notification, which *Visa* opens; it is read for whoever read it."""
    await shop.control("PATCH", "/accounts/3002", {"active": False})
    await tell_day(shop)
    await shop.work()
    banner = (await shop.integration())["banner"]
    listed = await shop.ok("GET", "/notifications?unread=true")
    (shown,) = [one for one in listed["notifications"] if one["id"] == banner["fault_id"]]
    assert shown["title"] == banner["title"]
    await shop.ok("POST", f"/notifications/{banner['fault_id']}/read")
    assert (await shop.ok("GET", "/notifications?unread=true"))["notifications"] == []
    colleague = await shop.call("GET", "/notifications?unread=true", sub="colleague")
    assert [one["id"] for one in colleague.json()["notifications"]] == [banner["fault_id"]]


async def test_ett_konto_saknades(shop: World) -> None:
    """*Åtgärda detta* opens the settings at the step, with what is new; saving it sends what waited."""
    await tell_day(shop, [a_transaction(1, sales=[a_sale()], payments=[a_payment("swish")])])
    await shop.work()
    button = await the_button(shop, "account_unmapped", "Åtgärda detta")
    assert (button["action"], button["step"]) == ("open_settings", "payment_methods")
    (item,) = button["items"]
    assert (item["key"], item["amount_ore"]) == ("swish", LUNCH)
    (suggestion,) = (await shop.ok("GET", "/mappings/suggestions"))["suggestions"]
    assert item["suggested_account"] == suggestion["account"] is not None
    await shop.ok("PUT", f"/mappings/{item['dimension']}/{item['key']}", {"account": 1930})
    await shop.work()
    assert await states(shop) == ["booked"]


async def test_inaktiva_konton(shop: World) -> None:
    """*Visa inaktiva konton* names them, *Gå till Fortnox* leads there; activated, what waited is sent."""
    await shop.control("PATCH", "/accounts/3002", {"active": False})
    await tell_day(shop)
    await shop.work()
    button = await the_button(shop, "account_inactive", "Visa inaktiva konton")
    assert button["numbers"] == [3002]
    await the_button(shop, "account_inactive", "Gå till Fortnox")
    mappings = (await shop.ok("GET", "/mappings"))["mappings"]
    assert {one["state"] for one in mappings if one["account"] == 3002} == {"account_inactive"}
    assert {one["state"] for one in mappings if one["account"] != 3002} == {"mapped"}
    await shop.control("PATCH", "/accounts/3002", {"active": True})
    await shop.work_for(minutes=61)
    assert await states(shop) == ["booked"]


async def test_autentiseringen_har_upphort_att_galla(shop: World) -> None:
    """*Åtgärda detta* leads to Fortnox and back, and what waited is sent."""
    await shop.control("DELETE", "/consents?access_tokens_die=true")
    await tell_day(shop)
    await shop.work()
    assert (await the_button(shop, "authorization_expired", "Åtgärda detta"))["action"] == "reauthorize"
    back = await shop.reauthorise()
    assert back.headers["location"].startswith(RETURN_URL)
    await shop.work()
    assert await states(shop) == ["booked"]
    assert (await shop.integration())["status"] == "active"


async def test_kostnadsstallet_x_med_koden_y(shop: World) -> None:
    """The heading names both; *Gå till Fortnox* says where; added there, what waited is sent."""
    await shop.control("DELETE", "/cost-centers/100")
    await tell_day(shop)
    await shop.work()
    title = (await shop.integration())["banner"]["title"]
    assert 'kostnadsstället "Restaurang" med koden "100"' in title
    button = await the_button(shop, "cost_center_missing", "Gå till Fortnox")
    assert button["menu_path"] == "Inställningar/Bokföring/Kostnadsställen"
    await shop.control("PUT", "/cost-centers/100", {"code": "100", "description": "Restaurang"})
    await shop.work_for(minutes=61)
    assert await states(shop) == ["booked"]


async def test_fortnox_error_2001940(shop: World) -> None:
    """The heading is Fortnox's own; series, year and the way through the menus are told."""
    await shop.control("PATCH", "/series/F", {"manual": False})
    await tell_day(shop)
    await shop.work()
    banner = (await shop.integration())["banner"]
    assert banner["title"].startswith("Fortnox error 2001940: Verifikationsserien är inte manuell")
    for told in ("F", "2026", "Inställningar/Bokföring/Verifikationsserier", "Manuell kontering"):
        assert told in banner["message"]
    await shop.control("PATCH", "/series/F", {"manual": True})
    await shop.work_for(minutes=61)
    assert await states(shop) == ["booked"]


async def the_button(shop: World, code: str, label: str) -> Json:
    """Return what a button on the banner does."""
    banner = (await shop.integration())["banner"]
    assert banner["fault"]["code"] == code
    (found,) = [one["remediation"] for one in banner["remediations"] if one["label"] == label]
    button: Json = found
    return button
