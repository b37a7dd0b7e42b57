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

    till_gross: int = Field(
        description="By the Z report once there is one, else by the receipts received; öre."
    )
    ledger_gross: int = Field(description="By the receipts received, öre.")
    booked_gross: int = Field(description="Of receipts in booked vouchers, öre; a reversed one holds none.")
    difference: int = Field(description="`till_gross` less `booked_gross`, öre.")


class CountsOut(_Told):
    """Transactions of every kind."""

    reported: int | None = Field(description="By the Z report.")
    received: int = Field(description="Came from the till.")
    claimed: int = Field(description="In a voucher, booked or not.")
    booked: int = Field(description="In a booked voucher.")


class DayVoucherOut(_Told):
    """A voucher of a session; number, year and moments once Fortnox booked it."""

    voucher_id: str = Field(description="Its id.")
    part: str = Field(description="`takings`, `drawer`, `purchase:…`, `takings:2`, `reversal:…`, `copy:…`")
    state: State = Field(description="Where it stands.")
    series: str = Field(description="Voucher series.")
    number: int | None = Field(description="Number in the series; null until it is booked.")
    financial_year: int | None = Field(description="Fortnox's id of the year.")
    booked_at: datetime | None = Field(description="When Fortnox booked it, UTC.")
    verified_at: datetime | None = Field(description="When it was read back and found equal, UTC.")
    reverses: str | None = Field(description="The voucher that this one is the mirror of.")
    reversed_by: str | None = Field(description="Its mirror, if it was reversed.")
    gone_at: datetime | None = Field(description="When it was found deleted in Fortnox, UTC.")
    paper: str | None = Field(description="The Z report or day report: `waiting`, `uploaded`, `connected`.")


class WarningOut(_Told):
    """Something odd that holds nothing up."""

    kind: str = Field(
        description="What is odd: `vat_off_rate`, `vat_total_off_rate`, `z_number_repeated` or "
        "`z_number_out_of_order`."
    )
    subject: str = Field(description="What tells it from others of its kind.")
    facts: dict[str, Any] = Field(description="Its facts, by kind.")
    seen_at: datetime = Field(description="When it was first seen, UTC.")


class SessionOut(GrossOut):
    """A till session of the day: one register from opening to closing."""

    register_id: str = Field(description="The till's id of the register.")
    register_name: str | None = Field(description="What the till calls it.")
    session_id: str = Field(description="The till's id of the session.")
    z_number: int | None = Field(description="Null until it is closed.")
    revision: int | None = Field(description="Of the day close that counts.")
    closed_at: datetime | None = Field(description="When it was closed, UTC; null while it is open.")
    state: DayState = Field(description="How far it has come.")
    transactions: CountsOut = Field(description="How many, and where they are.")
    vouchers: list[DayVoucherOut] = Field(description="Its vouchers, oldest first.")
    warnings: list[WarningOut] = Field(description="What is odd about it.")
    faults: list[str] = Field(description="Codes of the open faults that it or its vouchers wait for.")


class DayOut(GrossOut):
    """A business date with its sums and sessions; days without a session are not made up."""

    business_date: date = Field(description="The business day.")
    sessions: list[SessionOut] = Field(description="Its till sessions.")


class StateSumOut(GrossOut):
    """The sessions of the period in one state."""

    state: DayState = Field(description="The state they are in.")
    sessions: int = Field(description="How many.")
    first_on: date = Field(description="The first business day among them.")
    last_on: date = Field(description="The last business day among them.")


class DaysOut(BaseModel):
    """The days of a period."""

    from_on: date = Field(description="The first business day.")
    to_on: date = Field(description="The last business day, included.")
    days: list[DayOut] = Field(description="Oldest first.")
    states: list[StateSumOut] = Field(description="Sums by state.")
    totals: GrossOut = Field(description="Sums of the period.")


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
