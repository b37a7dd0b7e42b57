"""Switches that make Fortnox misbehave a set number of times, for one company or for everybody."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# Carried out on the wire, whatever the call is.
WireFault = Literal[
    "throttle",
    "unauthorised",
    "refuse",
    "fail",
    "fail_after",
    "drop_request",
    "lose_answer",
    "cut_answer",
    "trickle",
    "delay",
]
# Carried out where a voucher that passed every check is booked.
BookingFault = Literal[
    "lose_answer_after_booking",
    "fail_after_booking",
    "never_book",
    "book_late",
    "book_twice",
]
HangUp = Literal["close", "reset", "silence"]

_BOOKING_FAULTS = frozenset(BookingFault.__args__)  # type: ignore[attr-defined]


class SwitchForm(BaseModel):
    """A switch as it is ordered; most settings matter to one or two switches only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    switch: WireFault | BookingFault
    times: int = Field(1, ge=1)
    operation: str = Field("", description='method and path with wildcards, like "GET /3/vouchers*"')
    how: HangUp = Field("close", description="how an unanswered connection ends")
    status: int = Field(503, ge=200, le=599, description="fail, fail_after, refuse")
    body: Literal["html", "json", "empty"] = Field("html", description="fail, fail_after")
    code: int = Field(1000003, description="refuse")
    message: str = Field("Systemfel", description="refuse")
    after_seconds: float = Field(5, ge=0, description="book_late, delay")
    after_bytes: int = Field(20, ge=0, description="cut_answer: bytes of the body that get through")
    step_bytes: int = Field(1, ge=1, description="trickle")
    every_seconds: float = Field(1, ge=0, description="trickle")
    answer: Literal["first", "last"] = Field("last", description="book_twice: whose number is answered")

    @property
    def is_booking_fault(self) -> bool:
        """Tell whether the switch waits for a voucher to be booked."""
        return self.switch in _BOOKING_FAULTS


@dataclass(slots=True)
class Switch:
    """A switch that is on."""

    id: int
    tenant: int | None
    form: SwitchForm
    times_left: int

    def fits(self, tenant: int | None, operation: str) -> bool:
        """Tell whether a call is one this switch is for."""
        return (self.tenant is None or self.tenant == tenant) and fnmatchcase(
            operation, self.form.operation or "* /3/*"
        )


class Switchboard:
    """The switches that are on, oldest first."""

    def __init__(self) -> None:
        self._switches: list[Switch] = []
        self._made = 0

    def turn_on(self, form: SwitchForm, tenant: int | None) -> Switch:
        """Add a switch behind those already on."""
        self._made += 1
        switch = Switch(self._made, tenant, form, form.times)
        self._switches.append(switch)
        return switch

    def turn_off(self, about: Callable[[Switch], bool]) -> None:
        """Remove switches before their time."""
        self._switches = [switch for switch in self._switches if not about(switch)]

    def on(self, tenant: int | None) -> list[Switch]:
        """List a company's switches, or those for everybody."""
        return [switch for switch in self._switches if switch.tenant == tenant]

    def take(self, tenant: int | None, operation: str, *, booking: bool) -> SwitchForm | None:
        """Use up one time of the oldest switch that fits."""
        for switch in self._switches:
            if switch.form.is_booking_fault == booking and switch.fits(tenant, operation):
                switch.times_left -= 1
                self._switches = [one for one in self._switches if one.times_left]
                return switch.form
        return None
