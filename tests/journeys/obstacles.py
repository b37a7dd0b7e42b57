"""What a person can do in Fortnox that stands in a voucher's way, the fault it makes, and what undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Call = tuple[str, str, Json | None]


@dataclass(frozen=True)
class Obstacle:
    """What a person does in Fortnox, the fault it makes, and what undoes it."""

    code: str
    breaks: Call
    cures: Call
    facts: Mapping[str, Any] = field(default_factory=dict)


FOOD = {"number": 3002, "description": "Försäljning mat"}
OBSTACLES = [
    Obstacle(
        "account_inactive",
        ("PATCH", "/accounts/3002", {"active": False}),
        ("PATCH", "/accounts/3002", {"active": True}),
        {"accounts": [3002], "year": "2026"},
    ),
    Obstacle(
        "account_missing",
        ("DELETE", "/accounts/3002", None),
        ("PUT", "/accounts/3002", FOOD),
        {"accounts": [3002], "year": "2026"},
    ),
    Obstacle(
        "voucher_series_not_manual",
        ("PATCH", "/series/F", {"manual": False}),
        ("PATCH", "/series/F", {"manual": True}),
        {"series": "F", "year": "2026"},
    ),
    Obstacle(
        "voucher_series_missing",
        ("DELETE", "/series/F", None),
        ("PUT", "/series/F", {"code": "F", "manual": True}),
        {"series": "F", "year": "2026"},
    ),
    Obstacle(
        "period_locked",
        ("PUT", "/locked-period", {"end_on": "2026-10-31"}),
        ("PUT", "/locked-period", {"end_on": None}),
        {"locked_until": "2026-10-31", "transaction_date": "2026-10-02"},
    ),
    Obstacle(
        "cost_center_missing",
        ("DELETE", "/cost-centers/100", None),
        ("PUT", "/cost-centers/100", {"code": "100", "description": "Restaurang"}),
        {"code": "100"},
    ),
    Obstacle(
        "cost_center_inactive",
        ("PATCH", "/cost-centers/100", {"active": False}),
        ("PATCH", "/cost-centers/100", {"active": True}),
        {"code": "100"},
    ),
    Obstacle(
        "cost_center_not_allowed",
        ("PATCH", "/accounts/3002", {"cost_center_settings": "NOTALLOWED"}),
        ("PATCH", "/accounts/3002", {"cost_center_settings": "ALLOWED"}),
        {"account": 3002},
    ),
]
YEAR = Obstacle(
    "financial_year_missing",
    ("DELETE", "/financial-years/2", None),
    ("POST", "/financial-years", {"id": 2, "from_on": "2026-01-01", "to_on": "2026-12-31"}),
    {"year": 2026, "transaction_date": "2026-10-02"},
)
