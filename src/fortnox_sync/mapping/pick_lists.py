"""Pick lists: what Fortnox has to choose among, what can't be chosen and why, the most fitting first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from fortnox_sync.accounting.account_map import Dimension
from fortnox_sync.fortnox import Account, CostCenter, FinancialYear, VoucherSeries
from fortnox_sync.mapping import bas
from fortnox_sync.mapping.swedish import begins, is_found

T = TypeVar("T")


class WhyNot(StrEnum):
    """Why something can't be chosen; the first that holds is told."""

    NOT_IN_YEAR = "not_in_year"
    INACTIVE = "inactive"
    NOT_MANUAL = "not_manual"
    RESERVED = "reserved"
    WRONG_KIND = "wrong_kind"
    DEMANDS_PROJECT = "demands_project"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Something Fortnox has, and why it can't be chosen if it can't."""

    what: T
    why_not: WhyNot | None

    @property
    def can_be_chosen(self) -> bool:
        """Tell whether nothing speaks against it."""
        return self.why_not is None


def accounts(
    here: Iterable[Account],
    elsewhere: Iterable[Account] = (),
    *,
    dimension: Dimension | None = None,
    search: str = "",
) -> tuple[Entry[Account], ...]:
    """List the accounts of a year, and those that only other years have.

    The choosable ones come first; those of a dimension by how well they fit it.
    """
    found = _found(here, elsewhere, lambda one: one.number, lambda one: why_not_account(one, dimension))

    def place(entry: Entry[Account]) -> tuple[object, ...]:
        number = entry.what.number
        rank = bas.rank(dimension, number) if dimension else None
        return (
            not entry.can_be_chosen,
            bool(search) and not begins(search, str(number)),
            rank or 0,
            number,
        )

    return tuple(sorted((one for one in found if _is_searched(one.what, search)), key=place))


def _is_searched(account: Account, search: str) -> bool:
    return is_found(search, str(account.number), account.description)


def why_not_account(account: Account, dimension: Dimension | None) -> WhyNot | None:
    """Return what speaks against an account of the year, first of all that Fortnox would refuse it."""
    if not account.active:
        return WhyNot.INACTIVE
    if account.number in bas.RESERVED:
        return WhyNot.RESERVED
    if dimension is not None and bas.rank(dimension, account.number) is None:
        return WhyNot.WRONG_KIND
    # We send no projects, so every voucher with such a row would be refused.
    return WhyNot.DEMANDS_PROJECT if account.project_setting == "MANDATORY" else None


def voucher_series(
    here: Iterable[VoucherSeries], elsewhere: Iterable[VoucherSeries] = (), *, search: str = ""
) -> tuple[Entry[VoucherSeries], ...]:
    """List the voucher series of a year, and those that only other years have; by code."""
    found = _found(
        here, elsewhere, lambda one: one.code, lambda one: None if one.manual else WhyNot.NOT_MANUAL
    )
    wanted = (one for one in found if is_found(search, one.what.code, one.what.description))
    return tuple(sorted(wanted, key=lambda one: (not one.can_be_chosen, one.what.code)))


def cost_centers(here: Iterable[CostCenter], *, search: str = "") -> tuple[Entry[CostCenter], ...]:
    """List the cost centres, which belong to no year; by code."""
    found = (Entry(one, None if one.active else WhyNot.INACTIVE) for one in here)
    wanted = (one for one in found if is_found(search, one.what.code, one.what.description))
    return tuple(sorted(wanted, key=lambda one: (not one.can_be_chosen, one.what.code)))


def financial_years(
    here: Iterable[FinancialYear], locked_until: date | None
) -> tuple[Entry[FinancialYear], ...]:
    """List the financial years, newest first; one that is locked to its last day takes no vouchers."""
    found = (
        Entry(one, WhyNot.LOCKED if locked_until is not None and one.to_on <= locked_until else None)
        for one in here
    )
    return tuple(sorted(found, key=lambda one: (not one.can_be_chosen, -one.what.from_on.toordinal())))


def _found(
    here: Iterable[T],
    elsewhere: Iterable[T],
    key: Callable[[T], object],
    why_not: Callable[[T], WhyNot | None],
) -> tuple[Entry[T], ...]:
    own = {key(one): one for one in here}
    others = {key(one): one for one in elsewhere if key(one) not in own}
    return (
        *(Entry(one, why_not(one)) for one in own.values()),
        *(Entry(one, WhyNot.NOT_IN_YEAR) for one in others.values()),
    )
