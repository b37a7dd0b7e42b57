"""A case: what a till tells, the choices a merchant made, and perhaps the vouchers that must result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

_EXAMPLE = "krogen-2026-10-02.json"


class CaseError(Exception):
    """The case file can't be played; the text says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its file tells it."""

    cost_centers: dict[str, str]
    mapping: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    expected_vouchers: list[dict[str, Any]] | None

    @property
    def company_id(self) -> str:
        """Return the company all of it is about."""
        return str(self.deliveries[0]["data"]["company_id"])

    @property
    def company_name(self) -> str:
        """Return what the till calls the company."""
        return str(self._catalog.get("company_name") or self.company_id)

    @property
    def organisation_number(self) -> str:
        """Return the company's organisation number."""
        return str(self._catalog.get("organisation_number") or "556000-0000")

    @property
    def _catalog(self) -> dict[str, Any]:
        catalogs = [d["data"] for d in self.deliveries if d["type"] == "catalog.changed"]
        return catalogs[-1] if catalogs else {}

    @property
    def account_numbers(self) -> tuple[int, ...]:
        """Return every account the merchant chose."""
        return tuple(sorted({int(row["account"]) for row in self.mapping}))

    @property
    def cost_center_names(self) -> dict[str, str]:
        """Return what the till calls its cost centres, by id."""
        return {c["cost_center_id"]: c.get("name") or "" for c in self._catalog.get("cost_centers", ())}

    @property
    def business_dates(self) -> tuple[date, ...]:
        """Return the days it tells of, in order."""
        return tuple(sorted({date.fromisoformat(day) for day in self._days()}))

    def _days(self) -> Iterator[str]:
        for delivery in self.deliveries:
            if "business_date" in delivery["data"]:
                yield delivery["data"]["business_date"]
            for transaction in delivery["data"].get("transactions", ()):
                yield transaction["business_date"]

    def transactions(self) -> Iterator[dict[str, Any]]:
        """Yield every transaction once, however often it is told."""
        told: dict[str, dict[str, Any]] = {}
        for delivery in self.deliveries:
            for transaction in delivery["data"].get("transactions", ()):
                told.setdefault(transaction["transaction_id"], transaction)
        yield from told.values()


def read(path: Path | None) -> Case:
    """Read a case file, or the example that comes with the package; CaseError says what is wrong with it."""
    try:
        text = path.read_text("utf-8") if path else (files(__package__) / _EXAMPLE).read_text("utf-8")
        told = json.loads(text)
        case = Case(
            cost_centers=dict(told.get("cost_centers", {})),
            mapping=list(told["mapping"]),
            deliveries=list(told["deliveries"]),
            expected_vouchers=told.get("expected_vouchers"),
        )
        _check(case)
    except OSError as error:
        raise CaseError(f"The case can't be read: {error.strerror}: {path}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise CaseError(f"{path} is not a case: {type(error).__name__}: {error}") from None
    return case


def _check(case: Case) -> None:
    if not case.company_id or not case.business_dates:
        raise ValueError("it tells of no company or no day")
    companies = {delivery["data"]["company_id"] for delivery in case.deliveries}
    if len(companies) > 1:
        raise ValueError(f"it tells of several companies: {', '.join(sorted(companies))}")
    [int(row["account"]) for row in case.mapping]
    [str(code) for code in case.cost_centers.values()]
