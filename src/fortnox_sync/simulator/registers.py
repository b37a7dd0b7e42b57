"""What a company keeps beside its vouchers: years, series, accounts, cost centres, users."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Dimension(StrEnum):
    """What an account says about cost centres or projects on its rows."""

    ALLOWED = "ALLOWED"
    MANDATORY = "MANDATORY"
    NOT_ALLOWED = "NOTALLOWED"


@dataclass(frozen=True, slots=True)
class FinancialYear:
    """A financial year; its id is a counter, not a calendar year."""

    id: int
    from_on: date
    to_on: date
    accounting_method: str = "ACCRUAL"

    def holds(self, day: date) -> bool:
        """Tell whether a day is within the year."""
        return self.from_on <= day <= self.to_on


@dataclass(frozen=True, slots=True)
class Series:
    """A voucher series of one financial year; only a manual one takes vouchers from outside."""

    code: str
    description: str = ""
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account in the chart of one financial year."""

    number: int
    description: str
    active: bool = True
    vat_code: str = ""
    cost_center: str = ""
    cost_center_settings: Dimension = Dimension.ALLOWED
    project_settings: Dimension = Dimension.ALLOWED
    transaction_information_settings: Dimension = Dimension.ALLOWED
    transaction_information: str = ""
    sru: int = 0
    balance_brought_forward: int = 0
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost centre; it belongs to the company, not to a year."""

    code: str
    description: str
    note: str = ""
    active: bool = True
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person who can log in."""

    email: str
    password: str
    name: str = ""
    sysadmin: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """Up to which day the books are closed, and who closed them."""

    end_on: date
    by: str = "Fortnox"
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file."""

    id: str
    archive_id: str
    name: str
    folder: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileConnection:
    """A file on a voucher."""

    file_id: str
    year_id: int
    series: str
    number: int
