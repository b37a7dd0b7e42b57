"""Bodies of the pick lists: what Fortnox has, when it was read, and why something can't be chosen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fortnox_sync.fault.model import Fault
from fortnox_sync.fortnox import Account, CostCenter, FinancialYear, VoucherSeries
from fortnox_sync.mapping.look_up import Found
from fortnox_sync.mapping.pick_lists import Entry, WhyNot
from fortnox_sync.mapping.refusal import told
from fortnox_sync.mapping.words import WHY_NOT
from fortnox_sync.web.language import Language


class WhyNotOut(BaseModel):
    """Why something can't be chosen."""

    code: WhyNot = Field(description="Why, for programs.")
    text: str = Field(description="Why, in the reader's language.")


class Choosable(BaseModel):
    """Something to choose among."""

    can_be_chosen: bool = Field(description="Whether it may be chosen.")
    why_not: WhyNotOut | None = Field(description="Null for what can be chosen.")


class YearOut(BaseModel):
    """A financial year; it need not be a calendar year."""

    financial_year_id: int = Field(description="Fortnox's own counter, not the calendar year.")
    label: str = Field(examples=["2026", "2025/2026"])
    from_on: date = Field(description="Its first day.")
    to_on: date = Field(description="Its last day.")


class TroubleOut(BaseModel):
    """Why Fortnox could not be asked anew, so that the list is older than it should be."""

    code: str = Field(description="As the codes of faults.")
    title: str = Field(description="A heading, in the reader's language.")
    detail: str = Field(description="What to do, in the reader's language.")


class Listed(BaseModel):
    """What every list tells of itself."""

    read_at: datetime = Field(description="When it was read from Fortnox, UTC.")
    trouble: TroubleOut | None = Field(
        description="Null for a list that was read within the hour, or just now with `refresh`."
    )


class SeriesOut(Choosable):
    """A voucher series."""

    code: str = Field(description="Its code, which is what is chosen.")
    description: str = Field(description="What Fortnox calls it.")
    manual: bool = Field(description="Whether it takes vouchers from an integration.")


class SeriesListOut(Listed):
    """The voucher series of a financial year."""

    financial_year: YearOut = Field(description="The year they belong to.")
    voucher_series: list[SeriesOut] = Field(description="Those that can be chosen first.")


class AccountOut(Choosable):
    """An account of the chart."""

    number: int = Field(description="BAS account number.")
    description: str = Field(description="What Fortnox calls it.")
    active: bool = Field(description="Whether it is switched on in Fortnox.")
    vat_code: str | None = Field(description="Fortnox's VAT code; null for none.")
    cost_center: Literal["ALLOWED", "MANDATORY", "NOTALLOWED"] = Field(
        description="What the account says about cost centres on its rows."
    )


class NewAccountIn(BaseModel):
    """An account to add to Fortnox's chart."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1000, le=9999, strict=True, examples=[1688])
    description: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        examples=["Fordran kortinlösen, kassa 2"],
    )
    day: date | None = Field(
        default=None,
        alias="date",
        description="A business day: its financial year gets the account. Without it the day booked next.",
    )


class NewAccountOut(BaseModel):
    """The account as Fortnox has it now."""

    financial_year: YearOut = Field(description="The year that has it now.")
    account: AccountOut = Field(description="The account.")


class AccountsOut(Listed):
    """The chart of accounts of a financial year."""

    financial_year: YearOut = Field(description="The year of the chart.")
    total: int = Field(description="How many there are, should the list be limited.")
    accounts: list[AccountOut] = Field(description="Those that can be chosen first.")


class FortnoxCostCenterOut(Choosable):
    """A cost centre as Fortnox has it."""

    code: str = Field(description="Its code, which is what is chosen.")
    description: str = Field(description="What Fortnox calls it.")
    active: bool = Field(description="Whether it is switched on in Fortnox.")


class FortnoxCostCentersOut(Listed):
    """Fortnox's cost centres, which belong to no year."""

    cost_centers: list[FortnoxCostCenterOut] = Field(description="Those that can be chosen first.")


class ChoosableYearOut(YearOut, Choosable):
    """A financial year to start in."""


class YearsOut(Listed):
    """The financial years, newest first."""

    locked_until: date | None = Field(description="Up to and including which day the books are locked.")
    financial_years: list[ChoosableYearOut] = Field(description="Newest first.")


def _why_not(why_not: WhyNot | None, language: Language) -> dict[str, object]:
    told_why = WhyNotOut(code=why_not, text=WHY_NOT[why_not][language]) if why_not else None
    return {"can_be_chosen": why_not is None, "why_not": told_why}


def trouble_out(fault: Fault | None, language: Language) -> TroubleOut | None:
    """Say why a list could not be read anew."""
    if fault is None:
        return None
    heading, detail = told(fault, language)
    return TroubleOut(code=fault.code, title=heading, detail=detail)


def listed(found: Found, language: Language) -> dict[str, object]:
    """Say when a list was read, and why not later."""
    return {"read_at": found.kept.fetched_at, "trouble": trouble_out(found.fault, language)}


def _year(year: FinancialYear) -> dict[str, object]:
    first, last = year.from_on.year, year.to_on.year
    return {
        "financial_year_id": year.id,
        "label": str(first) if first == last else f"{first}/{last}",
        "from_on": year.from_on,
        "to_on": year.to_on,
    }


def year_out(year: FinancialYear | None) -> YearOut | None:
    """Tell a financial year, if any was found."""
    return None if year is None else YearOut.model_validate(_year(year))


def choosable_year_out(entry: Entry[FinancialYear], language: Language) -> ChoosableYearOut:
    """Tell a financial year and whether it can be started in."""
    return ChoosableYearOut.model_validate(_year(entry.what) | _why_not(entry.why_not, language))


def series_out(entry: Entry[VoucherSeries], language: Language) -> SeriesOut:
    """Tell a voucher series."""
    one = entry.what
    said = {"code": one.code, "description": one.description, "manual": one.manual}
    return SeriesOut.model_validate(said | _why_not(entry.why_not, language))


def account_out(entry: Entry[Account], language: Language) -> AccountOut:
    """Tell an account."""
    one = entry.what
    said = {
        "number": one.number,
        "description": one.description,
        "active": one.active,
        "vat_code": one.vat_code,
        "cost_center": one.cost_center_setting,
    }
    return AccountOut.model_validate(said | _why_not(entry.why_not, language))


def cost_center_out(entry: Entry[CostCenter], language: Language) -> FortnoxCostCenterOut:
    """Tell a cost centre."""
    one = entry.what
    said = {"code": one.code, "description": one.description, "active": one.active}
    return FortnoxCostCenterOut.model_validate(said | _why_not(entry.why_not, language))
