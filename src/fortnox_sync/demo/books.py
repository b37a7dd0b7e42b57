"""The other side: the simulated Fortnox company of a case, and what stands in its books afterwards."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx

from fortnox_sync.demo.case import Case
from fortnox_sync.settings import Settings
from fortnox_sync.simulator.chart import STANDARD_CHART

EMAIL = "anna@example.test"
PASSWORD = "fortnox"  # noqa: S105 - the simulated administrator's, printed for everybody
SERIES = "F"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in Fortnox; amounts in öre."""

    account: int
    cost_center: str | None
    debit: int
    credit: int
    text: str


@dataclass(frozen=True, slots=True)
class Booked:
    """A voucher as it stands in Fortnox."""

    year: int
    series: str
    number: int
    transaction_date: str
    description: str
    rows: tuple[Row, ...]


class Books:
    """The simulated company and its books, seen from the outside."""

    def __init__(self, http: httpx.AsyncClient, database_number: int) -> None:
        """Take the way to the simulator."""
        self._http, self.database_number = http, database_number

    async def vouchers(self) -> tuple[Booked, ...]:
        """Read back every voucher with its rows."""
        answer = await self._http.get(f"/_simulator/companies/{self.database_number}/vouchers")
        return tuple(_booked(told) for told in answer.raise_for_status().json())

    async def account_names(self) -> dict[int, str]:
        """Return what the accounts are called."""
        answer = await self._http.get(f"/_simulator/companies/{self.database_number}")
        charts = answer.raise_for_status().json()["accounts"].values()
        return {account["number"]: account["description"] for chart in charts for account in chart}


async def found(http: httpx.AsyncClient, settings: Settings, case: Case) -> Books:
    """Register the integration and found a company whose years, accounts and cost centres fit the case."""
    app = {
        "client_id": settings.fortnox_client_id,
        "client_secret": settings.fortnox_client_secret.get_secret_value(),
        "redirect_uris": [settings.redirect_uri],
        "scopes": list(settings.asked_scopes),
    }
    (await http.post("/_simulator/apps", json=app)).raise_for_status()
    number = secrets.randbelow(9_000_000) + 1_000_000
    company = {
        "name": case.company_name,
        "organisation_number": case.organisation_number,
        "database_number": number,
        "financial_years": [
            {"from_on": f"{year}-01-01", "to_on": f"{year}-12-31"} for year in _years(case.business_dates)
        ],
        "accounts": _accounts_beyond_the_chart(case),
        "cost_centers": _cost_centers(case),
        "users": [{"email": EMAIL, "password": PASSWORD}],
    }
    (await http.post("/_simulator/companies", json=company)).raise_for_status()
    return Books(http, number)


def _years(days: tuple[date, ...]) -> range:
    """Cover the case's days and today, when the setup is made."""
    today = datetime.now(UTC).year
    return range(min(days[0].year, today), max(days[-1].year, today) + 1)


def _accounts_beyond_the_chart(case: Case) -> list[dict[str, Any]]:
    standard = {account.number for account in STANDARD_CHART}
    used = {int(row["account"]): str(row["key"]) for row in case.mapping}
    return [
        {"number": number, "description": f"Konto för {key}"}
        for number, key in used.items()
        if number not in standard
    ]


def _cost_centers(case: Case) -> list[dict[str, Any]]:
    names = case.cost_center_names
    return [
        {"code": code, "description": names.get(cost_center_id) or cost_center_id}
        for cost_center_id, code in case.cost_centers.items()
    ]


def _booked(told: dict[str, Any]) -> Booked:
    rows = tuple(
        Row(
            row["account"],
            row["cost_center"] or None,
            row["debit"],
            row["credit"],
            row["transaction_information"] or "",
        )
        for row in told["rows"]
        if not row["removed"]
    )
    return Booked(
        told["year"],
        told["series"],
        told["number"],
        told["transaction_date"],
        told["description"],
        rows,
    )
