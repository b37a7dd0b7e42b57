"""What each fault tells: the facts a person needs to understand it and to cure it."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from fortnox_sync.fault.parts import (
    AccountUse,
    BookedAs,
    CloseRevision,
    Company,
    Difference,
    FinancialYear,
    Item,
    RowChange,
    Shape,
    TillRegister,
)

AuthorizationEnd = Literal["expired", "denied", "administrator_needed"]
Lack = Literal["license", "integration_license", "permission"]


class UnmappedFacts(Shape):
    """One fault of a company gathers every unmapped item, so nothing names it further."""

    items: tuple[Item, ...]


class AccountsFacts(Shape):
    """Accounts that cannot be booked on; none are listed where Fortnox does not say which."""

    named_by = ("accounts",)

    accounts: tuple[AccountUse, ...] = ()
    financial_year: FinancialYear | None = None


class AuthorizationFacts(Shape):
    """Since when Fortnox lets us in no more, and why."""

    began_at: AwareDatetime
    reason: AuthorizationEnd = "expired"


class LicenseFacts(Shape):
    """What the company, or the user who consented, has not got."""

    named_by = ("lacking",)

    lacking: Lack
    scope: str = ""


class CostCenterFacts(Shape):
    """The till's name and the code of a cost centre, and the account that is particular about it."""

    named_by = ("code", "account")

    name: str = ""
    code: str = ""
    account: int | None = None
    items: tuple[Item, ...] = ()


class SeriesFacts(Shape):
    """The voucher series as the financial year has it."""

    named_by = ("series", "financial_year")

    series: str
    financial_year: FinancialYear | None = None


class YearFacts(Shape):
    """A date that falls in no financial year; the first such date stands for its year."""

    named_by = ("year",)

    year: int | None = None
    transaction_date: date | None = None


class LockFacts(Shape):
    """A date that falls in a locked period; an automatic lock need not tell how far it reaches."""

    named_by = ("locked_until",)

    transaction_date: date | None = None
    locked_until: date | None = None


class DayIncompleteFacts(Shape):
    """How a Z report and the transactions behind it differ.

    `reported_on` stands only where a corrected report says another business day than the first one.
    """

    named_by = ("session_id",)

    session_id: str
    till_register: TillRegister
    z_number: int
    business_date: date
    reported_on: date | None = None
    differences: tuple[Difference, ...] = ()
    missing_receipts: tuple[int, ...] = ()
    transactions_reported: int
    transactions_received: int


class DayOverdueFacts(Shape):
    """A till session with sales but no day close in time."""

    named_by = ("session_id",)

    session_id: str
    till_register: TillRegister
    business_date: date
    transactions_received: int


class NumberGapFacts(Shape):
    """Z numbers of a register that never came; the law wants them without a gap.

    `up_to` is the last of them where more are missing than are listed.
    """

    named_by = ("till_register", "missing_z_numbers")

    till_register: TillRegister
    missing_z_numbers: tuple[int, ...]
    up_to: int | None = None


class UnbalancedFacts(Shape):
    """A transaction whose payments are not what they paid for."""

    named_by = ("transaction_id",)

    transaction_id: str
    session_id: str
    till_register: TillRegister
    business_date: date
    paid_ore: int
    sold_ore: int


class DeliveryFacts(Shape):
    """A delivery with a good signature that nobody can read; `problem` says where reading stopped."""

    named_by = ("delivery_id",)

    delivery_id: str
    received_at: AwareDatetime
    problem: str
    transaction_ids: tuple[str, ...] = ()


class ConflictFacts(Shape):
    """A delivery that tells otherwise what was told before, and what; the first telling stands.

    `told_at` is the till's own time of it: what it tells later is its last word.
    """

    named_by = ("transaction_ids", "closes")

    delivery_id: str
    received_at: AwareDatetime
    told_at: AwareDatetime | None = None
    transaction_ids: tuple[str, ...] = ()
    closes: tuple[CloseRevision, ...] = ()
    till_register: TillRegister | None = None
    session_id: str = ""


class WrongCompanyFacts(Shape):
    """The company we are linked to and the one the consent was given for."""

    expected: Company
    found: Company


class WaitFacts(Shape):
    """Since when Fortnox has not answered as it should, and when we ask again."""

    began_at: AwareDatetime
    next_try_at: AwareDatetime | None = None


class DoubtFacts(Shape):
    """A voucher sent without an answer, and when it is certain at last whether it exists."""

    named_by = ("voucher_id",)

    voucher_id: str
    series: str
    financial_year: FinancialYear | None = None
    transaction_date: date | None = None
    asked_at: AwareDatetime
    settled_by_at: AwareDatetime


class DecisionFacts(Shape):
    """A voucher only a person can decide on, why, and what was found in Fortnox."""

    named_by = ("voucher_id",)

    voucher_id: str
    series: str
    financial_year: FinancialYear | None = None
    transaction_date: date | None = None
    amount_ore: int | None = None
    reason: Literal["absent_twice", "counter_moved", "unknown_voucher", "already_booked_by_hand", "no_proof"]
    candidates: tuple[BookedAs, ...] = ()


class ChangedFacts(Shape):
    """Both sides of a voucher that is not what we sent; a date stands here only if it differs."""

    named_by = ("voucher",)

    voucher: BookedAs
    rows: tuple[RowChange, ...] = ()
    our_date: date | None = None
    their_date: date | None = None


class DeletedFacts(Shape):
    """A voucher we booked that Fortnox has no more."""

    named_by = ("voucher",)

    voucher: BookedAs
    transaction_date: date
    amount_ore: int


class DuplicateFacts(Shape):
    """The voucher that counts, and the others that book the same sales."""

    named_by = ("voucher",)

    voucher: BookedAs
    copies: tuple[BookedAs, ...]
    transaction_date: date
    amount_ore: int


class ForeignFacts(Shape):
    """A voucher somebody else made in our series."""

    named_by = ("voucher",)

    voucher: BookedAs
    transaction_date: date | None = None
    description: str = Field(default="", repr=False)  # free text may name people, so logs do without


class RejectedFacts(Shape):
    """Fortnox's own words for what we have no words for."""

    named_by = ("fortnox_code", "status")

    fortnox_code: int | None = None
    text: str = Field(default="", repr=False)  # free text may name people, so logs do without
    status: int | None = None
    request_id: str | None = None


class InternalErrorFacts(Shape):
    """A mistake of our own on one voucher; `error` is the exception's class, never its text."""

    named_by = ("voucher_id",)

    voucher_id: str
    error: str
    occurred_at: AwareDatetime
