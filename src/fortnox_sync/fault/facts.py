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

    items: tuple[Item, ...] = Field(description="What has no account, each with the money that waits.")


class AccountsFacts(Shape):
    """Accounts that cannot be booked on; none are listed where Fortnox does not say which."""

    named_by = ("accounts",)

    accounts: tuple[AccountUse, ...] = Field(
        default=(), description="The accounts; empty where Fortnox does not say which."
    )
    financial_year: FinancialYear | None = Field(default=None, description="The year whose chart lacks them.")


class AuthorizationFacts(Shape):
    """Since when Fortnox lets us in no more, and why."""

    began_at: AwareDatetime = Field(description="Since when, UTC.")
    reason: AuthorizationEnd = Field(
        default="expired",
        description="Why: it ran out, somebody said no, or an administrator has to consent.",
    )


class LicenseFacts(Shape):
    """What the company, or the user who consented, has not got."""

    named_by = ("lacking",)

    lacking: Lack = Field(description="What is missing.")
    scope: str = Field(default="", description="The right that was asked for.")


class CostCenterFacts(Shape):
    """The till's name and the code of a cost centre, and the account that is particular about it."""

    named_by = ("code", "account")

    name: str = Field(default="", description="What the till calls it.")
    code: str = Field(default="", description="Its code in Fortnox.")
    account: int | None = Field(default=None, description="The account that demands or refuses it.")
    items: tuple[Item, ...] = Field(default=(), description="What is booked with it.")


class SeriesFacts(Shape):
    """The voucher series as the financial year has it."""

    named_by = ("series", "financial_year")

    series: str = Field(description="The voucher series chosen in the settings.")
    financial_year: FinancialYear | None = Field(default=None, description="The year it was looked for in.")


class YearFacts(Shape):
    """A date that falls in no financial year; the first such date stands for its year."""

    named_by = ("year",)

    year: int | None = Field(default=None, description="The calendar year.")
    transaction_date: date | None = Field(
        default=None, description="The first business day without a financial year."
    )


class LockFacts(Shape):
    """A date that falls in a locked period; an automatic lock need not tell how far it reaches."""

    named_by = ("locked_until",)

    transaction_date: date | None = Field(default=None, description="The business day to book.")
    locked_until: date | None = Field(default=None, description="The last day that is locked.")


class DayIncompleteFacts(Shape):
    """How a Z report and the transactions behind it differ.

    `reported_on` stands only where a corrected report says another business day than the first one.
    """

    named_by = ("session_id",)

    session_id: str = Field(description="The till's id of the session.")
    till_register: TillRegister = Field(description="Its register.")
    z_number: int = Field(description="Number of the Z report.")
    business_date: date = Field(description="The business day.")
    reported_on: date | None = Field(
        default=None, description="The business day that a corrected report tells instead."
    )
    differences: tuple[Difference, ...] = Field(default=(), description="Where the sums disagree.")
    missing_receipts: tuple[int, ...] = Field(default=(), description="Receipt numbers that never came.")
    transactions_reported: int = Field(description="How many by the Z report.")
    transactions_received: int = Field(description="How many came.")


class DayOverdueFacts(Shape):
    """A till session with sales but no day close in time."""

    named_by = ("session_id",)

    session_id: str = Field(description="The till's id of the session.")
    till_register: TillRegister = Field(description="Its register.")
    business_date: date = Field(description="The business day.")
    transactions_received: int = Field(description="How many came.")


class NumberGapFacts(Shape):
    """Z numbers of a register that never came; the law wants them without a gap.

    `up_to` is the last of them where more are missing than are listed.
    """

    named_by = ("till_register", "missing_z_numbers")

    till_register: TillRegister = Field(description="The register.")
    missing_z_numbers: tuple[int, ...] = Field(
        description="The Z numbers that never came, the first of them."
    )
    up_to: int | None = Field(
        default=None, description="The last of them, where more are missing than are listed."
    )


class UnbalancedFacts(Shape):
    """A transaction whose payments are not what they paid for."""

    named_by = ("transaction_id",)

    transaction_id: str = Field(description="The till's id of the transaction.")
    session_id: str = Field(description="Its session.")
    till_register: TillRegister = Field(description="Its register.")
    business_date: date = Field(description="The business day.")
    paid_ore: int = Field(description="Sum of its payments, öre.")
    sold_ore: int = Field(description="Sum of what they paid for, öre.")


class DeliveryFacts(Shape):
    """A delivery with a good signature that nobody can read; `problem` says where reading stopped."""

    named_by = ("delivery_id",)

    delivery_id: str = Field(description="The delivery as it was stored.")
    received_at: AwareDatetime = Field(description="When it came, UTC.")
    problem: str = Field(description="Where reading stopped.")
    transaction_ids: tuple[str, ...] = Field(
        default=(), description="Transactions in it that could not be taken."
    )


class ConflictFacts(Shape):
    """A delivery that tells otherwise what was told before, and what; the first telling stands.

    `told_at` is the till's own time of it: what it tells later is its last word.
    """

    named_by = ("transaction_ids", "closes")

    delivery_id: str = Field(description="The delivery that tells otherwise.")
    received_at: AwareDatetime = Field(description="When it came, UTC.")
    told_at: AwareDatetime | None = Field(default=None, description="The till's own time of it, UTC.")
    transaction_ids: tuple[str, ...] = Field(default=(), description="Transactions told otherwise.")
    closes: tuple[CloseRevision, ...] = Field(default=(), description="Day closes told otherwise.")
    till_register: TillRegister | None = Field(default=None, description="The register, where it is one.")
    session_id: str = Field(default="", description="The session, where it is one.")


class WrongCompanyFacts(Shape):
    """The company we are linked to and the one the consent was given for."""

    expected: Company = Field(description="The company we are linked to.")
    found: Company = Field(description="The company the consent was given for.")


class WaitFacts(Shape):
    """Since when Fortnox has not answered as it should, and when we ask again."""

    began_at: AwareDatetime = Field(description="Since when, UTC.")
    next_try_at: AwareDatetime | None = Field(default=None, description="When we ask again, UTC.")


class DoubtFacts(Shape):
    """A voucher sent without an answer, and when it is certain at last whether it exists."""

    named_by = ("voucher_id",)

    voucher_id: str = Field(description="The voucher that was sent.")
    series: str = Field(description="The series it was sent to.")
    financial_year: FinancialYear | None = Field(default=None, description="The year it was sent to.")
    transaction_date: date | None = Field(default=None, description="Its business day.")
    asked_at: AwareDatetime = Field(description="When it was sent, UTC.")
    settled_by_at: AwareDatetime = Field(description="When it is certain at last, UTC.")


class DecisionFacts(Shape):
    """A voucher only a person can decide on, why, and what was found in Fortnox."""

    named_by = ("voucher_id",)

    voucher_id: str = Field(description="The voucher to decide on.")
    series: str = Field(description="The series it was sent to.")
    financial_year: FinancialYear | None = Field(default=None, description="The year it was sent to.")
    transaction_date: date | None = Field(default=None, description="Its business day.")
    amount_ore: int | None = Field(default=None, description="The sum of either side, öre.")
    reason: Literal[
        "absent_twice", "counter_moved", "unknown_voucher", "already_booked_by_hand", "no_proof"
    ] = Field(description="Why nothing but a person can tell.")
    candidates: tuple[BookedAs, ...] = Field(default=(), description="What stands in Fortnox and may be it.")


class ChangedFacts(Shape):
    """Both sides of a voucher that is not what we sent; a date stands here only if it differs."""

    named_by = ("voucher",)

    voucher: BookedAs = Field(description="The voucher as we booked it.")
    rows: tuple[RowChange, ...] = Field(default=(), description="The accounts whose sums differ.")
    our_date: date | None = Field(default=None, description="The day we sent, if they differ.")
    their_date: date | None = Field(default=None, description="The day in Fortnox now, if they differ.")


class DeletedFacts(Shape):
    """A voucher we booked that Fortnox has no more."""

    named_by = ("voucher",)

    voucher: BookedAs = Field(description="The voucher as we booked it.")
    transaction_date: date = Field(description="Its business day.")
    amount_ore: int = Field(description="The sum of either side, öre.")


class DuplicateFacts(Shape):
    """The voucher that counts, and the others that book the same sales."""

    named_by = ("voucher",)

    voucher: BookedAs = Field(description="The voucher that counts.")
    copies: tuple[BookedAs, ...] = Field(description="The others that book the same sales.")
    transaction_date: date = Field(description="Their business day.")
    amount_ore: int = Field(description="The sum of either side of one, öre.")


class ForeignFacts(Shape):
    """A voucher somebody else made in our series."""

    named_by = ("voucher",)

    voucher: BookedAs = Field(description="Somebody else's voucher.")
    transaction_date: date | None = Field(default=None, description="Its day.")
    # Free text may name people, so logs do without.
    description: str = Field(default="", repr=False, description="Its text in Fortnox.")


class MissingNumbersFacts(Shape):
    """Numbers of a series that stand for nothing, below one that stands.

    Vouchers are numbered in an unbroken series (BFL 5 kap. 7 §; BFNAR 2013:2), so a gap has to be explained.
    """

    named_by = ("series", "financial_year")

    series: str = Field(description="Voucher series.")
    financial_year: FinancialYear = Field(description="The year the numbers count in.")
    missing_numbers: tuple[int, ...] = Field(description="The missing numbers, the first of them.")
    missing_count: int = Field(description="How many they are.")


class RejectedFacts(Shape):
    """Fortnox's own words for what we have no words for."""

    named_by = ("fortnox_code", "status")

    fortnox_code: int | None = Field(default=None, description="Fortnox's error code.")
    # Free text may name people, so logs do without.
    text: str = Field(default="", repr=False, description="What Fortnox said.")
    status: int | None = Field(default=None, description="HTTP status that Fortnox answered.")
    request_id: str | None = Field(default=None, description="Fortnox's id of the call, for its support.")


class InternalErrorFacts(Shape):
    """A mistake of our own on one voucher; `error` is the exception's class, never its text."""

    named_by = ("voucher_id",)

    voucher_id: str = Field(description="The voucher it happened to.")
    error: str = Field(description="What kind of mistake, for support.")
    occurred_at: AwareDatetime = Field(description="When, UTC.")
