"""What was found in the customer's books, told as faults with both sides."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Literal

from fortnox_sync.export.attempts import Attempt
from fortnox_sync.export.repository import StoredVoucher
from fortnox_sync.fault.facts import (
    ChangedFacts,
    DecisionFacts,
    DeletedFacts,
    DoubtFacts,
    DuplicateFacts,
    ForeignFacts,
    MissingNumbersFacts,
)
from fortnox_sync.fault.model import (
    AnswerInDoubt,
    DecisionNeeded,
    VoucherChanged,
    VoucherDeleted,
    VoucherDuplicate,
    VoucherForeign,
    VoucherNumbersMissing,
)
from fortnox_sync.fault.parts import BookedAs, FinancialYear, RowChange
from fortnox_sync.fortnox import BookedVoucher, VoucherListItem

Reason = Literal["absent_twice", "counter_moved", "unknown_voucher", "already_booked_by_hand", "no_proof"]

# Of a gap of thousands the first say where it begins.
_MOST_NUMBERS_TOLD = 20
# Debits and credits in öre, by account and cost centre.
_Rows = defaultdict[tuple[int, str], list[tuple[int, int]]]


def booked_as(booked: BookedVoucher | VoucherListItem) -> BookedAs:
    """Say where a voucher stands in Fortnox."""
    return BookedAs(series=booked.series, number=booked.number, financial_year=_year(booked))


def _year(booked: BookedVoucher | VoucherListItem) -> FinancialYear:
    return FinancialYear(label=str(booked.transaction_date.year))


def rows_differ(voucher: StoredVoucher, booked: BookedVoucher) -> VoucherChanged:
    """Say how the booked rows differ from what was sent, by account and cost centre."""
    ours: _Rows = defaultdict(list)
    theirs: _Rows = defaultdict(list)
    for row in voucher.payload.rows:
        ours[row.account, row.cost_center or ""].append((row.debit.ore, row.credit.ore))
    for found in booked.rows:
        if not found.removed:
            theirs[found.account, found.cost_center or ""].append((found.debit_ore, found.credit_ore))
    changed = tuple(
        RowChange(account=on[0], cost_center=on[1], ours_ore=_sum(ours[on]), theirs_ore=_sum(theirs[on]))
        for on in sorted(ours.keys() | theirs.keys())
        if sorted(ours[on]) != sorted(theirs[on])
    )
    moved = voucher.payload.transaction_date != booked.transaction_date
    return VoucherChanged(
        facts=ChangedFacts(
            voucher=booked_as(booked),
            rows=changed,
            our_date=voucher.payload.transaction_date if moved else None,
            their_date=booked.transaction_date if moved else None,
        )
    )


def _sum(rows: list[tuple[int, int]]) -> int:
    return sum(debit - credit for debit, credit in rows)


def already_there_twice(voucher: StoredVoucher, matches: tuple[BookedVoucher, ...]) -> VoucherDuplicate:
    """Say that the same sales stand in several vouchers; the first of them is the one that counts."""
    first, *copies = matches
    return VoucherDuplicate(
        facts=DuplicateFacts(
            voucher=booked_as(first),
            copies=tuple(booked_as(copy) for copy in copies),
            transaction_date=voucher.payload.transaction_date,
            amount_ore=voucher.amount_ore,
        )
    )


def is_gone(voucher: StoredVoucher, number: int) -> VoucherDeleted:
    """Say that a booked voucher is not in Fortnox any more."""
    year = FinancialYear(label=str(voucher.payload.transaction_date.year))
    return VoucherDeleted(
        facts=DeletedFacts(
            voucher=BookedAs(series=voucher.payload.series, number=number, financial_year=year),
            transaction_date=voucher.payload.transaction_date,
            amount_ore=voucher.amount_ore,
        )
    )


def is_foreign(item: BookedVoucher | VoucherListItem) -> VoucherForeign:
    """Say that somebody else booked in a series that is ours."""
    return VoucherForeign(
        facts=ForeignFacts(
            voucher=booked_as(item), transaction_date=item.transaction_date, description=item.description
        )
    )


def numbers_missing(series: str, year: FinancialYear, missing: tuple[int, ...]) -> VoucherNumbersMissing:
    """Say that numbers of a series stand for nothing."""
    return VoucherNumbersMissing(
        facts=MissingNumbersFacts(
            series=series,
            financial_year=year,
            missing_numbers=missing[:_MOST_NUMBERS_TOLD],
            missing_count=len(missing),
        )
    )


def still_in_doubt(voucher: StoredVoucher, live: Attempt, settle: timedelta) -> AnswerInDoubt:
    """Say that a voucher was sent, nobody answered, and a look has not found it so far."""
    return AnswerInDoubt(
        facts=DoubtFacts(
            voucher_id=voucher.voucher_id,
            series=voucher.payload.series,
            transaction_date=voucher.payload.transaction_date,
            asked_at=live.started_at,
            settled_by_at=live.token_expires_at + settle,
        )
    )


def needs_decision(
    voucher: StoredVoucher, reason: Reason, candidates: tuple[BookedAs, ...] = ()
) -> DecisionNeeded:
    """Say that only a person can tell whether a voucher is booked; one of the candidates may be it."""
    return DecisionNeeded(
        facts=DecisionFacts(
            voucher_id=voucher.voucher_id,
            series=voucher.payload.series,
            transaction_date=voucher.payload.transaction_date,
            amount_ore=voucher.amount_ore,
            reason=reason,
            candidates=candidates,
        )
    )
