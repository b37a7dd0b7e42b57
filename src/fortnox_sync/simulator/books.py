"""The vouchers of one company: booked under the next number of their series, and what people do to them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """One line of a voucher; amounts in öre."""

    account: int
    debit: int = 0
    credit: int = 0
    cost_center: str = ""
    project: str = ""
    transaction_information: str = ""
    description: str = ""
    quantity: Decimal | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A voucher without a number."""

    series: str
    transaction_date: date
    description: str
    rows: tuple[VoucherRow, ...]
    comments: str = ""
    cost_center: str = ""
    project: str = ""


class VoucherKey(NamedTuple):
    """Where a voucher stands: numbers restart with each financial year (Fortnox docs, vouchers)."""

    year_id: int
    series: str
    number: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """A booked voucher."""

    key: VoucherKey
    draft: Draft
    made_by: str
    booked_at: datetime
    modified_at: datetime


class NotLastError(Exception):
    """Only the last voucher of a series can be deleted."""


class Books:
    """All vouchers of one company."""

    def __init__(self) -> None:
        self._vouchers: dict[VoucherKey, Voucher] = {}
        self._last: defaultdict[tuple[int, str], int] = defaultdict(int)

    def __iter__(self) -> Iterator[Voucher]:
        """Go through the vouchers in the order they were booked."""
        return iter(self._vouchers.values())

    def __len__(self) -> int:
        """Count the vouchers."""
        return len(self._vouchers)

    def find(self, key: VoucherKey) -> Voucher | None:
        """Look up one voucher."""
        return self._vouchers.get(key)

    def next_number(self, year_id: int, series: str) -> int:
        """Tell which number the next voucher of a series will get."""
        return self._last[year_id, series] + 1

    def book(self, draft: Draft, year_id: int, now: datetime, made_by: str) -> Voucher:
        """Book a draft under the next number of its series."""
        key = VoucherKey(year_id, draft.series, self.next_number(year_id, draft.series))
        voucher = Voucher(key, draft, made_by, now, now)
        self._vouchers[key] = voucher
        self._last[year_id, draft.series] = key.number
        return voucher

    def edit(self, key: VoucherKey, draft: Draft, now: datetime) -> Voucher:
        """Change a booked voucher, as a person can in the user interface."""
        voucher = replace(self._vouchers[key], draft=draft, modified_at=now)
        self._vouchers[key] = voucher
        return voucher

    def strike(self, key: VoucherKey, rows: frozenset[int], now: datetime) -> Voucher:
        """Strike rows: they stay for the audit trail, marked as removed."""
        draft = self._vouchers[key].draft
        struck = tuple(
            replace(row, removed=row.removed or index in rows) for index, row in enumerate(draft.rows)
        )
        return self.edit(key, replace(draft, rows=struck), now)

    def lose(self, key: VoucherKey) -> None:
        """Lose a voucher and keep its number taken, as no person can: the vendor's own mishap."""
        del self._vouchers[key]

    def delete_last(self, key: VoucherKey) -> Voucher:
        """Delete the last voucher of a series; its number will be used again (Fortnox help pages)."""
        if key.number != self._last[key.year_id, key.series]:
            raise NotLastError
        voucher = self._vouchers.pop(key)
        self._last[key.year_id, key.series] -= 1
        return voucher
