"""What Fortnox is asked to book: texts with the marker in its three places, frozen with a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fortnox_sync.accounting.voucher import Voucher, VoucherRow
from fortnox_sync.fortnox import BookedVoucher, VoucherDraft, VoucherRowDraft
from fortnox_sync.fortnox.text import DESCRIPTION_LIMIT, ROW_TEXT_LIMIT, clean

_SHORT_HASH = 12
# What a row says to Fortnox: account, cost centre, debit and credit in öre, text.
Said = tuple[int, str | None, int, int, str]


@dataclass(frozen=True, slots=True)
class Payload:
    """A voucher as it will be sent, every time the same."""

    series: str
    transaction_date: date
    description: str
    comments: str
    marker: str
    rows: tuple[VoucherRow, ...]
    hash: str

    @property
    def accounts(self) -> tuple[int, ...]:
        """Return the accounts it is booked on, each once."""
        return tuple(sorted({row.account for row in self.rows}))

    @property
    def title(self) -> str:
        """Return the description without the marker."""
        return self.description.removesuffix(self.marker).rstrip()

    @property
    def draft(self) -> VoucherDraft:
        """Return it in Fortnox's words; the first row carries the marker too."""
        return VoucherDraft(
            series=self.series,
            transaction_date=self.transaction_date,
            description=self.description,
            comments=self.comments,
            rows=tuple(_row_draft(row) for row in self.rows),
        )


def freeze(
    series: str, transaction_date: date, title: str, marker: str, rows: Sequence[VoucherRow]
) -> Payload:
    """Clean every text to what Fortnox takes and put the marker in its places.

    Raises unless the rows balance: nothing else is ever stored. No rows at all make an empty day.
    """
    if rows:
        Voucher(transaction_date, tuple(rows))
    cleaned = tuple(_cleaned(row, marker if position == 0 else "") for position, row in enumerate(rows))
    description = _marked(title, marker, DESCRIPTION_LIMIT)
    said = ((r.account, r.cost_center, r.debit.ore, r.credit.ore, r.text) for r in cleaned)
    digest = digest_of(series, transaction_date, description, said)
    comments = f"{marker} {digest[:_SHORT_HASH]}"
    return Payload(series, transaction_date, description, comments, marker, cleaned, digest)


def in_series(payload: Payload, series: str) -> Payload:
    """Freeze the same rows under the same marker for another series: a mirror's rows never change."""
    rows = [replace(row, text=row.text.removesuffix(payload.marker).rstrip()) for row in payload.rows]
    return freeze(series, payload.transaction_date, payload.title, payload.marker, rows)


def _cleaned(row: VoucherRow, marker: str) -> VoucherRow:
    text = _marked(row.text, marker, ROW_TEXT_LIMIT)
    return VoucherRow(row.account, row.cost_center, row.debit, row.credit, row.of, text)


def _marked(text: str, marker: str, limit: int) -> str:
    """Cut the text, never the marker."""
    room = limit - len(marker) - 1 if marker else limit
    return " ".join(filter(None, (clean(text, room), marker)))


def digest_of(series: str, transaction_date: date, description: str, rows: Iterable[Said]) -> str:
    """Identify what a voucher says: the hash it is frozen with."""
    said = [series, transaction_date.isoformat(), description, [list(row) for row in rows]]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _row_draft(row: VoucherRow) -> VoucherRowDraft:
    return VoucherRowDraft(row.account, row.debit.ore, row.credit.ore, row.cost_center, row.text or None)


def is_same(payload: Payload, booked: BookedVoucher) -> bool:
    """Tell whether a booked voucher says what was sent: series, date and rows, whatever their order.

    Texts are not compared: a person may reword a row without changing the books.
    """
    theirs = sorted(
        (row.account, row.cost_center or "", row.debit_ore, row.credit_ore)
        for row in booked.rows
        if not row.removed
    )
    ours = sorted((r.account, r.cost_center or "", r.debit.ore, r.credit.ore) for r in payload.rows)
    same_place = (booked.series, booked.transaction_date) == (payload.series, payload.transaction_date)
    return same_place and ours == theirs
