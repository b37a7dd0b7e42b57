"""Bodies of the call on the integration as a whole; amounts are öre."""

from datetime import date

from pydantic import BaseModel, Field

from fortnox_sync.connection.company import Status
from fortnox_sync.export.state import State
from fortnox_sync.fault.schemas import FaultOut
from fortnox_sync.mapping.schemas.mappings import SettingsOut


class StepOut(BaseModel):
    """One step of the setup."""

    name: str = Field(description="Which step.")
    done: bool = Field(description="Whether it lacks nothing.")
    lacks: list[str] = Field(description="What it still lacks: settings, or ids of items without an account.")


class FortnoxCompanyOut(BaseModel):
    """The Fortnox company the integration is linked to."""

    number: int = Field(description="Fortnox's database number.")
    name: str = Field(description="As Fortnox has it.")
    organisation_number: str = Field(description="As Fortnox has it.")


class UnbookedOut(BaseModel):
    """What the till told that is not in Fortnox yet."""

    transactions: int = Field(description="Sales from the start date on that are in no voucher.")
    oldest_on: date | None = Field(description="The oldest business day among them.")
    sessions_to_plan: int = Field(description="Till sessions that are about to become vouchers.")
    vouchers: dict[State, int] = Field(description="Vouchers on their way or waiting, counted by state.")
    unverified: int = Field(description="Booked, and not read back yet.")
    at_rest: bool = Field(description="Nothing moves before something changes.")


class IntegrationOut(BaseModel):
    """The integration of one company."""

    company_id: str = Field(description="The till's id of the company.")
    name: str | None = Field(description="What the till calls the company.")
    organisation_number: str | None = Field(description="As the till tells it.")
    status: Status = Field(description="How far the integration has come.")
    steps: list[StepOut] = Field(description="The steps of the setup, in order.")
    fortnox_company: FortnoxCompanyOut | None = Field(
        description="The linked Fortnox company; null until a consent was given."
    )
    settings: SettingsOut = Field(description="The settings as they stand.")
    unbooked: UnbookedOut = Field(description="What the till told that is not in Fortnox yet.")
    banner: FaultOut | None = Field(description="The most severe open fault.")
    faults: list[FaultOut] = Field(description="The open faults, oldest first.")
