"""The bookkeeping checks a voucher must pass before it gets a number.

The order of the checks is ours: no source tells which fault Fortnox names first when there are several.
"""

from datetime import date

from fortnox_sync.simulator import refusals
from fortnox_sync.simulator.books import Draft, VoucherRow
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.registers import Account, Dimension, FinancialYear


def find_year(company: Company, year_id: int | None, day: date) -> FinancialYear:
    """Find the year a voucher goes to, and see that its date is within it.

    Without financialyear the OpenAPI description sends it to the preselected year, while an SDK's tests show
    the year of the date: the company's conditions choose.
    """
    if company.year_of(day) is None:
        raise refusals.YEAR_MISSING.error()
    if year_id is None and company.conditions.year_by == "date":
        return company.year_of(day) or company.year(company.preselected_year)
    year = company.year(company.preselected_year if year_id is None else year_id)
    if not year.holds(day):
        raise refusals.DATE_OUTSIDE_YEAR.error()
    return year


def check(company: Company, year: FinancialYear, draft: Draft) -> None:
    """Refuse a voucher that these books cannot take."""
    _check_lock(company, draft.transaction_date)
    _check_series(company, year, draft.series)
    _check_cost_center(company, draft.cost_center)
    _check_project(draft.project)
    for row in draft.rows:
        _check_row(company, year, row)
    _check_balance(draft)


def _check_lock(company: Company, day: date) -> None:
    lock = company.lock_on(day)
    if lock is None:
        return
    if lock.automatic:
        raise refusals.AUTOMATIC_LOCK.error()
    raise refusals.PERIOD_LOCKED.error(user=lock.by, end_on=lock.end_on)


def _check_series(company: Company, year: FinancialYear, code: str) -> None:
    series = company.series.get(year.id, {}).get(code)
    if series is None:
        raise refusals.SERIES_MISSING.error()
    if not series.manual:
        raise refusals.SERIES_NOT_MANUAL.error(series=code)


def _check_row(company: Company, year: FinancialYear, row: VoucherRow) -> None:
    account = company.accounts.get(year.id, {}).get(row.account)
    if account is None:
        raise refusals.ACCOUNT_MISSING.error()
    if not account.active:
        raise refusals.ACCOUNT_INACTIVE.error(account=row.account)
    if bool(row.debit) == bool(row.credit):
        raise refusals.ROW_SIDES.error()
    _check_dimensions(account, row)
    _check_cost_center(company, row.cost_center)
    _check_project(row.project)


def _check_dimensions(account: Account, row: VoucherRow) -> None:
    if account.cost_center_settings is Dimension.MANDATORY and not row.cost_center:
        raise refusals.COST_CENTER_REQUIRED.error(account=row.account)
    if account.cost_center_settings is Dimension.NOT_ALLOWED and row.cost_center:
        raise refusals.COST_CENTER_NOT_ALLOWED.error(account=row.account)
    if account.project_settings is Dimension.MANDATORY and not row.project:
        raise refusals.PROJECT_REQUIRED.error(account=row.account)


def _check_cost_center(company: Company, code: str) -> None:
    if not code:
        return
    cost_center = company.cost_centers.get(code)
    if cost_center is None:
        raise refusals.COST_CENTER_MISSING.error(code=code)
    if not cost_center.active:
        raise refusals.COST_CENTER_INACTIVE.error(code=code)


def _check_project(number: str) -> None:
    # The simulated company has no projects.
    if number:
        raise refusals.PROJECT_MISSING.error()


def _check_balance(draft: Draft) -> None:
    if sum(row.debit for row in draft.rows) != sum(row.credit for row in draft.rows):
        raise refusals.UNBALANCED.error()
