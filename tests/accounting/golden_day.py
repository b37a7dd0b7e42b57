"""Reads a golden day: a text file an accountant can check, with what the till told and what must be booked.

A file holds prose, `key: value` lines, and tables. The first column says what a table is: `item` the
accounts, `receipt` what the till told, `account` the rows of the voucher announced above it. A line of a
receipt without a number belongs to the receipt above. A day whose case is too long for a table names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.factories import (
    COMPANY,
    a_batch,
    a_catalog,
    a_day_close,
    a_delivery,
    a_mapping,
    a_payment,
    a_sale,
    a_transaction,
    an_event,
)

GOLDEN = Path(__file__).parent / "golden"
_SWEDEN = ZoneInfo("Europe/Stockholm")
_DIMENSIONS = {"payment": "payment_method", "sale": "article_group", "event": "event", "VAT": "vat_rate"}

Row = tuple[str, str, str, str, str]
Cells = dict[str, str]


@dataclass(frozen=True)
class GoldenVoucher:
    """A voucher as the file shows it: its rows and the sums below them, as they are written."""

    session_id: str
    part: str
    day: str
    rows: tuple[Row, ...]
    sums: tuple[str, str]


@dataclass(frozen=True)
class GoldenDay:
    """What the till told, as a case, and the vouchers an accountant expects."""

    case: dict[str, Any]
    vouchers: tuple[GoldenVoucher, ...]


def golden_days() -> list[Path]:
    """List the golden days."""
    return sorted(GOLDEN.glob("*.txt"))


def read_day(path: Path) -> GoldenDay:
    """Read a golden day."""
    lines = path.read_text("utf-8").splitlines()
    said = _said(lines)
    tables = list(_tables(lines))
    case = _shipped(said["case"][0]) if "case" in said else _case(said, tables)
    headings = said.get("Voucher", [])
    booked = [table for table in tables if "account" in table[0] and "debit" in table[0]]
    return GoldenDay(case, tuple(_voucher(*pair) for pair in zip(headings, booked, strict=True)))


def ore(text: str) -> int:
    """Read an amount as a Swede writes it; nothing is zero."""
    return int(text.replace(" ", "").replace(",", "") or "0")


def _said(lines: list[str]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if colon and not line.startswith(" ") and "|" not in line:
            said.setdefault(key, []).append(value.strip())
    return said


def _tables(lines: list[str]) -> Iterator[list[Cells]]:
    """Yield every table as its lines, each told apart by the headings."""
    head: list[str] = []
    table: list[Cells] = []
    for line in [*lines, ""]:
        cells = [cell.strip() for cell in line.split("|")] if "|" in line else []
        if head and cells:
            table.append(dict(zip(head, cells, strict=True)))
        elif cells:
            head = cells
        elif head:
            yield table
            head, table = [], []


def _shipped(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((files("fortnox_sync") / "demo" / name).read_text("utf-8"))
    return case


def _voucher(heading: str, table: list[Cells]) -> GoldenVoucher:
    what, _, day = heading.partition(", ")
    session_id, _, part = what.partition(" ")
    *rows, last = ((r["account"], r["cost centre"], r["debit"], r["credit"], r["text"]) for r in table)
    return GoldenVoucher(session_id, part, day, tuple(rows), last[2:4])


def _case(said: dict[str, list[str]], tables: list[list[Cells]]) -> dict[str, Any]:
    """Build the case the tables tell, in the shape of the shipped one."""
    session, register = said["session"][0], said["register"][0]
    items = [line for table in tables for line in table if "item" in line]
    centers = dict(center.split(" = ") for center in said["cost centre"])
    told = [line for table in tables for line in table if "receipt" in line]
    transactions = list(_transactions(told, session, register, said["day"][0]))
    close = a_day_close(
        transactions,
        register=register,
        session=session,
        z_number=int(said["z number"][0]),
        day=said["day"][0],
    )
    catalog = _catalog(items, register, list(centers))
    batches = [a_batch(transactions)] if transactions else []
    return {
        "cost_centers": centers,
        "mapping": [_choice(line) for line in items],
        "deliveries": [a_delivery(catalog), *batches, a_delivery(close)],
    }


def _catalog(items: list[Cells], register: str, centers: list[str]) -> dict[str, Any]:
    named = [(*line["item"].split(" ", 1), line["name"]) for line in items if line["name"]]
    return a_catalog(
        company_id=COMPANY,
        registers=[{"register_id": register, "name": register, "cost_center_id": centers[0]}],
        payment_methods=[
            {"payment_method_id": i, "name": name} for kind, i, name in named if kind == "payment"
        ],
        events=[{"event_id": i, "name": name} for kind, i, name in named if kind == "event"],
    )


def _choice(line: Cells) -> dict[str, Any]:
    kind, key = line["item"].split(" ", 1)
    only = {"payment": "register_id", "sale": "vat_rate"}.get(kind, "")
    narrow = {only: _rate(line["only"]) if kind == "sale" else line["only"]} if line["only"] else {}
    key = _rate(key) if kind == "VAT" else key
    return a_mapping(_DIMENSIONS[kind], key, int(line["account"]), **narrow)


def _transactions(told: list[Cells], session: str, register: str, day: str) -> Iterator[dict[str, Any]]:
    for lines in _receipts(told):
        first = lines[0]
        note = {"text": first["note"]} if first.get("note") else {}
        yield a_transaction(
            int(first["receipt"]),
            payments=[a_payment(w[1], a) for w, a, _ in map(_line, lines) if w[0] == "payment"],
            sales=[
                a_sale(w[1], _rate(w[2]), a, **more) for w, a, more in map(_line, lines) if w[0] == "sale"
            ],
            events=[
                an_event(w[1], a, more["cost_center"]) for w, a, more in map(_line, lines) if w[0] == "event"
            ],
            session=session,
            register=register,
            kind=first["kind"],
            business_date=day,
            occurred_at=datetime.fromisoformat(first["time"]).replace(tzinfo=_SWEDEN).isoformat(),
            **note,
        )


def _receipts(told: list[Cells]) -> list[list[Cells]]:
    receipts: list[list[Cells]] = []
    for line in told:
        if line["receipt"]:
            receipts.append([])
        receipts[-1].append(line)
    return receipts


def _line(line: Cells) -> tuple[list[str], int, dict[str, Any]]:
    """Read `sale food 6 %` as its words, its amount, and the rest."""
    more = {"vat": ore(line["VAT"]), "cost_center": line.get("cost centre") or None}
    return line["line"].split(" ", 2), ore(line["amount"]), more


def _rate(text: str) -> str:
    return text.removesuffix(" %").replace(",", ".")
