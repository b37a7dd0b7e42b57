"""The parts facts are made of: items, accounts, years, vouchers, as a person would point at them."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Dimension = Literal["payment_method", "vat_rate", "article_group", "event"]


class Shape(BaseModel):
    """A frozen, strictly typed value; `named_by` lists the fields that tell it from others of its kind."""

    # What is told always has all its fields: a reader's types need no guesses.
    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", json_schema_serialization_defaults_required=True
    )
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

    dimension: Dimension = Field(description="What kind of thing it is to the till.")
    key: str = Field(description="The till's id of it, or the rate as `12`.")
    narrow: str = Field(default="", description="Register of a payment method, rate of a group; else empty.")
    name: str = Field(default="", description="What the till calls it.")
    amount_ore: int | None = Field(default=None, description="The money that waits for it, öre.")
    suggested_account: int | None = Field(
        default=None, description="The account of the company's own chart to offer for it, if one fits."
    )


class AccountUse(Shape):
    """An account number and the items that are booked on it."""

    named_by = ("number",)

    number: int = Field(description="BAS account number.")
    items: tuple[Item, ...] = Field(default=(), description="What is booked on it.")


class FinancialYear(Shape):
    """A financial year of the company, which need not be a calendar year."""

    named_by = ("label",)

    label: str = Field(description="As Fortnox tells it: `2026` or `2025/2026`.")
    from_date: date | None = Field(default=None, description="Its first day.")
    to_date: date | None = Field(default=None, description="Its last day.")


class TillRegister(Shape):
    """A register of the till."""

    named_by = ("register_id",)

    register_id: str = Field(description="The till's id of the register.")
    name: str = Field(default="", description="What the till calls it.")


class CloseRevision(Shape):
    """A day close of a session, or one of its corrections."""

    named_by = ("session_id", "revision")

    session_id: str = Field(description="The session that was closed.")
    revision: int = Field(description="1 for the first close, more for a correction.")


class Difference(Shape):
    """Where a Z report and the transactions received disagree."""

    named_by = ("of",)

    of: str = Field(description="What is summed: `payment:card`, `sales:12`, `vat:12` or `event:tip`.")
    name: str = Field(default="", description="The same in words.")
    till_ore: int = Field(description="By the Z report, öre.")
    ledger_ore: int = Field(description="By the receipts received, öre.")


class BookedAs(Shape):
    """Where a voucher stands in Fortnox; numbers start again each year."""

    named_by = ("series", "number", "financial_year")

    series: str = Field(description="Voucher series.")
    number: int = Field(description="Number in the series.")
    financial_year: FinancialYear = Field(description="The year it counts in.")


class RowChange(Shape):
    """An account, on a cost centre, whose rows are not those sent; the sums are debit less credit, in öre.

    The sums are the same where a row was only split, or debit and credit both grew.
    """

    named_by = ("account", "cost_center")

    account: int = Field(description="BAS account number.")
    cost_center: str = Field(default="", description="Its code in Fortnox; empty for none.")
    ours_ore: int = Field(description="Debit less credit as it was sent, öre.")
    theirs_ore: int = Field(description="Debit less credit in Fortnox now, öre.")


class Company(Shape):
    """A company as Fortnox presents it."""

    named_by = ("tenant_id", "organisation_number")

    name: str = Field(description="As Fortnox has it.")
    organisation_number: str = Field(default="", description="With its hyphen, as `556677-8899`.")
    tenant_id: int | None = Field(default=None, description="Fortnox's database number.")


class Sent(Shape):
    """What went to Fortnox once a fault was healed: vouchers, their days and sum, and how many follow."""

    vouchers: int = 0
    dates: tuple[date, ...] = ()
    amount_ore: int = 0
    on_their_way: int = 0
