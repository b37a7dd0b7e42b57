"""Bodies of the mapping and settings calls."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fortnox_sync.accounting.account_map import AccountRole, Dimension
from fortnox_sync.accounting.vat import VatRate

Account = Annotated[int, Field(ge=1000, le=9999, description="A BAS account number.", examples=[1686])]
Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Body(BaseModel):
    """A request body: strict, and nothing in it that we would ignore."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Narrow(Body):
    """What narrows a mapping: the register of a payment method, or the rate of an article group."""

    register_id: Annotated[Key | None, Field(description="The register of a payment method.")] = None
    vat_rate: Annotated[
        Annotated[str, Field(max_length=8)] | None,
        Field(description="The rate of an article group, percent as text."),
    ] = None


class MappingIn(Body):
    """An account for one of the till's items."""

    dimension: Literal["payment_method", "vat_rate", "article_group", "event"] = Field(
        description="What kind of thing it is to the till."
    )
    key: Key = Field(description="The till's id of it, or the rate.")
    narrow: Narrow | None = Field(
        default=None, description="What narrows it; null for every register and rate."
    )
    account: Account

    @model_validator(mode="after")
    def _is_a_role(self) -> "MappingIn":
        self.role  # noqa: B018 - raises where the narrower key does not fit
        return self

    @property
    def role(self) -> AccountRole:
        """Return the role this mapping chooses an account for."""
        narrow = self.narrow or Narrow()
        return role_of(Dimension(self.dimension), self.key, narrow.register_id, narrow.vat_rate)


class MappingsIn(Body):
    """Many mappings at once: all are taken, or none."""

    mappings: Annotated[
        list[MappingIn],
        Field(min_length=1, max_length=2000, description="All of them are taken, or none."),
    ]


class AccountIn(Body):
    """The account chosen."""

    account: Account


class MappingOut(BaseModel):
    """One of the till's items and the account it has, if any."""

    dimension: Literal["payment_method", "vat_rate", "article_group", "event"] = Field(
        description="What kind of thing it is to the till."
    )
    key: str = Field(description="The till's id of it, or the rate.")
    narrow: Narrow | None = Field(
        default=None, description="What narrows it; null for every register and rate."
    )
    name: str | None = Field(default=None, description="What the till calls it.")
    account: int | None = Field(default=None, description="BAS account number; null while it is unmapped.")
    state: Literal["mapped", "unmapped", "account_missing", "account_inactive"] = Field(
        description="Whether it has an account, and one that can be booked on: as the chart was last read."
    )


class MappingsOut(BaseModel):
    """Every item the till knows and every choice made."""

    mappings: list[MappingOut] = Field(description="By dimension and key.")


class CodeIn(Body):
    """The code a cost centre has in Fortnox; null for none."""

    code: Annotated[str, Field(min_length=1, max_length=6, pattern=r"^[0-9A-Za-zÅÄÖåäö_+\-]+$")] | None = (
        Field(description="As Fortnox has it; null for none.", examples=["100"])
    )


class CostCenterOut(BaseModel):
    """One of the till's cost centres and its code in Fortnox."""

    cost_center_id: str = Field(description="The till's id of it.")
    name: str | None = Field(default=None, description="What the till calls it.")
    code: str | None = Field(default=None, description="Its code in Fortnox; null for none.")


class CostCentersOut(BaseModel):
    """The till's cost centres."""

    cost_centers: list[CostCenterOut] = Field(description="By id.")


def iso_date(said: object) -> date:
    """Read a date as it is written; pydantic would also take seconds since 1970."""
    if not isinstance(said, str) or len(said) != len("2026-10-01"):
        raise ValueError("write the date as YYYY-MM-DD")
    return date.fromisoformat(said)


class SettingsIn(Body):
    """Settings to change; what is left out stays."""

    # JSON has no dates of its own: the one field that is read from text, and from text alone.
    start_on: Annotated[date, Field(strict=False), BeforeValidator(iso_date)] | None = Field(
        default=None, description="The first business day to book.", examples=["2026-10-02"]
    )
    voucher_series: (
        Annotated[str, Field(min_length=1, max_length=10, pattern=r"^[0-9A-Za-zÅÄÖåäö]+$")] | None
    ) = Field(default=None, description="The series to book in.", examples=["F"])
    language: Literal["sv", "en"] | None = Field(default=None, description="Of the texts in the books.")
    setup_completed: Annotated[
        bool | None, Field(description="True finishes the setup though some items have no account yet.")
    ] = None


class SettingsOut(BaseModel):
    """The settings as they stand."""

    start_on: date | None = Field(
        description="The first business day that is booked; null until it is chosen."
    )
    voucher_series: str | None = Field(description="The series to book in; null until it is chosen.")
    language: str = Field(description="Of the texts in the books: `sv` or `en`.")
    setup_completed: bool = Field(description="Whether the setup is finished.")


def role_of(dimension: Dimension, key: str, register_id: str | None, vat_rate: str | None) -> AccountRole:
    """Build a role; ValueError where a narrower key does not belong to the dimension."""
    if register_id is not None and dimension is not Dimension.PAYMENT_METHOD:
        raise ValueError("register_id narrows payment methods only")
    if vat_rate is not None and dimension is not Dimension.ARTICLE_GROUP:
        raise ValueError("vat_rate narrows article groups only")
    narrow = VatRate.parse(vat_rate).key if vat_rate is not None else register_id or ""
    return AccountRole(dimension, VatRate.parse(key).key if dimension is Dimension.VAT_RATE else key, narrow)


def narrow_of(role: AccountRole) -> Narrow | None:
    """Tell what narrows a role, if anything does."""
    field = "register_id" if role.dimension is Dimension.PAYMENT_METHOD else "vat_rate"
    return Narrow(**{field: role.narrow}) if role.narrow else None
