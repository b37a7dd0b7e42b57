"""Any error of the Fortnox client in, one fault out: pure, total, and shared by the API and the worker."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from fortnox_sync.fault.codes import Meaning
from fortnox_sync.fault.facts import (
    AccountsFacts,
    AuthorizationEnd,
    AuthorizationFacts,
    CostCenterFacts,
    DoubtFacts,
    Lack,
    LicenseFacts,
    LockFacts,
    RejectedFacts,
    SeriesFacts,
    WaitFacts,
    YearFacts,
)
from fortnox_sync.fault.hearing import Said, hear
from fortnox_sync.fault.model import (
    AccountInactive,
    AccountMissing,
    AnswerInDoubt,
    AuthorizationExpired,
    CostCenterInactive,
    CostCenterMissing,
    CostCenterNotAllowed,
    CostCenterRequired,
    Fault,
    FinancialYearMissing,
    FortnoxUnavailable,
    LicenseMissing,
    PeriodLocked,
    RateLimited,
    RejectedByFortnox,
    VoucherSeriesMissing,
    VoucherSeriesNotManual,
)
from fortnox_sync.fault.parts import AccountUse, FinancialYear, Item
from fortnox_sync.fault.wording import accounts_in, lock_date_in, quoted_in, series_in
from fortnox_sync.fortnox.errors import FortnoxError

LONGEST_WAIT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known where a voucher or a consent was refused, for Fortnox's own words say too little.

    `accounts` holds the voucher's accounts and the items booked on each, `cost_centers` its codes and the
    till's names. `settled_by_at` stands only where a voucher was sent: then it is certain whether it exists.
    """

    now: datetime
    began_at: datetime | None = None
    next_try_at: datetime | None = None
    settled_by_at: datetime | None = None
    voucher_id: str = ""
    series: str = ""
    financial_year: FinancialYear | None = None
    transaction_date: date | None = None
    locked_until: date | None = None
    scope: str = ""
    accounts: Mapping[int, tuple[Item, ...]] = field(default_factory=dict)
    missing_accounts: tuple[int, ...] = ()
    inactive_accounts: tuple[int, ...] = ()
    cost_centers: Mapping[str, str] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """Since when it has gone wrong: from now, where this is the first time."""
        return self.began_at or self.now


def classify(error: FortnoxError, context: Context) -> Fault:
    """Tell the one fault an error amounts to; it never raises."""
    said = hear(error)
    return FAULT_FOR[said.meaning](said, context)


def _account_missing(said: Said, context: Context) -> Fault:
    return AccountMissing(facts=_accounts(said, context, context.missing_accounts))


def _account_inactive(said: Said, context: Context) -> Fault:
    return AccountInactive(facts=_accounts(said, context, context.inactive_accounts))


def _account_unusable(said: Said, context: Context) -> Fault:
    """Believe what a look at the chart found; without one, inactive is what integrators mostly saw."""
    return (_account_missing if context.missing_accounts else _account_inactive)(said, context)


def _accounts(said: Said, context: Context, found: tuple[int, ...]) -> AccountsFacts:
    """Take the accounts Fortnox names, else those a look at the chart of accounts found."""
    numbers = sorted(accounts_in(said.text) or found)
    uses = tuple(AccountUse(number=number, items=context.accounts.get(number, ())) for number in numbers)
    return AccountsFacts(accounts=uses, financial_year=context.financial_year)


def _authorization(said: Said, context: Context) -> Fault:
    facts = AuthorizationFacts(began_at=context.since, reason=REASONS[said.meaning])
    return AuthorizationExpired(facts=facts)


def _license(said: Said, context: Context) -> Fault:
    return LicenseMissing(facts=LicenseFacts(lacking=LACKING[said.meaning], scope=context.scope))


def _cost_center_missing(said: Said, context: Context) -> Fault:
    return CostCenterMissing(facts=_cost_center(said, context, _named_or_only(said, context)))


def _cost_center_inactive(said: Said, context: Context) -> Fault:
    return CostCenterInactive(facts=_cost_center(said, context, _named_or_only(said, context)))


def _cost_center_required(said: Said, context: Context) -> Fault:
    return CostCenterRequired(facts=_cost_center(said, context, ""))


def _cost_center_not_allowed(said: Said, context: Context) -> Fault:
    return CostCenterNotAllowed(facts=_cost_center(said, context, quoted_in(said.text)))


def _named_or_only(said: Said, context: Context) -> str:
    """Return the code Fortnox names, else the voucher's if it has but one; never a guess among several."""
    codes = tuple(context.cost_centers)
    return quoted_in(said.text) or (codes[0] if len(codes) == 1 else "")


def _cost_center(said: Said, context: Context, code: str) -> CostCenterFacts:
    account = next(iter(accounts_in(said.text)), None)
    items = context.accounts.get(account, ()) if account else ()
    return CostCenterFacts(name=context.cost_centers.get(code, ""), code=code, account=account, items=items)


def _series_not_manual(said: Said, context: Context) -> Fault:
    return VoucherSeriesNotManual(facts=_series(said, context))


def _series_missing(said: Said, context: Context) -> Fault:
    return VoucherSeriesMissing(facts=_series(said, context))


def _series(said: Said, context: Context) -> SeriesFacts:
    """Trust what we sent over what stands in parentheses: both `(F)` and `(1)` were seen there."""
    return SeriesFacts(series=context.series or series_in(said.text), financial_year=context.financial_year)


def _year_missing(_: Said, context: Context) -> Fault:
    day = context.transaction_date
    return FinancialYearMissing(facts=YearFacts(year=day.year if day else None, transaction_date=day))


def _period_locked(said: Said, context: Context) -> Fault:
    locked_until = lock_date_in(said.text) or context.locked_until
    return PeriodLocked(facts=LockFacts(transaction_date=context.transaction_date, locked_until=locked_until))


def _throttled(said: Said, context: Context) -> Fault:
    next_try_at = context.next_try_at or _after(context.now, said.retry_after)
    return RateLimited(facts=WaitFacts(began_at=context.since, next_try_at=next_try_at))


def _after(now: datetime, seconds: float | None) -> datetime | None:
    if seconds is None or not math.isfinite(seconds):
        return None
    return now + timedelta(seconds=min(max(seconds, 0.0), LONGEST_WAIT_SECONDS))


def _unreachable(_: Said, context: Context) -> Fault:
    return FortnoxUnavailable(facts=WaitFacts(began_at=context.since, next_try_at=context.next_try_at))


def _unanswered(said: Said, context: Context) -> Fault:
    """Only a voucher leaves a doubt behind; whatever else got no answer is asked again."""
    if context.settled_by_at is None:
        return _unreachable(said, context)
    facts = DoubtFacts(
        voucher_id=context.voucher_id,
        series=context.series,
        financial_year=context.financial_year,
        transaction_date=context.transaction_date,
        asked_at=context.since,
        settled_by_at=context.settled_by_at,
    )
    return AnswerInDoubt(facts=facts)


def _unknown(said: Said, _: Context) -> Fault:
    facts = RejectedFacts(
        fortnox_code=said.code, text=said.text, status=said.status, request_id=said.request_id
    )
    return RejectedByFortnox(facts=facts)


REASONS: dict[Meaning, AuthorizationEnd] = {
    Meaning.AUTHORIZATION_ENDED: "expired",
    Meaning.AUTHORIZATION_DENIED: "denied",
    Meaning.ADMINISTRATOR_NEEDED: "administrator_needed",
}

LACKING: dict[Meaning, Lack] = {
    Meaning.LICENSE_LACKING: "license",
    Meaning.INTEGRATION_LICENSE_LACKING: "integration_license",
    Meaning.PERMISSION_LACKING: "permission",
}

FAULT_FOR: dict[Meaning, Callable[[Said, Context], Fault]] = {
    Meaning.ACCOUNT_MISSING: _account_missing,
    Meaning.ACCOUNT_INACTIVE: _account_inactive,
    Meaning.ACCOUNT_UNUSABLE: _account_unusable,
    Meaning.AUTHORIZATION_ENDED: _authorization,
    Meaning.AUTHORIZATION_DENIED: _authorization,
    Meaning.ADMINISTRATOR_NEEDED: _authorization,
    Meaning.LICENSE_LACKING: _license,
    Meaning.INTEGRATION_LICENSE_LACKING: _license,
    Meaning.PERMISSION_LACKING: _license,
    Meaning.COST_CENTER_MISSING: _cost_center_missing,
    Meaning.COST_CENTER_INACTIVE: _cost_center_inactive,
    Meaning.COST_CENTER_REQUIRED: _cost_center_required,
    Meaning.COST_CENTER_NOT_ALLOWED: _cost_center_not_allowed,
    Meaning.SERIES_NOT_MANUAL: _series_not_manual,
    Meaning.SERIES_MISSING: _series_missing,
    Meaning.YEAR_MISSING: _year_missing,
    Meaning.PERIOD_LOCKED: _period_locked,
    Meaning.THROTTLED: _throttled,
    Meaning.UNREACHABLE: _unreachable,
    Meaning.UNANSWERED: _unanswered,
    Meaning.UNKNOWN: _unknown,
}
