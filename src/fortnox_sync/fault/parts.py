"""The parts facts are made of: items, accounts, years, vouchers, as a person would point at them."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Dimension = Literal["payment_method", "vat_rate", "article_group", "event"]


class Shape(BaseModel):
    """A frozen, strictly typed value; `named_by` lists the fields that tell it from others of its kind."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    named_by: ClassVar[tuple[str, ...]] = ()


def name_of(value: object) -> str:
    """Return the stable text that tells a value from others of its kind; nothing names nothing."""
    match value:
        case None:
            return ""
        case Shape():
            return "/".join(filter(None, (name_of(getattr(value, field)) for field in value.named_by)))
        case tuple():
            return ",".join(sorted(name_of(part) for part in value))
        case _:
            return str(value)


class Item(Shape):
    """Something of the till that needs an account, with the money that waits for it.

    `narrow` is the register of a payment method and the rate of an article group, else empty.
    """

    named_by = ("dimension", "key", "narrow")

    dimension: Dimension
    key: str
    narrow: str = ""
    name: str = ""
    amount_ore: int | None = None


class AccountUse(Shape):
    """An account number and the items that are booked on it."""

    named_by = ("number",)

    number: int
    items: tuple[Item, ...] = ()


class FinancialYear(Shape):
    """A financial year of the company, which need not be a calendar year."""

    named_by = ("label",)

    label: str
    from_date: date | None = None
    to_date: date | None = None


class TillRegister(Shape):
    """A register of the till."""

    named_by = ("register_id",)

    register_id: str
    name: str = ""


class CloseRevision(Shape):
    """A day close of a session, or one of its corrections."""

    named_by = ("session_id", "revision")

    session_id: str
    revision: int


class Difference(Shape):
    """Where a Z report and the transactions received disagree."""

    named_by = ("of",)

    of: str
    name: str = ""
    till_ore: int
    ledger_ore: int


class BookedAs(Shape):
    """Where a voucher stands in Fortnox; numbers start again each year."""

    named_by = ("series", "number", "financial_year")

    series: str
    number: int
    financial_year: FinancialYear


class RowChange(Shape):
    """An account, on a cost centre, whose rows are not those sent; the sums are debit less credit, in öre.

    The sums are the same where a row was only split, or debit and credit both grew.
    """

    named_by = ("account", "cost_center")

    account: int
    cost_center: str = ""
    ours_ore: int
    theirs_ore: int


class Company(Shape):
    """A company as Fortnox presents it."""

    named_by = ("tenant_id", "organisation_number")

    name: str
    organisation_number: str = ""
    tenant_id: int | None = None


class Sent(Shape):
    """What went to Fortnox once a fault was healed: vouchers, their days and sum, and how many follow."""

    vouchers: int = 0
    dates: tuple[date, ...] = ()
    amount_ore: int = 0
    on_their_way: int = 0
