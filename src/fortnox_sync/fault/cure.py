"""Which remediations cure which fault, the first being the one to offer first."""

from collections.abc import Iterable
from typing import assert_never

from fortnox_sync.fault.facts import AccountsFacts, ConflictFacts
from fortnox_sync.fault.model import (
    AccessFault,
    AccountFault,
    AccountInactive,
    AccountMissing,
    AccountUnmapped,
    AnswerInDoubt,
    AuthorizationExpired,
    BooksFault,
    CostCenterFault,
    CostCenterInactive,
    CostCenterMissing,
    CostCenterNotAllowed,
    CostCenterRequired,
    DayIncomplete,
    DayOverdue,
    DecisionNeeded,
    DeliveryConflicting,
    DeliveryUnreadable,
    Fault,
    FinancialYearMissing,
    FortnoxUnavailable,
    InternalError,
    LedgerFault,
    LicenseMissing,
    PatienceFault,
    PeriodLocked,
    RateLimited,
    RejectedByFortnox,
    SupportFault,
    TillFault,
    TransactionUnbalanced,
    VoucherChanged,
    VoucherDeleted,
    VoucherDuplicate,
    VoucherForeign,
    VoucherNumbersMissing,
    VoucherSeriesMissing,
    VoucherSeriesNotManual,
    WrongCompany,
    ZNumberGap,
)
from fortnox_sync.fault.parts import BookedAs, Dimension, Item
from fortnox_sync.fault.remediation import (
    Accept,
    BookAgain,
    ContactSupport,
    CreateAccount,
    Decide,
    ExportAnyway,
    OpenCostCenters,
    OpenFortnox,
    OpenSettings,
    Reauthorize,
    Remediation,
    ResendTillData,
    Retry,
    Reverse,
    SettingsStep,
    ShowInactiveAccounts,
    Wait,
)

Remediations = tuple[Remediation, ...]

# Menu paths as Fortnox's own help pages give them (support.fortnox.se), 2026.
CHART_OF_ACCOUNTS = "Register/Kontoplan"
COST_CENTERS = "Inställningar/Bokföring/Kostnadsställen"
VOUCHER_SERIES = "Inställningar/Bokföring/Verifikationsserier"
FINANCIAL_YEARS = "Inställningar/Bokföring/Räkenskapsår"
PERIOD_LOCKS = "Inställningar/Bokföring/Låsning av period"
LICENSES = "Administrera användare/Beställ program"
PERMISSIONS = "Administrera användare"

STEPS: dict[Dimension, SettingsStep] = {
    "payment_method": "payment_methods",
    "vat_rate": "vat_rates",
    "article_group": "article_groups",
    "event": "events",
}


def remediations_for(fault: Fault) -> Remediations:
    """Return what cures a fault, most fitting first; every fault has at least one."""
    if isinstance(fault, AccountFault):
        return _for_account(fault)
    if isinstance(fault, AccessFault | PatienceFault | SupportFault):
        return _for_link(fault)
    if isinstance(fault, CostCenterFault):
        return _for_cost_center(fault)
    if isinstance(fault, LedgerFault):
        return _for_ledger(fault)
    if isinstance(fault, TillFault):
        return _for_till(fault)
    return _for_books(fault)


def _for_account(fault: AccountFault) -> Remediations:
    match fault:
        case AccountUnmapped():
            return _settings_at(fault.facts.items)
        case AccountMissing():
            return (*_creation(fault.facts), *_settings_of(fault.facts))
        case AccountInactive():
            numbers = tuple(account.number for account in fault.facts.accounts)
            return ShowInactiveAccounts(numbers=numbers), OpenFortnox(menu_path=CHART_OF_ACCOUNTS)
        case _:
            assert_never(fault)


def _creation(facts: AccountsFacts) -> Remediations:
    numbers = tuple(account.number for account in facts.accounts)
    return (CreateAccount(numbers=numbers),) if numbers else ()


def _settings_of(facts: AccountsFacts) -> Remediations:
    return _settings_at(tuple(item for account in facts.accounts for item in account.items))


def _settings_at(items: Iterable[Item]) -> Remediations:
    """Open each step that has items; the first of the account steps where nobody knows which."""
    by_step = {
        step: tuple(item for item in items if STEPS[item.dimension] == step) for step in STEPS.values()
    }
    steps = tuple(OpenSettings(step=step, items=lacking) for step, lacking in by_step.items() if lacking)
    return steps or (OpenSettings(step="payment_methods"),)


def _for_link(fault: AccessFault | PatienceFault | SupportFault) -> Remediations:
    match fault:
        case AuthorizationExpired() | WrongCompany():
            return (Reauthorize(),)
        case LicenseMissing():
            return OpenFortnox(menu_path=_license_path(fault)), Reauthorize()
        case FortnoxUnavailable() | RateLimited():
            return (Wait(until_at=fault.facts.next_try_at),)
        case AnswerInDoubt():
            return (Wait(until_at=fault.facts.settled_by_at),)
        case RejectedByFortnox():
            return (ContactSupport(reference=fault.facts.request_id or ""),)
        case InternalError():
            return (ContactSupport(reference=fault.facts.voucher_id), Retry())
        case _:
            assert_never(fault)


def _license_path(fault: LicenseMissing) -> str:
    return PERMISSIONS if fault.facts.lacking == "permission" else LICENSES


def _for_cost_center(fault: CostCenterFault) -> Remediations:
    codes = OpenCostCenters(code=fault.facts.code)
    match fault:
        case CostCenterMissing() | CostCenterInactive():
            return OpenFortnox(menu_path=COST_CENTERS), codes
        case CostCenterRequired() | CostCenterNotAllowed():
            return OpenFortnox(menu_path=CHART_OF_ACCOUNTS), codes
        case _:
            assert_never(fault)


def _for_ledger(fault: LedgerFault) -> Remediations:
    match fault:
        case VoucherSeriesNotManual():
            return (OpenFortnox(menu_path=VOUCHER_SERIES),)
        case VoucherSeriesMissing():
            return OpenFortnox(menu_path=VOUCHER_SERIES), OpenSettings(step="voucher_series")
        case FinancialYearMissing():
            return (OpenFortnox(menu_path=FINANCIAL_YEARS),)
        case PeriodLocked():
            return (OpenFortnox(menu_path=PERIOD_LOCKS),)
        case _:
            assert_never(fault)


def _for_till(fault: TillFault) -> Remediations:
    match fault:
        case DayIncomplete() | DayOverdue():
            return _for_day(fault)
        case ZNumberGap():
            register_id, gap = fault.facts.till_register.register_id, fault.facts.missing_z_numbers
            resend = ResendTillData(register_id=register_id, z_numbers=gap)
            return resend, ExportAnyway(register_id=register_id)
        case TransactionUnbalanced():
            session_id, transaction_id = fault.facts.session_id, fault.facts.transaction_id
            return (ResendTillData(session_id=session_id, transaction_id=transaction_id),)
        case DeliveryUnreadable():
            return (ResendTillData(delivery_id=fault.facts.delivery_id),)
        case DeliveryConflicting():
            return _retelling(fault.facts), Accept()
        case _:
            assert_never(fault)


def _retelling(facts: ConflictFacts) -> ResendTillData:
    register_id = facts.till_register.register_id if facts.till_register else ""
    only = facts.transaction_ids[0] if len(facts.transaction_ids) == 1 else ""
    return ResendTillData(
        register_id=register_id,
        session_id=facts.session_id,
        transaction_id=only,
        delivery_id=facts.delivery_id,
    )


def _for_day(fault: DayIncomplete | DayOverdue) -> Remediations:
    register_id, session_id = fault.facts.till_register.register_id, fault.facts.session_id
    receipts = fault.facts.missing_receipts if isinstance(fault, DayIncomplete) else ()
    resend = ResendTillData(register_id=register_id, session_id=session_id, receipt_numbers=receipts)
    return resend, ExportAnyway(register_id=register_id, session_id=session_id)


def _for_books(fault: BooksFault) -> Remediations:
    match fault:
        case DecisionNeeded():
            return (_decision(fault),)
        case VoucherChanged():
            return Accept(), _reversal(fault.facts.voucher)
        case VoucherForeign() | VoucherNumbersMissing():  # what somebody else did is theirs to correct
            return (Accept(),)
        case VoucherDuplicate():  # sales booked twice are wrong until shown right, so this one turns it round
            return _reversal(*fault.facts.copies), Accept()
        case VoucherDeleted():  # nothing is left to reverse: it stays away, or is booked again
            return Accept(), BookAgain()
        case _:
            assert_never(fault)


def _decision(fault: DecisionNeeded) -> Decide:
    """Let what a person booked by hand stand as theirs: only what we sent can be taken for ours."""
    voucher_id = fault.facts.voucher_id
    if fault.facts.reason == "already_booked_by_hand":
        return Decide(voucher_id=voucher_id, choices=("dismiss", "send_again"))
    return Decide(voucher_id=voucher_id)


def _reversal(*vouchers: BookedAs) -> Reverse:
    return Reverse(vouchers=vouchers)
