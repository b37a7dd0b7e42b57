"""What came of a case: vouchers in Fortnox beside what the till told and what was expected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fortnox_sync.demo.books import Booked, Row
from fortnox_sync.demo.case import Case


@dataclass(frozen=True, slots=True)
class BookedPart:
    """A voucher in Fortnox together with what the service knows of it."""

    booked: Booked
    session_id: str
    register_id: str
    part: str
    rows: tuple[tuple[Row, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Tell it in the shape of a case's `expected_vouchers`, with its place in Fortnox."""
        return {
            "session_id": self.session_id,
            "register_id": self.register_id,
            "part": self.part,
            "transaction_date": self.booked.transaction_date,
            "rows": [
                {
                    "account": row.account,
                    "cost_center": row.cost_center,
                    "debit": row.debit,
                    "credit": row.credit,
                    "of": of,
                }
                for row, of in self.rows
            ],
            "series": self.booked.series,
            "number": self.booked.number,
            "year": self.booked.year,
        }


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum of the till beside the same sum in Fortnox, in öre."""

    name: str
    till: int
    fortnox: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that can be said of a case once it is at rest."""

    parts: tuple[BookedPart, ...]
    strangers: tuple[Booked, ...]
    sums: tuple[Sum, ...]
    faults: tuple[dict[str, Any], ...]
    as_expected: bool | None

    @property
    def agrees(self) -> bool:
        """Tell whether all the till told is in Fortnox, to the öre, and nothing else is.

        A warning, such as a gap in Z numbers, is shown and keeps nothing from being booked.
        """
        sums_agree = all(one.till == one.fortnox for one in self.sums)
        is_held_up = any(one["severity"] == "error" for one in self.faults)
        return sums_agree and not self.strangers and not is_held_up and self.as_expected is not False

    def as_json(self) -> dict[str, Any]:
        """Tell it to a program."""
        return {
            "vouchers": [part.as_json() for part in self.parts],
            "faults": list(self.faults),
            "differences": [
                {"of": one.name, "till": one.till, "fortnox": one.fortnox}
                for one in self.sums
                if one.till != one.fortnox
            ],
            "agrees": self.agrees,
        }


def compare(
    case: Case,
    booked: tuple[Booked, ...],
    vouchers: list[dict[str, Any]],
    faults: list[dict[str, Any]],
) -> Outcome:
    """Put Fortnox's books beside the till's sales."""
    ours = {_place(v["booking"]): v for v in vouchers if v["booking"]}
    known = [(one, ours[one.year, one.series, one.number]) for one in booked if _key(one) in ours]
    parts = tuple(_part(one, voucher) for one, voucher in known)
    return Outcome(
        parts=parts,
        strangers=tuple(one for one in booked if _key(one) not in ours),
        sums=_sums(case, parts),
        faults=tuple(faults),
        as_expected=_as_expected(case, parts),
    )


def _key(one: Booked) -> tuple[int, str, int]:
    return one.year, one.series, one.number


def _place(booking: dict[str, Any]) -> tuple[int, str, int]:
    return booking["financial_year"], booking["series"], booking["number"]


def _part(booked: Booked, voucher: dict[str, Any]) -> BookedPart:
    """Find for each row in Fortnox what it is the sum of; one that was never sent is the sum of nothing."""
    sent: dict[tuple[int, str | None, int, int], list[str]] = {}
    for row in voucher["rows"]:
        key = (row["account"], row["cost_center"], row["debit"], row["credit"])
        sent.setdefault(key, []).append(row["of"])
    rows = []
    for row in booked.rows:
        names = sent.get((row.account, row.cost_center, row.debit, row.credit), [])
        rows.append((row, names.pop(0) if names else ""))
    return BookedPart(booked, voucher["session_id"], voucher["register_id"], voucher["part"], tuple(rows))


def _sums(case: Case, parts: tuple[BookedPart, ...]) -> tuple[Sum, ...]:
    till, fortnox = _told(case), _booked_sums(parts)
    return tuple(Sum(name, till[name], fortnox[name]) for name in sorted(till.keys() | fortnox.keys()))


def _told(case: Case) -> Counter[str]:
    """Add up what the till told, in its own signs."""
    sums: Counter[str] = Counter()
    for transaction in case.transactions():
        for sale in transaction.get("sales", ()):
            rate = _rate(sale["vat_rate"])
            sums[f"sales:{rate}"] += sale["gross"] - sale["vat"]
            sums[f"vat:{rate}"] += sale["vat"]
        for payment in transaction.get("payments", ()):
            sums[f"payment:{payment['payment_method_id']}"] += payment["amount"]
        for event in transaction.get("events", ()):
            sums[f"event:{event['event_id']}"] += event["amount"]
    return sums


def _rate(text: str) -> str:
    """Spell a rate one way, as the till may spell it several."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _booked_sums(parts: tuple[BookedPart, ...]) -> Counter[str]:
    """Add up Fortnox's rows in the till's signs: payments are debits, all else credits."""
    sums: Counter[str] = Counter()
    for part in parts:
        for row, of in part.rows:
            name = of.partition("@")[0]
            debit = row.debit - row.credit
            sums[name] += debit if name.startswith("payment:") else -debit
    return sums


def _as_expected(case: Case, parts: tuple[BookedPart, ...]) -> bool | None:
    if case.expected_vouchers is None:
        return None
    return _comparable([part.as_json() for part in parts]) == _comparable(case.expected_vouchers)


def _comparable(vouchers: list[dict[str, Any]]) -> list[Any]:
    """Forget the order of vouchers and rows, and where they were booked."""
    return sorted(
        (
            v["session_id"],
            v["register_id"],
            v["part"],
            v["transaction_date"],
            sorted(
                (r["account"], r["cost_center"] or "", r["debit"], r["credit"], r["of"]) for r in v["rows"]
            ),
        )
        for v in vouchers
    )
