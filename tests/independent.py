"""What a till's case must become in the books, worked out a second time from the written posting rules.

It shares no code with what it checks: dicts, whole öre and Decimal only. Slow and plain on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
# Signed debits, by account, cost centre code and what the row is the sum of.
Sums = dict[tuple[int, str, str], int]


def expected_vouchers(case: Json) -> list[Json]:
    """Return the vouchers of every closed session of a case, as `expected_vouchers` of a case file has them.

    The case is taken as complete: totals are not looked at. A session that needs an account which the
    mapping lacks has no vouchers, and neither has a part that sums to zero. Accounts that demand a cost
    centre may stand in the case as `demanding_accounts`.
    """
    told: dict[str, list[Json]] = {}
    for transaction in _transactions(case["deliveries"]):
        told.setdefault(transaction["session_id"], []).append(transaction)
    return [
        voucher
        for close in _closes(case["deliveries"])
        for voucher in _session(case, close, told.get(close["session_id"], []))
    ]


def _session(case: Json, close: Json, transactions: list[Json]) -> list[Json]:
    try:
        parts = [(part, _sums(case, part, mine)) for part, mine in _parts(transactions)]
    except _NoAccountError:
        return []
    return [
        {
            "session_id": close["session_id"],
            "register_id": close["register_id"],
            "part": part,
            "transaction_date": close["business_date"],
            "rows": rows,
        }
        for part, sums in parts
        if (rows := [_row(*key, debit) for key, debit in sorted(sums.items()) if debit])
    ]


class _NoAccountError(Exception):
    """Money waits for an account."""


def _parts(transactions: list[Json]) -> Iterator[tuple[str, list[Json]]]:
    """Keep takings together, each purchase by itself, and drawer movements together."""
    yield "takings", [t for t in transactions if t["kind"] in {"sale", "cash_count"}]
    for bought in sorted((t["transaction_id"], t) for t in transactions if t["kind"] == "purchase"):
        yield f"purchase:{bought[0]}", [bought[1]]
    yield "drawer", [t for t in transactions if t["kind"] == "drawer"]


def _sums(case: Json, part: str, transactions: list[Json]) -> Sums:
    books = _Books(case)
    roles: dict[tuple[str, str, str, str | None, str], int] = {}
    for transaction in transactions:
        at = f"@{transaction['transaction_id']}" if part == "drawer" else ""
        for dimension, key, narrow, center, of, debit in _lines(transaction):
            place = (
                dimension,
                key,
                narrow,
                center or books.center_of.get(transaction["register_id"]),
                of + at,
            )
            roles[place] = roles.get(place, 0) + debit
    sums: Sums = {}
    for (dimension, key, narrow, center, of), debit in roles.items():
        if debit:
            account = books.account(dimension, key, narrow)
            row = (account, books.code(account, center), of)
            sums[row] = sums.get(row, 0) + debit
    return sums


def _lines(transaction: Json) -> Iterator[tuple[str, str, str, str | None, str, int]]:
    """Spell a transaction as dimension, key, narrower key, cost centre, name of the sum and signed debit."""
    for line in transaction.get("payments", ()):
        method = line["payment_method_id"]
        narrow = transaction["register_id"]
        yield "payment_method", method, narrow, None, f"payment:{method}", line["amount"]
    for line in transaction.get("sales", ()):
        rate, center = spelled(line["vat_rate"]), line.get("cost_center_id")
        net = line["gross"] - line["vat"]
        yield "article_group", line["article_group_id"], rate, center, f"sales:{rate}", -net
        yield "vat_rate", rate, "", center, f"vat:{rate}", -line["vat"]
    for line in transaction.get("events", ()):
        event = line["event_id"]
        yield "event", event, "", line.get("cost_center_id"), f"event:{event}", -line["amount"]


class _Books:
    """What the merchant chose: accounts, cost centres, and the centre of each register."""

    def __init__(self, case: Json) -> None:
        self._accounts = {_role(choice): choice["account"] for choice in case["mapping"]}
        self._codes = case.get("cost_centers", {})
        self._demanding = set(case.get("demanding_accounts", ()))
        self.center_of = _centers(case["deliveries"])

    def account(self, dimension: str, key: str, narrow: str) -> int:
        """Return the account of the narrower key, else of the key."""
        for role in ((dimension, key, narrow), (dimension, key, "")):
            if role in self._accounts:
                return int(self._accounts[role])
        raise _NoAccountError(dimension, key, narrow)

    def code(self, account: int, center: str | None) -> str:
        """Return the cost centre's code where the account takes one, else nothing."""
        takes_one = str(account)[0] in "345678" or account in self._demanding
        return self._codes.get(center) or "" if takes_one else ""


def _role(choice: Json) -> tuple[str, str, str]:
    narrow = choice.get("narrow") or {}
    rate, register = narrow.get("vat_rate"), narrow.get("register_id")
    key = spelled(choice["key"]) if choice["dimension"] == "vat_rate" else choice["key"]
    return choice["dimension"], key, spelled(rate) if rate else register or ""


def _row(account: int, code: str, of: str, debit: int) -> Json:
    sides = {"debit": max(debit, 0), "credit": max(-debit, 0)}
    return {"account": account, "cost_center": code or None, **sides, "of": of}


def spelled(rate: str) -> str:
    """Spell a rate one way: `25.0` and `25.00` are `25`."""
    whole, _, fraction = str(Decimal(rate)).partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _transactions(deliveries: Iterable[Json]) -> Iterator[Json]:
    """Yield every transaction once, however often and in whichever delivery it came."""
    seen: set[str] = set()
    for delivery in deliveries:
        for transaction in delivery["data"].get("transactions", ()):
            if transaction["transaction_id"] not in seen:
                seen.add(transaction["transaction_id"])
                yield transaction


def _closes(deliveries: Iterable[Json]) -> Iterator[Json]:
    """Yield the latest revision of every day close, in the order the sessions were closed."""
    latest: dict[str, Json] = {}
    for delivery in deliveries:
        if delivery["type"] == "till.day.closed":
            close = delivery["data"]
            before = latest.setdefault(close["session_id"], close)
            if close.get("revision", 1) > before.get("revision", 1):
                latest[close["session_id"]] = close
    yield from latest.values()


def _centers(deliveries: Iterable[Json]) -> dict[str, str]:
    """Return each register's cost centre as the newest catalogue that knows the register tells it."""
    catalogs = [one for one in deliveries if one["type"] == "catalog.changed"]
    catalogs.sort(key=lambda one: datetime.fromisoformat(one["timestamp"]))
    return {
        register["register_id"]: register.get("cost_center_id")
        for catalog in catalogs
        for register in catalog["data"].get("registers", ())
    }
