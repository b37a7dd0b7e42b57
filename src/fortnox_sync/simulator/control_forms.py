"""Bodies of the control API, in the words of the trade and amounts in öre."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fortnox_sync.simulator.books import Draft, VoucherRow
from fortnox_sync.simulator.registers import Dimension


class ControlForm(BaseModel):
    """A body in which a misspelled field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AppForm(ControlForm):
    """An app of the developer portal."""

    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1)
    name: str = "Kassasystemet"
    redirect_uris: tuple[str, ...] = Field(min_length=1)
    scopes: tuple[str, ...]
    allows_service_accounts: bool = True


class YearForm(ControlForm):
    """A financial year, opened with the standard chart and series or bare."""

    from_on: date
    to_on: date
    id: int | None = Field(None, ge=1)
    standard_accounts: bool = True
    standard_series: bool = True


class SeriesForm(ControlForm):
    """A voucher series."""

    code: str = Field(min_length=1, max_length=10)
    description: str = ""
    manual: bool = True


class AccountForm(ControlForm):
    """An account."""

    number: int = Field(ge=1000, le=9999)
    description: str = Field(min_length=1)
    active: bool = True
    cost_center_settings: Dimension = Dimension.ALLOWED
    project_settings: Dimension = Dimension.ALLOWED


class CostCenterForm(ControlForm):
    """A cost centre."""

    code: str = Field(min_length=1, max_length=6)
    description: str = Field(min_length=1)
    active: bool = True


class UserForm(ControlForm):
    """A person who can log in."""

    email: str
    password: str
    name: str = "Anna Andersson"
    sysadmin: bool = True


class CompanyForm(ControlForm):
    """A company; what is left out becomes this calendar year, the standard chart and one administrator."""

    name: str
    organisation_number: str = "556677-8899"
    database_number: int | None = Field(None, ge=1)
    financial_years: tuple[YearForm, ...] = ()
    series: tuple[SeriesForm, ...] = ()
    accounts: tuple[AccountForm, ...] = ()
    cost_centers: tuple[CostCenterForm, ...] = ()
    licences: frozenset[str] = frozenset({"bookkeeping", "integration"})
    users: tuple[UserForm, ...] = (UserForm(email="anna@example.test", password="fortnox"),)  # noqa: S106


class CompanyChange(ControlForm):
    """What may change on a company."""

    name: str | None = None
    organisation_number: str | None = None
    licences: frozenset[str] | None = None
    preselected_year: int | None = None


class SeriesChange(ControlForm):
    """What a person may change on a series."""

    description: str | None = None
    manual: bool | None = None


class AccountChange(ControlForm):
    """What a person may change on an account."""

    description: str | None = None
    active: bool | None = None
    cost_center_settings: Dimension | None = None
    project_settings: Dimension | None = None


class CostCenterChange(ControlForm):
    """What a person may change on a cost centre."""

    description: str | None = None
    active: bool | None = None


class LockForm(ControlForm):
    """A locked period; no end date unlocks it. An automatic lock does not show in the API."""

    end_on: date | None
    by: str = "Anna Andersson"
    automatic: bool = False


class ClockForm(ControlForm):
    """Move the time: by so many seconds, or to a moment."""

    advance_seconds: float | None = None
    now: datetime | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> "ClockForm":
        if (self.advance_seconds is None) == (self.now is None):
            raise ValueError("give advance_seconds or now")
        if self.now is not None and self.now.tzinfo is None:
            raise ValueError("now needs an offset from UTC")
        return self


class ConsentForm(ControlForm):
    """A consent given without a browser."""

    client_id: str
    scopes: tuple[str, ...] = ()
    service: bool = True
    email: str = "anna@example.test"


class ExpiryForm(ControlForm):
    """Which tokens end now."""

    client_id: str | None = None
    access: bool = True
    refresh: bool = False


class RowForm(ControlForm):
    """A row of a voucher a person makes; amounts in öre."""

    account: int
    debit: int = 0
    credit: int = 0
    cost_center: str = ""
    transaction_information: str = ""

    def row(self) -> VoucherRow:
        """Make the row."""
        return VoucherRow(**self.model_dump())


class HandMadeVoucher(ControlForm):
    """A voucher a person makes in the user interface; nothing but its year is checked."""

    series: str = "A"
    transaction_date: date
    description: str
    comments: str = ""
    rows: tuple[RowForm, ...]

    def draft(self) -> Draft:
        """Make the draft."""
        return Draft(
            series=self.series,
            transaction_date=self.transaction_date,
            description=self.description,
            comments=self.comments,
            rows=tuple(row.row() for row in self.rows),
        )


class VoucherEdit(ControlForm):
    """What a person may change on a booked voucher."""

    transaction_date: date | None = None
    description: str | None = None
    comments: str | None = None
    rows: tuple[RowForm, ...] | None = None


class StrikeForm(ControlForm):
    """Which rows a person strikes out, counted from 0."""

    rows: frozenset[int]
