"""Small builders of what a till sends: every part has a sensible default and can be said otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from standardwebhooks import Webhook

Json = dict[str, Any]

COMPANY = "c_4711"
DAY = "2026-10-02"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def a_payment(method: str = "card", amount: int = 11200) -> Json:
    """Build a payment, in öre."""
    return {"payment_method_id": method, "amount": amount}


def a_sale(
    group: str = "food",
    rate: str = "12",
    gross: int = 11200,
    vat: int = 1200,
    cost_center: str | None = None,
) -> Json:
    """Build a sold line: gross and the till's own VAT, in öre."""
    line = {"article_group_id": group, "vat_rate": rate, "gross": gross, "vat": vat}
    return line | ({"cost_center_id": cost_center} if cost_center else {})


def vat_of(gross: int, rate: str) -> int:
    """Return the VAT in a gross amount, rounded half up."""
    percent = Decimal(rate)
    return int((gross * percent / (100 + percent)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def an_event(event: str = "tip", amount: int = 1000, cost_center: str | None = None) -> Json:
    """Build another event, in öre."""
    line = {"event_id": event, "amount": amount}
    return line | ({"cost_center_id": cost_center} if cost_center else {})


def a_transaction(
    number: int = 1,
    *,
    sales: Sequence[Json] | None = None,
    payments: Sequence[Json] | None = None,
    events: Sequence[Json] = (),
    register: str = "K1",
    session: str = "K1-412",
    kind: str = "sale",
    **more: object,
) -> Json:
    """Build a transaction; without payments it is paid by card, and without anything it sells a lunch.

    `more` takes any field of the body as it is: `text`, `business_date`, `occurred_at`.
    """
    sold = [a_sale()] if sales is None and not events and payments is None else list(sales or ())
    due = sum(line["gross"] for line in sold) + sum(event["amount"] for event in events)
    numbered = {"receipt_number": number} if kind == "sale" else {}
    return {
        "transaction_id": f"{session}-{number}",
        "register_id": register,
        "session_id": session,
        **numbered,
        "business_date": DAY,
        "occurred_at": f"{DAY}T12:00:00+02:00",
        "kind": kind,
        "sales": sold,
        "payments": [a_payment(amount=due)] if payments is None else list(payments),
        "events": list(events),
        **more,
    }


def totals_of(transactions: Iterable[Json]) -> Json:
    """Sum transactions as a Z report does: per VAT rate, payment method and event."""
    gross, vat, paid, happened = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for transaction in transactions:
        for line in transaction.get("sales", ()):
            gross[line["vat_rate"]] += line["gross"]
            vat[line["vat_rate"]] += line["vat"]
        for payment in transaction.get("payments", ()):
            paid[payment["payment_method_id"]] += payment["amount"]
        for event in transaction.get("events", ()):
            happened[event["event_id"]] += event["amount"]
    return {
        "sales": [{"vat_rate": rate, "gross": gross[rate], "vat": vat[rate]} for rate in gross],
        "payments": [a_payment(method, amount) for method, amount in paid.items()],
        "events": [an_event(event, amount) for event, amount in happened.items()],
    }


def a_day_close(
    covered: Iterable[Json] = (),
    *,
    register: str = "K1",
    session: str = "K1-412",
    z_number: int = 412,
    day: str = DAY,
    **more: object,
) -> Json:
    """Build the close of a session that covers these transactions, but carries none of them.

    `more` takes any field as it is: `revision`, `transactions`, `report`.
    """
    told = list(covered)
    return {
        "company_id": COMPANY,
        "register_id": register,
        "session_id": session,
        "z_number": z_number,
        "revision": 1,
        "business_date": day,
        "opened_at": f"{day}T09:00:00+02:00",
        "closed_at": f"{day}T23:30:00+02:00",
        "transaction_count": len(told),
        "totals": totals_of(told),
        "transactions": [],
        **more,
    }


def a_catalog(transactions: Iterable[Json] = (), **more: object) -> Json:
    """Build a catalogue that names, without further ado, everything these transactions name.

    The registers K1 and K2 have the cost centres `restaurant` and `shop`; `more` takes any field as it is.
    """
    told = list(transactions)
    groups: dict[str, list[str]] = {}
    for line in (line for one in told for line in one["sales"]):
        rates = groups.setdefault(line["article_group_id"], [])
        rates.extend({line["vat_rate"]} - set(rates))
    methods = dict.fromkeys(line["payment_method_id"] for one in told for line in one["payments"])
    events = dict.fromkeys(line["event_id"] for one in told for line in one["events"])
    return {
        "company_id": COMPANY,
        "company_name": "Krogen & Disken AB",
        "organisation_number": "556677-8899",
        "registers": [
            {"register_id": "K1", "name": "Restaurang", "cost_center_id": "restaurant"},
            {"register_id": "K2", "name": "Disk", "cost_center_id": "shop"},
        ],
        "payment_methods": [{"payment_method_id": method, "name": method.title()} for method in methods],
        "vat_rates": list(dict.fromkeys(rate for rates in groups.values() for rate in rates)),
        "article_groups": [
            {"article_group_id": g, "name": g.title(), "vat_rates": r} for g, r in groups.items()
        ],
        "events": [{"event_id": event, "name": event.title(), "kind": event} for event in events],
        "cost_centers": [
            {"cost_center_id": "restaurant", "name": "Restaurang"},
            {"cost_center_id": "shop", "name": "Disk och butik"},
        ],
        **more,
    }


def a_delivery(data: Json, *, at: str = "2026-10-03T00:12:40Z") -> Json:
    """Wrap a catalogue or a day close as one delivery, told apart by what it holds."""
    kind = "till.day.closed" if "z_number" in data else "catalog.changed"
    return {"type": kind, "timestamp": at, "data": data}


def a_batch(
    transactions: Iterable[Json], *, at: str = "2026-10-02T18:55:12Z", company: str = COMPANY
) -> Json:
    """Wrap transactions as one delivery."""
    data = {"company_id": company, "transactions": list(transactions)}
    return {"type": "till.transactions.recorded", "timestamp": at, "data": data}


def a_mapping(dimension: str, key: str, account: int, **narrow: str) -> Json:
    """Build a merchant's choice of account; `narrow` is `register_id=` or `vat_rate=`."""
    return {"dimension": dimension, "key": key, "account": account} | ({"narrow": narrow} if narrow else {})


def body_of(delivery: Mapping[str, Any]) -> bytes:
    """Spell a delivery as the bytes that go over the wire."""
    return json.dumps(delivery, ensure_ascii=False, separators=(",", ":")).encode()


def signed(
    body: bytes, secret: str = SECRET, webhook_id: str = "msg_1", at: datetime | None = None
) -> dict[str, str]:
    """Sign a body as the till does and return its headers, by the reference library of the standard."""
    # The library takes the time's digits for UTC whatever its zone, so it must be UTC.
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, moment, body.decode()),
    }
