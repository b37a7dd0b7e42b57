"""What the tills of the benchmarks sell: a few dozen receipts, over and over again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.factories import a_batch, a_payment, a_sale, a_transaction, an_event

Json = dict[str, Any]

COMPANIES = tuple(f"c_{number}" for number in range(4711, 4731))
_METHODS = ("card", "swish", "cash", "gift_card", "meal_card", "invoice")
_BASKETS = (
    (a_sale("food", "12", 12450, 1334), a_sale("drinks", "25", 6800, 1360)),
    (a_sale("food", "12", 13900, 1489),),
    (
        a_sale("drinks", "25", 15800, 3160),
        a_sale("food", "12", 38900, 4168),
        a_sale("shop", "25", 9900, 1980),
    ),
    (a_sale("food", "6", 8900, 504), a_sale("deposit", "0", 200, 0)),
)
# Two receipts of three have a tip, a rounding or nothing else: three or four lines each on average.
_EVENTS = ((an_event("tip", 2000),), (), (an_event("rounding", 30), an_event("tip", 1500)))
RECEIPTS = tuple(product(_METHODS, _BASKETS, _EVENTS))


_DROPS, _PURCHASES = 20, 5
_DROP = an_event("bank_drop", -100000)
_BOUGHT = (an_event("purchase_supplies", -8000), an_event("input_vat", -2000))


def a_receipt(number: int, session: str) -> Json:
    """Build the receipt with a number: which one it is depends on the number alone."""
    method, basket, events = RECEIPTS[number % len(RECEIPTS)]
    due = sum(line["gross"] for line in basket) + sum(event["amount"] for event in events)
    sales, payments = list(basket), [a_payment(method, due)]
    return a_transaction(number, sales=sales, payments=payments, events=list(events), session=session)


def a_day(count: int, session: str, first: int = 1) -> Iterator[Json]:
    """Yield a day's transactions from a number on: a few drawer movements and purchases, then receipts."""
    for number in range(first, first + count):
        if number <= _DROPS:
            yield _from_the_drawer(number, session, "drawer", (_DROP,))
        elif number <= _DROPS + _PURCHASES:
            yield _from_the_drawer(number, session, "purchase", _BOUGHT)
        else:
            yield a_receipt(number, session)


def _from_the_drawer(number: int, session: str, kind: str, events: tuple[Json, ...]) -> Json:
    taken = [a_payment("cash", sum(event["amount"] for event in events))]
    return a_transaction(number, kind=kind, payments=taken, events=list(events), session=session)


def deliveries(count: int, first: int) -> Iterator[Json]:
    """Yield deliveries of one to seven receipts, 2 KB on average, from twenty companies by turns."""
    number = first
    for position in range(count):
        company = COMPANIES[position % len(COMPANIES)]
        receipts = 1 + position % 7
        session = f"{company}-K1-412"
        yield a_batch([a_receipt(number + n, session) for n in range(receipts)], company=company)
        number += receipts
