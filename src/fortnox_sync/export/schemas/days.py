"""Bodies of the days at a glance; amounts are öre."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fortnox_sync.export.day_state import DayState
from fortnox_sync.export.days import Day, Gross, by_state, total
from fortnox_sync.export.period import Period
from fortnox_sync.export.state import State


class _Told(BaseModel):
    """A body that reads off the value it tells."""

    model_config = ConfigDict(from_attributes=True)


class GrossOut(BaseModel):
    """What customers paid: sales with VAT, gift cards sold, tips and rounding, less refunds."""

    till_gross: int = Field(description="By the Z report once there is one, else by the receipts received.")
    ledger_gross: int = Field(description="By the receipts received.")
    booked_gross: int = Field(description="Of receipts in booked vouchers; a reversed one holds none.")
    difference: int = Field(description="`till_gross` less `booked_gross`.")


class CountsOut(_Told):
    """Transactions of every kind."""

    reported: int | None = Field(description="By the Z report.")
    received: int
    claimed: int = Field(description="In a voucher, booked or not.")
    booked: int


class DayVoucherOut(_Told):
    """A voucher of a session; number, year and moments once Fortnox booked it."""

    voucher_id: str
    part: str = Field(description="`takings`, `drawer`, `purchase:…`, `takings:2`, `reversal:…`, `copy:…`")
    state: State
    series: str
    number: int | None
    financial_year: int | None = Field(description="Fortnox's id of the year.")
    booked_at: datetime | None
    verified_at: datetime | None = Field(description="When it was read back and found equal.")
    reverses: str | None = Field(description="The voucher that this one is the mirror of.")
    reversed_by: str | None
    gone_at: datetime | None = Field(description="When it was found deleted in Fortnox; UTC.")
    paper: str | None = Field(description="The Z report or day report: `waiting`, `uploaded`, `connected`.")


class WarningOut(_Told):
    """Something odd that holds nothing up."""

    kind: str
    subject: str
    facts: dict[str, Any]
    seen_at: datetime


class SessionOut(GrossOut):
    """A till session of the day: one register from opening to closing."""

    register_id: str
    register_name: str | None
    session_id: str
    z_number: int | None = Field(description="Null until it is closed.")
    revision: int | None = Field(description="Of the day close that counts.")
    closed_at: datetime | None
    state: DayState
    transactions: CountsOut
    vouchers: list[DayVoucherOut]
    warnings: list[WarningOut]
    faults: list[str] = Field(description="Codes of the open faults that it or its vouchers wait for.")


class DayOut(GrossOut):
    """A business date with its sums and sessions; days without a session are not made up."""

    business_date: date
    sessions: list[SessionOut]


class StateSumOut(GrossOut):
    """The sessions of the period in one state."""

    state: DayState
    sessions: int
    first_on: date
    last_on: date


class DaysOut(BaseModel):
    """The days of a period."""

    from_on: date
    to_on: date
    days: list[DayOut]
    states: list[StateSumOut]
    totals: GrossOut


def days_out(period: Period, days: Iterable[Day]) -> DaysOut:
    """Tell the days of a period, oldest first."""
    listed = tuple(days)
    return DaysOut(
        from_on=period.from_on,
        to_on=period.to_on,
        days=[
            _day(on, tuple(sessions)) for on, sessions in groupby(listed, key=lambda one: one.business_date)
        ],
        states=state_sums(listed),
        totals=GrossOut(**gross_out(total(listed))),
    )


def state_sums(days: Iterable[Day]) -> list[StateSumOut]:
    """Sum sessions by their state."""
    return [
        StateSumOut(
            state=state,
            sessions=len(some),
            first_on=min(one.business_date for one in some),
            last_on=max(one.business_date for one in some),
            **gross_out(total(some)),
        )
        for state, some in by_state(days).items()
    ]


def gross_out(gross: Gross) -> dict[str, int]:
    """Spell a gross as its body does."""
    return {
        "till_gross": gross.till,
        "ledger_gross": gross.ledger,
        "booked_gross": gross.booked,
        "difference": gross.difference,
    }


def _day(on: date, sessions: tuple[Day, ...]) -> DayOut:
    return DayOut(
        business_date=on, sessions=[_session(one) for one in sessions], **gross_out(total(sessions))
    )


def _session(day: Day) -> SessionOut:
    return SessionOut(
        register_id=day.register_id,
        register_name=day.register_name,
        session_id=day.session_id,
        z_number=day.z_number,
        revision=day.revision,
        closed_at=day.closed_at,
        state=day.state,
        transactions=CountsOut.model_validate(day.transactions),
        vouchers=[DayVoucherOut.model_validate(one) for one in day.vouchers],
        warnings=[WarningOut.model_validate(one) for one in day.warnings],
        faults=list(day.faults),
        **gross_out(day.gross),
    )
