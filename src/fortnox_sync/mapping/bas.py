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


def rank(dimension: Dimension, number: int) -> int | None:
    """Return how well an account fits a dimension, 0 best; None for one of the wrong kind."""
    return next((place for place, numbers in enumerate(FITTING[dimension]) if number in numbers), None)
