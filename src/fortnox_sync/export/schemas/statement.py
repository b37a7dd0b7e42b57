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

    company_id: str = Field(description="The till's id of the company.")
    name: str | None = Field(description="What the till calls it.")
    organisation_number: str | None = Field(description="As the till tells it.")


class BooksOut(_Told):
    """The Fortnox company that was booked in."""

    number: int = Field(description="Fortnox's database number.")
    name: str = Field(description="As Fortnox has it.")
    organisation_number: str = Field(description="As Fortnox has it.")


class AccountSumOut(_Told):
    """An account's sums over the rows of the booked vouchers of the period."""

    number: int = Field(description="BAS account number.")
    name: str | None = Field(description="As Fortnox's chart of accounts had it last.")
    debit: int = Field(description="Sum of its debit, öre.")
    credit: int = Field(description="Sum of its credit, öre.")
    net: int = Field(description="Debit less credit, öre.")


class VatSumOut(_Told):
    """Sales at one VAT rate: by the till, and in the booked vouchers. Nothing is computed from the rate."""

    vat_rate: str = Field(description="Percent as text, as the till has it.")
    till_gross: int = Field(description="Sales with VAT by the till, öre.")
    till_net: int = Field(description="Sales without VAT by the till, öre.")
    till_vat: int = Field(description="VAT by the till, öre.")
    booked_net: int = Field(description="Sales without VAT in booked vouchers, öre.")
    booked_vat: int = Field(description="VAT in booked vouchers, öre.")


class GapOut(_Told):
    """Missing Z numbers, both ends included."""

    first: int = Field(description="The first missing Z number.")
    last: int = Field(description="The last missing Z number.")


class ZNumbersOut(_Told):
    """The Z numbers of a register."""

    register_id: str = Field(description="The till's id of the register.")
    register_name: str | None = Field(description="What the till calls it.")
    follows: int | None = Field(description="The highest Z number before the period.")
    first: int | None = Field(description="The lowest Z number of the period.")
    last: int | None = Field(description="The highest Z number of the period.")
    reports: int = Field(description="Sessions with a Z report.")
    open: int = Field(description="Sessions without a Z report.")
    gaps: list[GapOut] = Field(description="Z numbers that are missing.")
    repeated: list[int] = Field(description="Z numbers that more than one session has.")


class EnteredOut(_Told):
    """A booked voucher."""

    voucher_id: str = Field(description="Its id.")
    series: str = Field(description="Voucher series.")
    number: int = Field(description="Number in the series.")
    financial_year: int = Field(description="Fortnox's id of the year.")
    transaction_date: date = Field(description="The business day it is booked on.")
    text: str = Field(description="Its text in Fortnox.")
    amount: int = Field(description="The sum of either side, öre.")
    session_id: str = Field(description="The till's id of the session.")
    register_id: str = Field(description="The till's id of the register.")
    z_number: int | None = Field(description="Null where the session is not closed.")
    kind: VoucherKind = Field(description="What it books.")
    reverses: str | None = Field(description="The voucher that this one is the mirror of.")
    booked_at: datetime = Field(description="When Fortnox booked it, UTC.")
    verified_at: datetime | None = Field(description="When it was read back and found equal, UTC.")
    gone_at: datetime | None = Field(
        description="When it was found deleted in Fortnox, UTC; it is in no sum then."
    )
    faults: list[str] = Field(description="Codes of open faults: Fortnox holds something else now.")


class ProofOut(GrossOut):
    """The till beside the books."""

    vouchers: int = Field(description="Booked vouchers of the period.")
    verified: int = Field(description="Read back from Fortnox and found equal, with no open fault.")
    debit: int = Field(description="Sum of their debit, öre.")
    credit: int = Field(description="Sum of their credit, öre; always the same.")


class StatementOut(BaseModel):
    """The statement of a period."""

    from_on: date = Field(description="The first business day.")
    to_on: date = Field(description="The last business day, included.")
    made_at: datetime = Field(description="When it was drawn up, UTC.")
    company: StatementCompanyOut = Field(description="The merchant.")
    fortnox_company: BooksOut | None = Field(
        description="The books; null for a company that was never linked."
    )
    proof: ProofOut = Field(description="The till beside the books.")
    unbooked: list[StateSumOut] = Field(description="What is not booked, by state.")
    accounts: list[AccountSumOut] = Field(description="Sums per account.")
    vat: list[VatSumOut] = Field(description="Sums per VAT rate.")
    z_numbers: list[ZNumbersOut] = Field(description="The Z numbers of each register.")
    vouchers: list[EnteredOut] = Field(description="The booked vouchers, oldest date first.")


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
