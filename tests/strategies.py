"""Hypothesis strategies for what a till may say: any valid days of a company, and any way of sending them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st
from tests.factories import (
    Json,
    a_batch,
    a_catalog,
    a_day_close,
    a_delivery,
    a_mapping,
    a_payment,
    a_sale,
    a_transaction,
    an_event,
    vat_of,
)
from tests.independent import expected_vouchers, spelled

BIGGEST = 10**11  # öre: a billion kronor on one line
KNOWN_RATES = ("25", "12", "6", "0")
CENTERS = ("restaurant", "shop", "bar")
METHODS = ("cash", "card", "swish", "gift_card")
GROUPS = ("food", "drinks", "books")
EVENTS = ("tip", "gift_card_sold", "rounding", "float")
# Few, so that several roles often share one; and the edges of the result accounts.
ACCOUNTS = (1686, 1911, 2421, 2611, 2999, 3000, 3001, 3740, 8999, 9000)
KINDS = ("sale", "sale", "sale", "cash_count", "drawer", "purchase")
_FIRST_DAY = date(2026, 12, 30)  # two days before a new financial year

Draw = Callable[[st.SearchStrategy[Any]], Any]


def rates() -> st.SearchStrategy[str]:
    """Any rate a till may name, known today or not, in any spelling."""
    any_rate = st.decimals(0, Decimal("99.99"), places=2, allow_nan=False, allow_infinity=False)
    return st.one_of(
        st.sampled_from(KNOWN_RATES),
        st.sampled_from(("17", "12.5", "12.50", "25.0", "6.00", "99.99", "0.01", "0.0")),
        any_rate.map(lambda rate: f"{abs(rate):f}"),
    )


def amounts(most: int = BIGGEST) -> st.SearchStrategy[int]:
    """Any amount in öre: mostly of a shop's size, sometimes huge, sometimes zero, sometimes negative."""
    return st.one_of(st.integers(-50_000, 200_000), st.integers(-most, most), st.integers(-2, 2))


@dataclass(frozen=True)
class Shop:
    """What one company's till can name."""

    registers: tuple[str, ...]
    rates: tuple[str, ...]
    centers: tuple[str, ...]
    most: int

    def center(self) -> st.SearchStrategy[str | None]:
        """Draw a line's own cost centre; usually none."""
        return st.sampled_from((None, None, *self.centers))


def shops(most: int = BIGGEST) -> st.SearchStrategy[Shop]:
    """One to three registers, a handful of rates, up to three cost centres."""
    return st.builds(
        Shop,
        registers=st.integers(1, 3).map(lambda n: tuple(f"K{number + 1}" for number in range(n))),
        rates=st.lists(rates(), min_size=1, max_size=4).map(tuple),
        centers=st.integers(0, len(CENTERS)).map(lambda n: CENTERS[:n]),
        most=st.just(most),
    )


@st.composite
def sale_lines(draw: Draw, shop: Shop) -> Json:
    """Sell something; the till's VAT may be an öre off, as when it rounds each article by itself."""
    rate = draw(st.sampled_from(shop.rates))
    gross = draw(amounts(shop.most))
    off = draw(st.sampled_from((0, 0, -1, 1))) if Decimal(rate) else 0
    group, center = draw(st.sampled_from(GROUPS)), draw(shop.center())
    return a_sale(group, rate, gross, vat_of(gross, rate) + off, center)


@st.composite
def event_lines(draw: Draw, shop: Shop) -> Json:
    """Let something else move money."""
    return an_event(draw(st.sampled_from(EVENTS)), draw(amounts(shop.most)), draw(shop.center()))


@st.composite
def transactions(draw: Draw, shop: Shop, number: int, register: str, session: str, day: str) -> Json:
    """Draw any transaction that balances: a sale, refund, count, drawer movement or purchase."""
    kind = draw(st.sampled_from(KINDS))
    sales = draw(st.lists(sale_lines(shop), max_size=3)) if kind == "sale" else []
    events = draw(st.lists(event_lines(shop), min_size=kind != "sale", max_size=2))
    due = sum(line["gross"] for line in sales) + sum(event["amount"] for event in events)
    apart = draw(st.lists(amounts(shop.most), max_size=1))
    pieces = [*apart, due - sum(apart)] if apart or due else []
    methods = draw(st.lists(st.sampled_from(METHODS), min_size=len(pieces), max_size=len(pieces)))
    text = {"text": draw(st.sampled_from(("Enligt lista", "Kvitto 118")))} if draw(st.booleans()) else {}
    return a_transaction(
        number,
        sales=sales,
        payments=[a_payment(method, piece) for method, piece in zip(methods, pieces, strict=True)],
        events=events,
        register=register,
        session=session,
        kind=kind,
        business_date=day,
        occurred_at=f"{day}T12:00:00+01:00",
        **text,
    )


@st.composite
def sessions(draw: Draw, shop: Shop, register: str, z_number: int, most: int) -> tuple[list[Json], Json]:
    """Draw a session: its transactions, perhaps none, and its day close."""
    session = f"{register}-{z_number}"
    day = (_FIRST_DAY + timedelta(days=z_number)).isoformat()
    size = draw(st.integers(0, most))
    told = [draw(transactions(shop, number + 1, register, session, day)) for number in range(size)]
    close = a_day_close(told, register=register, session=session, z_number=z_number, day=day)
    return told, close


@st.composite
def cases(
    draw: Draw, *, days: int = 2, most_transactions: int = 6, most_ore: int = BIGGEST
) -> dict[str, Any]:
    """Draw a company's days in the shape of a case file, completely mapped, with the vouchers to expect.

    Every register has up to `days` sessions. `demanding_accounts` are accounts that Fortnox would refuse
    without a cost centre.
    """
    shop = draw(shops(most_ore))
    drawn = [
        draw(sessions(shop, register, z_number, most_transactions))
        for register in shop.registers
        for z_number in range(1, draw(st.integers(1, days)) + 1)
    ]
    told = [transaction for mine, _ in drawn for transaction in mine]
    coded = draw(st.lists(st.sampled_from(shop.centers), unique=True)) if shop.centers else []
    case: dict[str, Any] = {
        "cost_centers": {center: str(100 + CENTERS.index(center)) for center in coded},
        "demanding_accounts": draw(st.lists(st.sampled_from(ACCOUNTS), unique=True, max_size=3)),
        "mapping": draw(mappings(told)),
        "deliveries": [
            a_delivery(_catalog(draw, shop, told), at="2026-12-01T08:00:00Z"),
            *([a_batch(told)] if told else []),
            *(a_delivery(close) for _, close in drawn),
        ],
    }
    return case | {"expected_vouchers": expected_vouchers(case)}


def _catalog(draw: Draw, shop: Shop, told: Sequence[Json]) -> Json:
    center = st.sampled_from((None, *shop.centers))
    return a_catalog(
        told,
        registers=[
            {"register_id": register, "name": f"Kassa {register}", "cost_center_id": draw(center)}
            for register in shop.registers
        ],
        cost_centers=[{"cost_center_id": c, "name": c.title()} for c in shop.centers],
    )


@st.composite
def mappings(draw: Draw, told: Sequence[Json]) -> list[Json]:
    """Draw an account for everything transactions name: by the item alone, by its narrower key, or both."""
    registers: dict[str, list[str]] = {}
    lines: dict[str, list[str]] = {}
    for transaction in told:
        for payment in transaction["payments"]:
            registers.setdefault(payment["payment_method_id"], []).append(transaction["register_id"])
        for line in transaction["sales"]:
            lines.setdefault(line["article_group_id"], []).append(spelled(line["vat_rate"]))
    named = {event["event_id"] for one in told for event in one["events"]}
    account = st.sampled_from(ACCOUNTS)
    return [
        *(choice for key in registers for choice in _choices(draw, "payment_method", key, registers[key])),
        *(choice for key in lines for choice in _choices(draw, "article_group", key, lines[key])),
        *(
            a_mapping("vat_rate", rate, draw(account))
            for rate in sorted({r for rs in lines.values() for r in rs})
        ),
        *(a_mapping("event", event, draw(account)) for event in sorted(named)),
    ]


def _choices(draw: Draw, dimension: str, key: str, narrower: Sequence[str]) -> list[Json]:
    only = "register_id" if dimension == "payment_method" else "vat_rate"
    by = draw(st.sampled_from(("item", "narrow", "both")))
    account = st.sampled_from(ACCOUNTS)
    narrow = [] if by == "item" else sorted(set(narrower))
    return [
        *(a_mapping(dimension, key, draw(account), **{only: one}) for one in narrow),
        *([] if by == "narrow" else [a_mapping(dimension, key, draw(account))]),
    ]


def cuts(case: Json) -> st.SearchStrategy[Json]:
    """Tell the same case in other deliveries: any order, any batches, some in the close, some twice.

    The catalogue stays first, so that the vouchers to expect stay the same.
    """
    return st.randoms(use_true_random=False).map(lambda random: recut(case, random))


def recut(case: Json, random: Random, most: int = 1000) -> Json:
    """Tell the same case in other deliveries, as chance has it; `most` transactions in each."""
    catalogs = [one for one in case["deliveries"] if one["type"] == "catalog.changed"]
    closes = [one for one in case["deliveries"] if one["type"] == "till.day.closed"]
    told = list({t["transaction_id"]: t for one in case["deliveries"] for t in _told(one)}.values())
    random.shuffle(told)
    deliveries = []
    for close in closes:
        mine = [t for t in told if t["session_id"] == close["data"]["session_id"]]
        carried = mine[: min(most, random.choice((0, 0, len(mine) // 2, len(mine))))]
        gone = {t["transaction_id"] for t in carried}
        told = [t for t in told if t["transaction_id"] not in gone]
        deliveries.append(close | {"data": close["data"] | {"transactions": carried}})
    again = random.sample(told, k=random.randint(0, len(told)))
    company = case["deliveries"][0]["data"]["company_id"]
    deliveries += [a_batch(batch, company=company) for batch in _batches(told + again, random, most)]
    deliveries += random.sample(deliveries, k=random.randint(0, len(deliveries)))
    random.shuffle(deliveries)
    return case | {"deliveries": [*catalogs, *deliveries]}


def _told(delivery: Json) -> Sequence[Json]:
    told: Sequence[Json] = delivery["data"].get("transactions", ())
    return told


def _batches(told: list[Json], random: Random, most: int) -> Iterator[list[Json]]:
    while told:
        size = random.randint(1, min(most, len(told)))
        yield told[:size]
        told = told[size:]
