"""The union of everything that can keep sales from being booked, told apart by `code`."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter

from fortnox_sync.fault.facts import (
    AccountsFacts,
    AuthorizationFacts,
    ChangedFacts,
    ConflictFacts,
    CostCenterFacts,
    DayIncompleteFacts,
    DayOverdueFacts,
    DecisionFacts,
    DeletedFacts,
    DeliveryFacts,
    DoubtFacts,
    DuplicateFacts,
    ForeignFacts,
    InternalErrorFacts,
    LicenseFacts,
    LockFacts,
    MissingNumbersFacts,
    NumberGapFacts,
    RejectedFacts,
    SeriesFacts,
    UnbalancedFacts,
    UnmappedFacts,
    WaitFacts,
    WrongCompanyFacts,
    YearFacts,
)
from fortnox_sync.fault.parts import Shape, name_of

Severity = Literal["error", "warning", "info"]

LONGEST_SUBJECT = 200  # as the store's column; longer ones end in a digest

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Held(Shape):
    """What every fault has in common: how much it matters."""

    severity: ClassVar[Severity] = "error"


class AccountUnmapped(Held):
    """Something the till sold, took or gave has no account yet."""

    code: Literal["account_unmapped"] = "account_unmapped"
    facts: UnmappedFacts


class AccountMissing(Held):
    """An account is not in the chart of accounts of the year."""

    code: Literal["account_missing"] = "account_missing"
    facts: AccountsFacts


class AccountInactive(Held):
    """An account is switched off in Fortnox."""

    code: Literal["account_inactive"] = "account_inactive"
    facts: AccountsFacts


class AuthorizationExpired(Held):
    """Fortnox lets us in no more until the merchant consents again."""

    code: Literal["authorization_expired"] = "authorization_expired"
    facts: AuthorizationFacts


class LicenseMissing(Held):
    """The company or its user lacks a licence or a right we need."""

    code: Literal["license_missing"] = "license_missing"
    facts: LicenseFacts


class WrongCompany(Held):
    """The consent was given for another Fortnox company than the one we book in."""

    code: Literal["wrong_company"] = "wrong_company"
    facts: WrongCompanyFacts


class CostCenterMissing(Held):
    """A cost centre of the till does not exist in Fortnox."""

    code: Literal["cost_center_missing"] = "cost_center_missing"
    facts: CostCenterFacts


class CostCenterInactive(Held):
    """A cost centre is switched off in Fortnox."""

    code: Literal["cost_center_inactive"] = "cost_center_inactive"
    facts: CostCenterFacts


class CostCenterRequired(Held):
    """An account demands a cost centre and the row has none."""

    code: Literal["cost_center_required"] = "cost_center_required"
    facts: CostCenterFacts


class CostCenterNotAllowed(Held):
    """An account takes no cost centre and the row has one."""

    code: Literal["cost_center_not_allowed"] = "cost_center_not_allowed"
    facts: CostCenterFacts


class VoucherSeriesNotManual(Held):
    """The voucher series takes no vouchers from outside."""

    code: Literal["voucher_series_not_manual"] = "voucher_series_not_manual"
    facts: SeriesFacts


class VoucherSeriesMissing(Held):
    """The voucher series does not exist in the year."""

    code: Literal["voucher_series_missing"] = "voucher_series_missing"
    facts: SeriesFacts


class FinancialYearMissing(Held):
    """No financial year holds the date."""

    code: Literal["financial_year_missing"] = "financial_year_missing"
    facts: YearFacts


class PeriodLocked(Held):
    """The period of the date is locked."""

    code: Literal["period_locked"] = "period_locked"
    facts: LockFacts


class DayIncomplete(Held):
    """A day close and its transactions disagree."""

    code: Literal["day_incomplete"] = "day_incomplete"
    facts: DayIncompleteFacts


class DayOverdue(Held):
    """A till session was never closed."""

    severity = "warning"

    code: Literal["day_overdue"] = "day_overdue"
    facts: DayOverdueFacts


class ZNumberGap(Held):
    """A day close never came."""

    severity = "warning"

    code: Literal["z_number_gap"] = "z_number_gap"
    facts: NumberGapFacts


class TransactionUnbalanced(Held):
    """A transaction was not paid with what it cost."""

    code: Literal["transaction_unbalanced"] = "transaction_unbalanced"
    facts: UnbalancedFacts


class DeliveryUnreadable(Held):
    """An authentic delivery cannot be read."""

    code: Literal["delivery_unreadable"] = "delivery_unreadable"
    facts: DeliveryFacts


class DeliveryConflicting(Held):
    """The till told the same thing twice, and not the same way."""

    severity = "warning"

    code: Literal["delivery_conflicting"] = "delivery_conflicting"
    facts: ConflictFacts


class FortnoxUnavailable(Held):
    """Fortnox cannot be reached or is out of order."""

    severity = "warning"

    code: Literal["fortnox_unavailable"] = "fortnox_unavailable"
    facts: WaitFacts


class RateLimited(Held):
    """Fortnox asks us to go slower."""

    severity = "info"

    code: Literal["rate_limited"] = "rate_limited"
    facts: WaitFacts


class AnswerInDoubt(Held):
    """A voucher was sent and nobody answered."""

    severity = "warning"

    code: Literal["answer_in_doubt"] = "answer_in_doubt"
    facts: DoubtFacts


class DecisionNeeded(Held):
    """It cannot be proven whether a voucher is booked."""

    code: Literal["decision_needed"] = "decision_needed"
    facts: DecisionFacts


class VoucherChanged(Held):
    """A booked voucher no longer says what we sent."""

    code: Literal["voucher_changed"] = "voucher_changed"
    facts: ChangedFacts


class VoucherDeleted(Held):
    """A booked voucher is gone from Fortnox."""

    code: Literal["voucher_deleted"] = "voucher_deleted"
    facts: DeletedFacts


class VoucherDuplicate(Held):
    """The same sales stand in two vouchers."""

    code: Literal["voucher_duplicate"] = "voucher_duplicate"
    facts: DuplicateFacts


class VoucherForeign(Held):
    """Somebody else booked in the series that is ours."""

    severity = "warning"

    code: Literal["voucher_foreign"] = "voucher_foreign"
    facts: ForeignFacts


class VoucherNumbersMissing(Held):
    """Numbers are missing in a series that is ours alone, and nothing told here explains them."""

    severity = "warning"

    code: Literal["voucher_numbers_missing"] = "voucher_numbers_missing"
    facts: MissingNumbersFacts


class RejectedByFortnox(Held):
    """Fortnox refused for a reason we do not know."""

    code: Literal["rejected_by_fortnox"] = "rejected_by_fortnox"
    facts: RejectedFacts


class InternalError(Held):
    """We made a mistake of our own on one voucher."""

    code: Literal["internal_error"] = "internal_error"
    facts: InternalErrorFacts


AccountFault = AccountUnmapped | AccountMissing | AccountInactive
AccessFault = AuthorizationExpired | LicenseMissing | WrongCompany
CostCenterFault = CostCenterMissing | CostCenterInactive | CostCenterRequired | CostCenterNotAllowed
LedgerFault = VoucherSeriesNotManual | VoucherSeriesMissing | FinancialYearMissing | PeriodLocked
DayFault = DayIncomplete | DayOverdue | ZNumberGap
TillFault = DayFault | TransactionUnbalanced | DeliveryUnreadable | DeliveryConflicting
PatienceFault = FortnoxUnavailable | RateLimited | AnswerInDoubt
BooksFault = (
    DecisionNeeded
    | VoucherChanged
    | VoucherDeleted
    | VoucherDuplicate
    | VoucherForeign
    | VoucherNumbersMissing
)
SupportFault = RejectedByFortnox | InternalError

Fault = Annotated[
    AccountFault
    | AccessFault
    | CostCenterFault
    | LedgerFault
    | TillFault
    | PatienceFault
    | BooksFault
    | SupportFault,
    Field(discriminator="code"),
]

FaultCode = Literal[
    "account_unmapped",
    "account_missing",
    "account_inactive",
    "authorization_expired",
    "license_missing",
    "wrong_company",
    "cost_center_missing",
    "cost_center_inactive",
    "cost_center_required",
    "cost_center_not_allowed",
    "voucher_series_not_manual",
    "voucher_series_missing",
    "financial_year_missing",
    "period_locked",
    "day_incomplete",
    "day_overdue",
    "z_number_gap",
    "transaction_unbalanced",
    "delivery_unreadable",
    "delivery_conflicting",
    "fortnox_unavailable",
    "rate_limited",
    "answer_in_doubt",
    "decision_needed",
    "voucher_changed",
    "voucher_deleted",
    "voucher_duplicate",
    "voucher_foreign",
    "voucher_numbers_missing",
    "rejected_by_fortnox",
    "internal_error",
]

FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)


def severity(fault: Fault) -> Severity:
    """Tell how much a fault matters: sales wait, something is odd, or it passes by itself."""
    return fault.severity


def rank(severity: Severity) -> int:
    """Order severities for the banner, the most severe first."""
    return SEVERITIES.index(severity)


def subject(fault: Fault) -> str:
    """Name what a fault is about: while open, there is one per company, code and subject."""
    name = name_of(fault.facts)
    return name if len(name) <= LONGEST_SUBJECT else _abridged(name)


def _abridged(name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: LONGEST_SUBJECT - len(digest) - 1]}~{digest}"


def revive(code: str, facts: Mapping[str, object]) -> Fault:
    """Build a fault again from its code and its facts as stored JSON; ValidationError if they do not fit."""
    return _revived(json.dumps({"code": code, "facts": facts}))


@lru_cache(2048)
def _revived(stored: str) -> Fault:
    """Build it once for all who look: an open fault is read at every look at the first screen."""
    return FAULT.validate_json(stored)
