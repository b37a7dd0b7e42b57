"""Bodies of the call on the integration as a whole; amounts are öre."""

from datetime import date

from pydantic import BaseModel, Field

from fortnox_sync.connection.company import Status
from fortnox_sync.export.state import State
from fortnox_sync.fault.schemas import FaultOut
from fortnox_sync.mapping.schemas.mappings import SettingsOut


class StepOut(BaseModel):
    """One step of the setup."""

    name: str
    done: bool
    lacks: list[str]


class FortnoxCompanyOut(BaseModel):
    """The Fortnox company the integration is linked to."""

    number: int = Field(description="Fortnox's database number.")
    name: str
    organisation_number: str


class UnbookedOut(BaseModel):
    """What the till told that is not in Fortnox yet."""

    transactions: int = Field(description="Sales from the start date on that are in no voucher.")
    oldest_on: date | None
    sessions_to_plan: int
    vouchers: dict[State, int]
    unverified: int = Field(description="Booked, and not read back yet.")
    at_rest: bool = Field(description="Nothing moves before something changes.")


class IntegrationOut(BaseModel):
    """The integration of one company."""

    company_id: str
    name: str | None
    organisation_number: str | None
    status: Status
    steps: list[StepOut]
    fortnox_company: FortnoxCompanyOut | None
    settings: SettingsOut
    unbooked: UnbookedOut
    banner: FaultOut | None = Field(description="The most severe open fault.")
    faults: list[FaultOut]
