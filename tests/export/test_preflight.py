"""What Fortnox would refuse is found by looking: one table of surroundings and what they amount to."""

from dataclasses import replace
from datetime import date

import pytest

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.payload import freeze
from fortnox_sync.export.preflight import Surroundings, obstacle
from fortnox_sync.fault.model import subject
from fortnox_sync.fortnox import Account, CostCenter, FinancialYear, VoucherSeries

DAY = date(2026, 10, 2)
YEAR = FinancialYear(2, date(2026, 1, 1), date(2026, 12, 31))
SERIES = VoucherSeries("F", "Kassa", manual=True, next_number=1)


def an_account(number: int, *, active: bool = True, centers: str = "ALLOWED") -> Account:
    return Account(number, "Konto", active=active, cost_center_setting=centers)


def with_accounts(*changed: Account) -> Surroundings:
    return replace(CLEAR, accounts={**CLEAR.accounts, **{one.number: one for one in changed}})


CLEAR = Surroundings(
    year=YEAR,
    series=SERIES,
    accounts={number: an_account(number) for number in (1686, 2621, 3002)},
    cost_centers={"100": CostCenter("100", "Restaurang", active=True)},
    locked_until=None,
)
PAYLOAD = freeze(
    "F",
    DAY,
    "Dagsavslut",
    "#KX0000000000",
    [
        VoucherRow(1686, None, Money(11200), Money(0), "payment:card", "Kort"),
        VoucherRow(2621, None, Money(0), Money(1200), "vat:12", "Moms"),
        VoucherRow(3002, "100", Money(0), Money(10000), "sales:12", "Mat"),
    ],
)


def without(*numbers: int) -> Surroundings:
    return replace(CLEAR, accounts={n: one for n, one in CLEAR.accounts.items() if n not in numbers})


def test_nothing_stands_in_the_way_of_a_voucher_that_fits() -> None:
    assert obstacle(PAYLOAD, CLEAR) is None


@pytest.mark.parametrize(
    ("around", "code", "about"),
    [
        (replace(CLEAR, series=None), "voucher_series_missing", "F/2026"),
        (replace(CLEAR, series=replace(SERIES, manual=False)), "voucher_series_not_manual", "F/2026"),
        (replace(CLEAR, locked_until=DAY), "period_locked", "2026-10-02"),
        (replace(CLEAR, locked_until=date(2026, 12, 31)), "period_locked", "2026-12-31"),
        (without(3002), "account_missing", "3002"),
        (without(1686, 3002), "account_missing", "1686,3002"),
        (with_accounts(an_account(1686, active=False)), "account_inactive", "1686"),
        (
            with_accounts(an_account(1686, active=False), an_account(3002, active=False)),
            "account_inactive",
            "1686,3002",
        ),
        (with_accounts(an_account(1686, centers="MANDATORY")), "cost_center_required", "1686"),
        (with_accounts(an_account(3002, centers="NOTALLOWED")), "cost_center_not_allowed", "100/3002"),
        (replace(CLEAR, cost_centers={}), "cost_center_missing", "100"),
        (
            replace(CLEAR, cost_centers={"100": CostCenter("100", "Restaurang", active=False)}),
            "cost_center_inactive",
            "100",
        ),
    ],
)
def test_what_stands_in_the_way_is_named(around: Surroundings, code: str, about: str) -> None:
    """Rows 13 and 46."""
    found = obstacle(PAYLOAD, around)
    assert found is not None
    assert (found.code, subject(found)) == (code, about)


@pytest.mark.parametrize("locked_until", [None, date(2026, 10, 1), date(2025, 12, 31)])
def test_a_day_after_the_lock_is_open(locked_until: date | None) -> None:
    assert obstacle(PAYLOAD, replace(CLEAR, locked_until=locked_until)) is None


def test_an_account_that_demands_a_cost_center_takes_the_row_that_has_one() -> None:
    assert obstacle(PAYLOAD, with_accounts(an_account(3002, centers="MANDATORY"))) is None


def test_a_missing_account_is_named_before_one_switched_off() -> None:
    """Made first, the missing one; the other shows at the next look."""
    around = replace(without(3002), accounts={**without(3002).accounts, 1686: an_account(1686, active=False)})
    found = obstacle(PAYLOAD, around)
    assert found is not None
    assert found.code == "account_missing"
