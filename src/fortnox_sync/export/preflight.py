"""Preflight: what Fortnox would refuse is found by looking, before it is asked to book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.connection.chart import year_part
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.items import AtTill, at_till
from fortnox_sync.export.payload import Payload
from fortnox_sync.export.repository import StoredVoucher
from fortnox_sync.fault.facts import AccountsFacts, CostCenterFacts, LockFacts, SeriesFacts, YearFacts
from fortnox_sync.fault.model import (
    AccountInactive,
    AccountMissing,
    CostCenterFault,
    CostCenterInactive,
    CostCenterMissing,
    CostCenterNotAllowed,
    CostCenterRequired,
    Fault,
    FinancialYearMissing,
    PeriodLocked,
    VoucherSeriesMissing,
    VoucherSeriesNotManual,
)
from fortnox_sync.fault.parts import AccountUse
from fortnox_sync.fortnox import Account, CostCenter, FinancialYear, VoucherSeries

AccountFault = AccountMissing | AccountInactive


@dataclass(frozen=True, slots=True)
class Cleared:
    """A voucher that nothing speaks against, and where it will be booked."""

    year: FinancialYear
    series: VoucherSeries


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a voucher is checked against, as Fortnox has it."""

    year: FinancialYear
    series: VoucherSeries | None
    accounts: Mapping[int, Account]
    cost_centers: Mapping[str, CostCenter]
    locked_until: date | None


async def preflight(desk: Desk, voucher: StoredVoucher) -> Cleared | Fault:
    """Look at everything a voucher touches in Fortnox; say what stands in its way, if anything does."""
    payload = voucher.payload
    day = payload.transaction_date
    year = await desk.year_on(day)
    if year is None:
        return FinancialYearMissing(facts=YearFacts(year=day.year, transaction_date=day))
    around = Surroundings(
        year=year,
        series=await desk.series(payload.series, year.id),
        accounts=await desk.chart.accounts(year.id),
        cost_centers=await desk.chart.cost_centers() if _codes(payload) else {},
        locked_until=await desk.locked_until(),
    )
    found = obstacle(payload, around)
    if isinstance(found, AccountMissing | AccountInactive):
        return with_items(found, await at_till(desk, voucher))
    if isinstance(found, CostCenterFault):
        return with_name(found, await at_till(desk, voucher))
    return found or Cleared(year, around.series or VoucherSeries("", "", manual=False))


def with_items(fault: AccountFault, known: AtTill) -> AccountFault:
    """Say which of the till's items use the accounts a fault names."""
    uses = tuple(
        AccountUse(number=one.number, items=known.items.get(one.number, ())) for one in fault.facts.accounts
    )
    return fault.model_copy(update={"facts": fault.facts.model_copy(update={"accounts": uses})})


def with_name(fault: CostCenterFault, known: AtTill) -> CostCenterFault:
    """Say what the till calls a code, and which of its items use the account that is particular about it."""
    facts = fault.facts
    items = known.items.get(facts.account, ()) if facts.account else ()
    more = {"name": known.cost_centers.get(facts.code, ""), "items": items}
    return fault.model_copy(update={"facts": facts.model_copy(update=more)})


def obstacle(payload: Payload, around: Surroundings) -> Fault | None:
    """Return the first thing that stands in a voucher's way: series, period, accounts, cost centres."""
    return (
        _series_obstacle(payload.series, around)
        or _period_obstacle(payload.transaction_date, around.locked_until)
        or _account_obstacle(payload, around)
        or next((o for row in payload.rows if (o := _cost_center_obstacle(row, around))), None)
    )


def _series_obstacle(code: str, around: Surroundings) -> Fault | None:
    facts = SeriesFacts(series=code, financial_year=year_part(around.year))
    if around.series is None:
        return VoucherSeriesMissing(facts=facts)
    return None if around.series.manual else VoucherSeriesNotManual(facts=facts)


def _period_obstacle(day: date, locked_until: date | None) -> Fault | None:
    if locked_until is None or day > locked_until:
        return None
    return PeriodLocked(facts=LockFacts(transaction_date=day, locked_until=locked_until))


def _account_obstacle(payload: Payload, around: Surroundings) -> Fault | None:
    """Name every account that is not there, else every one that is switched off."""
    used = set(payload.accounts)
    missing = used - around.accounts.keys()
    inactive = {n for n in used - missing if not around.accounts[n].active}
    if missing:
        return AccountMissing(facts=_facts(missing, around))
    return AccountInactive(facts=_facts(inactive, around)) if inactive else None


def _facts(numbers: set[int], around: Surroundings) -> AccountsFacts:
    uses = tuple(AccountUse(number=number) for number in sorted(numbers))
    return AccountsFacts(accounts=uses, financial_year=year_part(around.year))


def _cost_center_obstacle(row: VoucherRow, around: Surroundings) -> Fault | None:
    demand = around.accounts[row.account].cost_center_setting
    if row.cost_center is None:
        if demand != "MANDATORY":
            return None
        return CostCenterRequired(facts=CostCenterFacts(account=row.account))
    facts = CostCenterFacts(code=row.cost_center, account=row.account)
    if demand == "NOTALLOWED":
        return CostCenterNotAllowed(facts=facts)
    found = around.cost_centers.get(row.cost_center)
    if found is None:
        return CostCenterMissing(facts=CostCenterFacts(code=row.cost_center))
    return None if found.active else CostCenterInactive(facts=CostCenterFacts(code=row.cost_center))


def _codes(payload: Payload) -> frozenset[str]:
    return frozenset(row.cost_center for row in payload.rows if row.cost_center)
