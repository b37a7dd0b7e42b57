"""Bodies of the voucher calls; amounts are öre."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fortnox_sync.accounting.till import TransactionKind
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.behind import Behind, Share
from fortnox_sync.export.listing import Listed
from fortnox_sync.export.state import AttemptOutcome, State
from fortnox_sync.fault.model import FaultCode
from fortnox_sync.fault.repository import HeldBy


class RowOut(BaseModel):
    """A voucher row; `of` says what it is the sum of."""

    account: int = Field(description="BAS account number.")
    cost_center: str | None = Field(description="Code in Fortnox; null for none.")
    debit: int = Field(description="Öre; 0 on a credit row.")
    credit: int = Field(description="Öre; 0 on a debit row.")
    of: str = Field(
        description="What it is the sum of: `payment:card`, `sales:food:12`, `vat:12`, `event:tip`."
    )
    text: str = Field(description="Its text in Fortnox.")


class BookingOut(BaseModel):
    """Where a voucher stands in Fortnox."""

    fortnox_company: int = Field(description="Fortnox's database number.")
    financial_year: int = Field(description="Fortnox's id of the year.")
    series: str = Field(description="Voucher series.")
    number: int = Field(description="Number in the series.")
    booked_at: datetime = Field(description="When Fortnox booked it, UTC.")
    verified_at: datetime | None = Field(
        description="When it was read back and found equal, UTC; null until then."
    )
    gone_at: datetime | None = Field(description="When it was found deleted in Fortnox, UTC.")


class VoucherOut(BaseModel):
    """A voucher as it was frozen, and its booking once it has one."""

    voucher_id: str = Field(description="Its id.")
    session_id: str = Field(description="The till's id of the session.")
    register_id: str = Field(description="The till's id of the register.")
    part: str = Field(
        description="Which part of the session: `takings`, `drawer`, `purchase:…`, `takings:2`, `reversal:…`,"
        " `copy:…`."
    )
    state: State = Field(description="Where it stands.")
    export_id: str | None = Field(description="The export that made it.")
    reverses: str | None = Field(description="The voucher it is the mirror of.")
    reversed_by: str | None = Field(description="Its mirror, if it was reversed.")
    series: str = Field(description="The series it is for.")
    transaction_date: date = Field(description="The business day it is booked on.")
    description: str = Field(description="Its text in Fortnox, which ends in the marker.")
    marker: str = Field(description="By this it is found again in Fortnox.")
    rows: list[RowOut] = Field(description="Its rows; debit and credit are equal.")
    booking: BookingOut | None = Field(description="Where it stands in Fortnox; null until it is booked.")


class VouchersOut(BaseModel):
    """A page of vouchers, oldest date first."""

    vouchers: list[VoucherOut] = Field(description="Oldest date first.")
    next_cursor: str | None = Field(description="Send as `cursor` for the next page; null on the last.")


class ReversalsOut(BaseModel):
    """The mirrors that are booked now, one for each voucher in Fortnox that is turned round."""

    vouchers: list[VoucherOut] = Field(description="The mirrors.")


class TryOut(BaseModel):
    """One try at booking a voucher."""

    no: int = Field(description="1 for the first.")
    outcome: AttemptOutcome = Field(description="How it ended.")
    series: str = Field(description="The series it was sent to.")
    financial_year: int = Field(description="Fortnox's id of the year it was sent to.")
    started_at: datetime = Field(description="When it was sent, UTC.")
    ended_at: datetime | None = Field(description="When its outcome was known, UTC; null until then.")
    evidence: dict[str, Any] | None = Field(description="What was seen: the number, or the kind of error.")


class HeldByOut(BaseModel):
    """An open fault by name; `GET …/faults` tells it in full."""

    fault_id: str = Field(description="Its id.")
    code: FaultCode = Field(description="What kind of fault.")


class VoucherDetailOut(VoucherOut):
    """A voucher with every try at booking it, and what it waits for."""

    tries: list[TryOut] = Field(description="Oldest first.")
    waits_for: list[HeldByOut] = Field(
        description="The open faults that hold it up, or say that Fortnox holds something else; oldest first."
    )


Why = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(description="Why, in a person's words; kept in the audit log."),
]


class ReversalIn(BaseModel):
    """Why a voucher is reversed; it stands in the mirror's text and in the audit log."""

    model_config = ConfigDict(extra="forbid")

    reason: Why


class WhyIn(BaseModel):
    """Why something is done in the books; it stands in the audit log."""

    model_config = ConfigDict(extra="forbid")

    reason: Why


class AdoptIn(BaseModel):
    """The voucher is booked: under this number in Fortnox, in the series it was sent to or the one named."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["adopt"]
    number: Annotated[int, Field(ge=1, strict=True, description="As it stands in Fortnox.", examples=[118])]
    series: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-zÅÄÖåäö]{1,10}$")] | None = Field(
        default=None, description="As it stands in Fortnox, if it is another than it was sent to."
    )
    reason: Why


class SendAgainIn(BaseModel):
    """The voucher is not booked, and shall be sent again."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["send_again"]
    reason: Why


class DismissIn(BaseModel):
    """The voucher is put aside: it is never sent, and its sales are booked in no other."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["dismiss"]
    reason: Why


DecisionIn = Annotated[AdoptIn | SendAgainIn | DismissIn, Field(discriminator="decision")]


class ShareOut(BaseModel):
    """A transaction's part of a row."""

    transaction_id: str = Field(description="The till's id of the transaction.")
    receipt_number: int | None = Field(description="Null where it has none.")
    occurred_at: datetime = Field(description="When it happened, UTC.")
    kind: TransactionKind = Field(description="What it is to the till.")
    text: str | None = Field(description="What the till wrote on it.")
    debit: int = Field(description="Öre; negative for a credit.")


class BehindOut(BaseModel):
    """A page of the transactions behind a row."""

    row: RowOut = Field(description="The row.")
    transactions: list[ShareOut] = Field(description="The transactions, in the order of their ids.")
    exact: bool = Field(
        description="All pages add up to the row to the öre. False only where one sum was divided over "
        "several accounts and an account was chosen otherwise since."
    )
    next_cursor: str | None = Field(description="Send as `cursor` for the next page; null on the last.")


def row_out(row: VoucherRow) -> RowOut:
    """Tell a row."""
    return RowOut(
        account=row.account,
        cost_center=row.cost_center,
        debit=row.debit.ore,
        credit=row.credit.ore,
        of=row.of,
        text=row.text,
    )


def voucher_out(found: Listed) -> VoucherOut:
    """Tell a voucher."""
    return VoucherOut(**_said(found))


def detail_out(found: Listed, tries: Sequence[Any], held_by: Sequence[HeldBy]) -> VoucherDetailOut:
    """Tell a voucher with its tries and what it waits for."""
    told = [
        TryOut(
            no=one.no,
            outcome=one.outcome,
            series=one.series,
            financial_year=one.financial_year,
            started_at=one.started_at,
            ended_at=one.ended_at,
            evidence=one.evidence,
        )
        for one in tries
    ]
    waits_for = [HeldByOut(fault_id=one.fault_id, code=one.code) for one in held_by]
    return VoucherDetailOut(**_said(found), tries=told, waits_for=waits_for)


def _said(found: Listed) -> dict[str, Any]:
    stored, payload = found.voucher, found.voucher.payload
    return {
        "voucher_id": stored.voucher_id,
        "session_id": stored.origin,
        "register_id": stored.register_id,
        "part": stored.part,
        "state": stored.state,
        "export_id": stored.export_id,
        "reverses": stored.reverses,
        "reversed_by": found.reversed_by,
        "series": payload.series,
        "transaction_date": payload.transaction_date,
        "description": payload.description,
        "marker": payload.marker,
        "rows": [row_out(row) for row in payload.rows],
        "booking": _booking(found.booking) if found.booking is not None else None,
    }


def _booking(row: Any) -> BookingOut:  # noqa: ANN401 - a row of the table
    return BookingOut(
        fortnox_company=row.fortnox_company,
        financial_year=row.financial_year,
        series=row.series,
        number=row.number,
        booked_at=row.booked_at,
        verified_at=row.verified_at,
        gone_at=row.gone_at,
    )


def share_out(one: Share) -> ShareOut:
    """Tell a transaction's part of a row."""
    return ShareOut(
        transaction_id=one.transaction_id,
        receipt_number=one.receipt_number,
        occurred_at=one.occurred_at,
        kind=one.kind,
        text=one.text,
        debit=one.debit.ore,
    )


def behind_out(row: VoucherRow, found: Behind) -> BehindOut:
    """Tell what is behind a row."""
    return BehindOut(
        row=row_out(row),
        transactions=[share_out(one) for one in found.shares],
        exact=found.is_exact,
        next_cursor=found.next_after,
    )
