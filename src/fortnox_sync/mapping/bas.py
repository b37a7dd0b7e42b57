"""The BAS chart as far as a till needs it: what kind an account is of, and what is customary for what."""

from __future__ import annotations

from fortnox_sync.accounting.account_map import Dimension

# Fortnox itself posts here when it closes a year: a till's takings would be mixed up with the result.
RESERVED = frozenset({2019, 2029, 2039, 2049, 2069, 2099, 8999})

OUTPUT_VAT = range(2610, 2640)
SALES = range(3000, 3700)

# What an account can be chosen for, the most fitting accounts first (BAS account classes and groups).
FITTING: dict[Dimension, tuple[range, ...]] = {
    # Cash and bank, claims, gift cards and advances; then any other balance account, discounts, costs.
    # Never sales, and never VAT: money that comes in is neither.
    Dimension.PAYMENT_METHOD: (
        range(1900, 2000),
        range(1500, 1700),
        range(2420, 2430),
        range(1000, 1500),
        range(1700, 1900),
        range(2000, 2600),
        range(2660, 3000),
        range(3700, 9000),
    ),
    Dimension.VAT_RATE: (OUTPUT_VAT, range(2600, 2610)),
    # Sales, other income; gift cards and advances, which tills may sell as articles; other debts.
    Dimension.ARTICLE_GROUP: (SALES, range(3700, 4000), range(2420, 2430), range(2800, 3000)),
    # Almost anything can happen at a till; output VAT alone comes with sales.
    Dimension.EVENT: (
        range(3700, 3800),
        range(2800, 2900),
        range(2420, 2430),
        range(1900, 2000),
        range(1600, 1700),
        range(4000, 7000),
        range(3800, 4000),
        range(2640, 2650),
        range(1000, 1600),
        range(1700, 1900),
        range(2000, 2600),
        range(2660, 3000),
        range(3000, 3700),
        range(7000, 9000),
    ),
}

# What is customary for what, today's account first and then the one older charts have (domain notes, BAS).
# 1580 left BAS because the debtor is the card company. A cash difference, money under way to the bank and a
# purchase have no account that all companies share.
VAT_BY_RATE: dict[str, tuple[int, ...]] = {"25": (2611,), "12": (2621,), "6": (2631,)}
SALES_BY_RATE: dict[str, tuple[int, ...]] = {"25": (3001,), "12": (3002,), "6": (3003,)}
PAYMENT_BY_KIND: dict[str, tuple[int, ...]] = {
    "cash": (1910,),
    "card": (1686, 1580),
    "meal_card": (1686, 1580),
    "swish": (1930,),
    "invoice": (1510,),
    "gift_card": (2421,),
    "advance": (2420,),
    "deposit": (2420,),
}
EVENT_BY_KIND: dict[str, tuple[int, ...]] = {
    "tip": (2820,),
    "tip_paid_out": (2820,),
    "gift_card_sold": (2421,),
    "rounding": (3740,),
    "float": (1930,),
    "advance": (2420,),
    "deposit": (2420,),
    "input_vat": (2641,),
}
PAYMENT_WORDS = {
    "kontant": "cash",
    "kontanter": "cash",
    "kort": "card",
    "kontokort": "card",
    "bankkort": "card",
    "kreditkort": "card",
    "måltidskort": "meal_card",
    "lunchkort": "meal_card",
    "swish": "swish",
    "faktura": "invoice",
    "presentkort": "gift_card",
    "förskott": "advance",
}
EVENT_WORDS = {
    "dricks": "tip",
    "presentkort": "gift_card_sold",
    "öresavrundning": "rounding",
    "avrundning": "rounding",
    "växelkassa": "float",
    "förskott": "advance",
}
# By these names an account that lacks in a chart is added.
NAMES = {
    1510: "Kundfordringar",
    1686: "Fordringar för kontokort och kuponger",
    1910: "Kassa",
    1930: "Företagskonto/checkkonto/affärskonto",
    2420: "Förskott från kunder",
    2421: "Ej inlösta presentkort",
    2611: "Utgående moms på försäljning inom Sverige, 25 %",
    2621: "Utgående moms på försäljning inom Sverige, 12 %",
    2631: "Utgående moms på försäljning inom Sverige, 6 %",
    2641: "Debiterad ingående moms",
    2820: "Kortfristiga skulder till anställda",
    3001: "Försäljning inom Sverige, 25 % moms",
    3002: "Försäljning inom Sverige, 12 % moms",
    3003: "Försäljning inom Sverige, 6 % moms",
    3740: "Öres- och kronutjämning",
}


def rank(dimension: Dimension, number: int) -> int | None:
    """Return how well an account fits a dimension, 0 best; None for one of the wrong kind."""
    return next((place for place, numbers in enumerate(FITTING[dimension]) if number in numbers), None)
