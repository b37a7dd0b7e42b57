"""Bodies of the statement; amounts are öre."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from fortnox_sync.export.schemas.days import GrossOut, StateSumOut, gross_out, state_sums
from fortnox_sync.export.statement import Statement, VoucherKind


class _Told(BaseModel):
    """A body that reads off the value it tells."""

    model_config = ConfigDict(from_attributes=True)


class StatementCompanyOut(_Told):
    """The merchant, as the till names it."""

    company_id: str
    name: str | None
    organisation_number: str | None


class BooksOut(_Told):
    """The Fortnox company that was booked in."""

    number: int = Field(description="Fortnox's database number.")
    name: str
    organisation_number: str


class AccountSumOut(_Told):
    """An account's sums over the rows of the booked vouchers of the period."""

    number: int
    name: str | None = Field(description="As Fortnox's chart of accounts had it last.")
    debit: int
    credit: int
    net: int = Field(description="Debit less credit.")


class VatSumOut(_Told):
    """Sales at one VAT rate: by the till, and in the booked vouchers. Nothing is computed from the rate."""

    vat_rate: str
    till_gross: int
    till_net: int
    till_vat: int
    booked_net: int
    booked_vat: int


class GapOut(_Told):
    """Missing Z numbers, both ends included."""

    first: int
    last: int


class ZNumbersOut(_Told):
    """The Z numbers of a register."""

    register_id: str
    register_name: str | None
    follows: int | None = Field(description="The highest Z number before the period.")
    first: int | None
    last: int | None
    reports: int
    open: int = Field(description="Sessions without a Z report.")
    gaps: list[GapOut]
    repeated: list[int] = Field(description="Z numbers that more than one session has.")


class EnteredOut(_Told):
    """A booked voucher."""

    voucher_id: str
    series: str
    number: int
    financial_year: int = Field(description="Fortnox's id of the year.")
    transaction_date: date
    text: str
    amount: int = Field(description="The sum of either side.")
    session_id: str
    register_id: str
    z_number: int | None
    kind: VoucherKind
    reverses: str | None = Field(description="The voucher that this one is the mirror of.")
    booked_at: datetime
    verified_at: datetime | None = Field(description="When it was read back and found equal.")
    gone_at: datetime | None = Field(
        description="When it was found deleted in Fortnox; UTC. It is in no sum then."
    )
    faults: list[str] = Field(description="Codes of open faults: Fortnox holds something else now.")


class ProofOut(GrossOut):
    """The till beside the books."""

    vouchers: int
    verified: int = Field(description="Read back from Fortnox and found equal, with no open fault.")
    debit: int
    credit: int


class StatementOut(BaseModel):
    """The statement of a period."""

    from_on: date
    to_on: date
    made_at: datetime
    company: StatementCompanyOut
    fortnox_company: BooksOut | None
    proof: ProofOut
    unbooked: list[StateSumOut]
    accounts: list[AccountSumOut]
    vat: list[VatSumOut]
    z_numbers: list[ZNumbersOut]
    vouchers: list[EnteredOut]


def statement_out(drawn: Statement) -> StatementOut:
    """Tell a statement."""
    return StatementOut(
        from_on=drawn.period.from_on,
        to_on=drawn.period.to_on,
        made_at=drawn.made_at,
        company=StatementCompanyOut.model_validate(drawn.company),
        fortnox_company=BooksOut.model_validate(drawn.books) if drawn.books else None,
        proof=ProofOut(
            vouchers=len(drawn.vouchers),
            verified=drawn.verified,
            debit=drawn.debit,
            credit=drawn.credit,
            **gross_out(drawn.gross),
        ),
        unbooked=state_sums(drawn.unbooked),
        accounts=[AccountSumOut.model_validate(one) for one in drawn.accounts],
        vat=[VatSumOut.model_validate(one) for one in drawn.vat],
        z_numbers=[ZNumbersOut.model_validate(one) for one in drawn.z_numbers],
        vouchers=[EnteredOut.model_validate(one) for one in drawn.vouchers],
    )
