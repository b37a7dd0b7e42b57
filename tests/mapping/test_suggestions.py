"""What lacks an account is offered one with a reason, and nothing is chosen by that."""

from typing import Any

import pytest
from tests.counting import statements
from tests.factories import a_catalog, a_delivery
from tests.world import World

from fortnox_sync.accounting.account_map import AccountRole, Dimension
from fortnox_sync.fortnox import Account
from fortnox_sync.mapping import bas
from fortnox_sync.mapping.setup import CatalogItem
from fortnox_sync.mapping.suggest import Reason, by_rate, suggest
from fortnox_sync.mapping.words import WHY_NOT, WHY_SUGGESTED

Json = dict[str, Any]
CHART = (
    Account(1580, "Fordringar för kontokort och kuponger", active=True),
    Account(1910, "Kassa", active=True),
    Account(1930, "Företagskonto", active=True),
    Account(2611, "Utgående moms på försäljning inom Sverige, 25 %", active=True),
    Account(2820, "Kortfristiga skulder till anställda", active=True),
    Account(3001, "Försäljning inom Sverige, 25 % moms", active=True),
    Account(3002, "Försäljning inom Sverige, 12 % moms", active=False),
    Account(3011, "Försäljning dryck, 25 % moms", active=True),
    Account(3012, "Försäljning mat, 12 % moms", active=True),
    Account(3105, "Försäljning varor till land utanför EU", active=True),
    Account(3790, "Kassadifferens", active=True),
)


def suggested(
    dimension: str, name: str | None, kind: str | None = None, *rates: str, key: str = "x"
) -> list[tuple[str, int | None, str]]:
    item = CatalogItem(dimension, key, name, kind, rates)
    roles = [(item, one) for one in by_rate(item, AccountRole(Dimension(dimension), key))]
    return [(one.role.narrow, one.account, one.reason.value) for one in suggest(roles, CHART)]


@pytest.mark.parametrize(
    ("name", "kind", "account", "reason"),
    [
        ("Kontant", "cash", 1910, "customary"),
        ("Kort", "card", 1580, "customary_once"),
        ("Swish", "swish", 1930, "customary"),
        ("Presentkort", "gift_card", 2421, "not_in_chart"),
        ("Faktura", "invoice", 1510, "not_in_chart"),
        ("Företagskonto", None, 1930, "same_name"),
        ("Swish", None, 1930, "customary"),
        ("Kort terminal 2", None, 1580, "customary_once"),
        ("Bitcoin", None, None, "nothing_customary"),
        ("Bitcoin", "crypto", None, "nothing_customary"),
        (None, None, None, "nothing_customary"),
    ],
)
def test_payment_methods_by_kind_and_else_by_name(
    name: str | None, kind: str | None, account: int | None, reason: str
) -> None:
    assert suggested("payment_method", name, kind) == [("", account, reason)]


@pytest.mark.parametrize(
    ("rate", "account", "reason"),
    [
        ("25", 2611, "customary"),
        ("12", 2621, "not_in_chart"),
        ("6", 2631, "not_in_chart"),
        ("13.5", None, "nothing_customary"),
    ],
)
def test_vat_by_its_rate(rate: str, account: int | None, reason: str) -> None:
    assert suggested("vat_rate", None, None, key=rate) == [("", account, reason)]


@pytest.mark.parametrize(
    ("name", "rates", "told"),
    [
        ("Dryck", ("25",), [("", 3011, "same_name")]),
        ("DRYCK", ("25",), [("", 3011, "same_name")]),
        ("Dryck", ("12",), [("", None, "cannot_be_chosen")]),  # 3002 is there, and inactive
        ("Mat", ("12", "6"), [("12", 3012, "same_name"), ("6", 3003, "not_in_chart")]),
        ("Varor", ("25",), [("", 3001, "customary")]),
        ("Pant", ("0",), [("", None, "zero_rated")]),
        ("Mat", ("12", "0"), [("12", 3012, "same_name"), ("0", None, "zero_rated")]),
        ("Övrigt", (), [("", None, "nothing_customary")]),
    ],
)
def test_groups_rate_by_rate_and_none_for_what_has_no_vat(
    name: str, rates: tuple[str, ...], told: list[tuple[str, int | None, str]]
) -> None:
    assert suggested("article_group", name, None, *rates) == told


@pytest.mark.parametrize(
    ("name", "kind", "account", "reason"),
    [
        ("Dricks", "tip", 2820, "customary"),
        ("Kassadifferens", "cash_difference", 3790, "same_name"),
        ("Svinn i kassan", "cash_difference", None, "nothing_customary"),
        ("Öresavrundning", "rounding", 3740, "not_in_chart"),
        ("Växelkassa", None, 1930, "customary"),
        ("Inköp", "purchase", None, "nothing_customary"),
    ],
)
def test_other_events(name: str, kind: str, account: int | None, reason: str) -> None:
    assert suggested("event", name, kind) == [("", account, reason)]


def suggested_from(chart: tuple[Account, ...], name: str, kind: str) -> tuple[int | None, str]:
    item = CatalogItem("event", "x", name, kind)
    (one,) = suggest([(item, AccountRole(Dimension.EVENT, "x"))], chart)
    return one.account, one.reason.value


def test_the_heading_of_the_customary_account_is_taken_only_where_there_is_nothing_below_it() -> None:
    heading = Account(2640, "Ingående moms", active=True)
    below = Account(2641, "Debiterad ingående moms", active=True)
    assert suggested_from((heading, below), "Ingående moms", "input_vat") == (2641, "customary")
    assert suggested_from((heading,), "Ingående moms", "input_vat") == (2640, "same_name")


def test_of_several_accounts_with_the_same_name_none_is_picked() -> None:
    first, second = (Account(number, "Dricks", active=True) for number in (2821, 2822))
    assert suggested_from((*CHART, first), "Dricks", "tip") == (2821, "same_name")
    assert suggested_from((*CHART, first, second), "Dricks", "tip") == (2820, "customary")


def test_a_customary_account_that_is_inactive_is_not_said_to_differ_from_company_to_company() -> None:
    inactive = Account(2820, "Kortfristiga skulder till anställda", active=False)
    assert suggested_from((inactive,), "Dricks", "tip") == (None, "cannot_be_chosen")


def test_the_chart_is_looked_through_once_and_not_for_each_item(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        "fortnox_sync.mapping.suggest.why_not_account", lambda one, _: asked.append(one.number)
    )
    role = AccountRole(Dimension.ARTICLE_GROUP, "x")
    item = CatalogItem("article_group", "x", "Mat", None, ("12",))
    for items in (1, 100):
        asked.clear()
        suggest([(item, role)] * items, CHART)
        assert len(asked) == len(CHART) * len(Dimension)


def test_every_customary_account_has_a_name_and_fits_what_it_is_for() -> None:
    for dimension, tables in (
        (Dimension.PAYMENT_METHOD, bas.PAYMENT_BY_KIND),
        (Dimension.EVENT, bas.EVENT_BY_KIND),
        (Dimension.VAT_RATE, bas.VAT_BY_RATE),
        (Dimension.ARTICLE_GROUP, bas.SALES_BY_RATE),
    ):
        for numbers in tables.values():
            assert numbers[0] in bas.NAMES
            assert all(bas.rank(dimension, number) is not None for number in numbers)
    assert set(bas.PAYMENT_WORDS.values()) <= set(bas.PAYMENT_BY_KIND)
    assert set(bas.EVENT_WORDS.values()) <= set(bas.EVENT_BY_KIND)


def test_every_reason_is_said_in_both_languages() -> None:
    assert set(WHY_SUGGESTED) == set(Reason)
    assert all(set(said) == {"sv", "en"} for said in [*WHY_SUGGESTED.values(), *WHY_NOT.values()])


async def test_a_new_company_is_offered_what_it_needs_and_chooses_it(world: World, krogen: Json) -> None:
    await world.connect()
    await world.send(krogen["deliveries"][0])
    told = await world.ok("GET", "/mappings/suggestions")
    found = {
        (one["dimension"], one["key"], (one["narrow"] or {}).get("vat_rate")): (
            one["account"],
            one["reason"]["code"],
        )
        for one in told["suggestions"]
    }

    assert found["payment_method", "card", None] == (1686, "customary")
    assert found["article_group", "drinks", None] == (3011, "same_name")
    assert found["article_group", "food", "12"] == (3012, "same_name")
    assert found["article_group", "food", "6"] == (3003, "customary")
    assert found["event", "purchase_supplies", None] == (None, "nothing_customary")
    assert all(one["account"] is None for one in (await world.ok("GET", "/mappings"))["mappings"])

    offered = [one for one in told["suggestions"] if one["account"] and not one["must_be_added"]]
    chosen = [
        {
            "dimension": one["dimension"],
            "key": one["key"],
            "account": one["account"],
            **({"narrow": {k: v for k, v in one["narrow"].items() if v}} if one["narrow"] else {}),
        }
        for one in offered
    ]
    await world.ok("PUT", "/mappings", {"mappings": chosen})
    left = (await world.ok("GET", "/mappings/suggestions"))["suggestions"]
    assert len(left) == len(told["suggestions"]) - len(offered)


async def test_what_the_chart_lacks_is_added_from_the_suggestion(world: World) -> None:
    await world.connect()
    catalog = a_catalog()
    catalog["events"] = [{"event_id": "round", "name": "Avrundning", "kind": "rounding"}]
    await world.send(a_delivery(catalog))
    await world.control("DELETE", "/accounts/3740")

    async def rounding() -> Json:
        told = await world.ok("GET", "/mappings/suggestions?refresh=true")
        (one,) = [one for one in told["suggestions"] if one["key"] == "round"]
        return one

    lacking = await rounding()
    assert (lacking["account"], lacking["must_be_added"]) == (3740, True)
    await world.ok("POST", "/fortnox/accounts", {"number": 3740, "description": lacking["description"]})
    assert ((await rounding())["account"], (await rounding())["must_be_added"]) == (3740, False)


async def test_the_number_of_statements_does_not_grow_with_the_catalogue(world: World) -> None:
    await world.connect()
    await world.ok("GET", "/mappings/suggestions")
    with statements(world) as for_few:
        await world.ok("GET", "/mappings/suggestions")
    catalog = a_catalog()
    catalog["events"] = [{"event_id": f"e{n}", "name": f"E {n}", "kind": "tip"} for n in range(60)]
    await world.send(a_delivery(catalog))
    with statements(world) as for_many:
        told = await world.ok("GET", "/mappings/suggestions")
    assert len(told["suggestions"]) > 60
    assert len(for_many) == len(for_few)
