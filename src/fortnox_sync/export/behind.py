"""Behind a row: the till's transactions that a voucher row is the sum of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.account_map import AccountRole, event_role, payment_role, sales_role, vat_role
from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.posting import Names, Posted, post
from fortnox_sync.accounting.till import EntryType, Tally, TransactionKind
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.repository import StoredVoucher
from fortnox_sync.export.rules import Rules
from fortnox_sync.export.tables import claim
from fortnox_sync.export.tally import live_claims
from fortnox_sync.intake.tables import till_entry, till_transaction

# What tells lines apart that may be booked on different accounts or cost centres.
_KEY = (
    till_entry.c.kind,
    till_entry.c.item_id,
    till_entry.c.register_id,
    till_entry.c.vat_rate,
    till_entry.c.cost_center_id,
)
Key = tuple[str, str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Share:
    """A transaction's part of a row; `debit` is signed, negative for a credit."""

    transaction_id: str
    receipt_number: int | None
    occurred_at: datetime
    kind: TransactionKind
    text: str | None
    debit: Money


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of what is behind a row.

    `is_exact` tells that all pages add up to the row to the öre. They may not where one sum was divided
    over several accounts, and an account was chosen otherwise since.
    """

    shares: tuple[Share, ...]
    is_exact: bool
    next_after: str | None


async def behind(
    connection: AsyncConnection,
    company_id: str,
    voucher: StoredVoucher,
    row: VoucherRow,
    rules: Rules,
    limit: int,
    after: str | None,
) -> Behind:
    """Return the transactions of a row, `limit` at a time; behind a reversal are those of the reversed."""
    holder = voucher.reverses or voucher.voucher_id
    sign = -1 if voucher.reverses else 1
    lines = _lines(company_id, holder, voucher.origin, row.of)
    sums = await _sums(connection, lines, row.of)
    keys, is_exact = _keys(sums, row, rules, sign)
    found = await _page(connection, lines, row.of, limit, after)
    shares = tuple(_shares((one for one in found if _key(one) in keys), sign))
    last = found[-1].transaction_id if len({one.transaction_id for one in found}) == limit else None
    return Behind(shares, is_exact, last)


def _lines(company_id: str, voucher_id: str, session_id: str, of: str) -> sa.ColumnElement[bool]:
    """Choose the lines that a sum such as `payment:card`, `sales:12` or `event:tip@K1-7` is made of."""
    kind, _, rest = of.partition(":")
    held = sa.select(claim.c.transaction_id).where(claim.c.voucher_id == voucher_id)
    which = kind if kind in {"payment", "event"} else "sale"
    item = till_entry.c.vat_rate if which == "sale" else till_entry.c.item_id
    # Spelled as posting does, not taken apart: an id of the till may hold an @ itself.
    spelled = sa.case(
        (till_entry.c.kind == TransactionKind.DRAWER.value, item + "@" + till_entry.c.transaction_id),
        else_=item,
    )
    return sa.and_(
        till_entry.c.company_id == company_id,
        till_entry.c.session_id == session_id,
        till_entry.c.transaction_id.in_(held),
        till_entry.c.type == which,
        spelled == rest,
    )


def _debit(of: str) -> sa.ColumnElement[int]:
    """Return what a line adds to the debit side of a sum."""
    match of.partition(":")[0]:
        case "payment":
            return till_entry.c.amount
        case "event":
            return -till_entry.c.amount
        case "vat":
            return -till_entry.c.vat
        case _:
            return till_entry.c.vat - till_entry.c.amount


async def _sums(connection: AsyncConnection, lines: sa.ColumnElement[bool], of: str) -> dict[Key, Money]:
    query = sa.select(*_KEY, sa.func.sum(_debit(of)).label("debit")).where(lines).group_by(*_KEY)
    return {_key(row): Money(int(row.debit)) for row in await connection.execute(query)}


def _key(row: Any) -> Key:  # noqa: ANN401 - a row with the columns of _KEY
    return row.kind, row.item_id, row.register_id, row.vat_rate, row.cost_center_id


def _keys(sums: dict[Key, Money], row: VoucherRow, rules: Rules, sign: int) -> tuple[set[Key], bool]:
    """Find which lines the row holds: by today's accounts, else all of its kind and cost centre."""
    due = (row.debit.ore - row.credit.ore) * sign
    of_account = {key for key in sums if _place(key, row.of, rules) == (row.account, row.cost_center)}
    of_center = {key for key in sums if _center(key, row, rules) == row.cost_center}
    for keys in (of_account, of_center, set(sums)):
        if keys and sum(sums[key].ore for key in keys) == due:
            return keys, True
    return of_account or of_center or set(sums), False


def _place(key: Key, of: str, rules: Rules) -> tuple[int | None, str | None]:
    account = rules.accounts.account_for(_role(key, of))
    return account, rules.cost_centers.code_for(account, _tally(key)) if account else None


def _center(key: Key, row: VoucherRow, rules: Rules) -> str | None:
    return rules.cost_centers.code_for(row.account, _tally(key))


def _role(key: Key, of: str) -> AccountRole:
    _, item_id, register_id, vat_rate, _ = key
    match of.partition(":")[0]:
        case "payment":
            return payment_role(item_id, register_id)
        case "event":
            return event_role(item_id)
        case "vat":
            return vat_role(VatRate.parse(vat_rate or "0"))
        case _:
            return sales_role(item_id, VatRate.parse(vat_rate or "0"))


def _tally(key: Key) -> Tally:
    kind, item_id, register_id, _, cost_center_id = key
    return Tally(
        TransactionKind(kind),
        EntryType.EVENT,
        item_id,
        register_id,
        Money(0),
        cost_center_id=cost_center_id,
    )


async def _page(
    connection: AsyncConnection, lines: sa.ColumnElement[bool], of: str, limit: int, after: str | None
) -> list[Any]:
    """Read the lines of the next transactions, in the order of their ids."""
    later = till_entry.c.transaction_id > after if after is not None else sa.true()
    ids = (
        sa.select(till_entry.c.transaction_id)
        .where(lines, later)
        .distinct()
        .order_by(till_entry.c.transaction_id)
        .limit(limit)
    )
    told = till_transaction.c
    query = (
        sa.select(
            *_KEY,
            till_entry.c.transaction_id,
            _debit(of).label("debit"),
            told.receipt_number,
            told.occurred_at,
            told.text,
        )
        .join(
            till_transaction,
            sa.and_(
                told.company_id == till_entry.c.company_id,
                told.transaction_id == till_entry.c.transaction_id,
            ),
        )
        .where(lines, till_entry.c.transaction_id.in_(ids))
        .order_by(till_entry.c.transaction_id, till_entry.c.position)
    )
    return list(await connection.execute(query))


def _shares(lines: Iterable[Any], sign: int) -> Iterable[Share]:
    """Add the lines of each transaction up."""
    shares: dict[str, Share] = {}
    for line in lines:
        before = shares.get(line.transaction_id)
        debit = Money(line.debit * sign + (before.debit.ore if before else 0))
        shares[line.transaction_id] = _share(line, debit)
    return shares.values()


def _share(line: Any, debit: Money) -> Share:  # noqa: ANN401 - a row with what a share tells
    kind = TransactionKind(line.kind)
    return Share(line.transaction_id, line.receipt_number, line.occurred_at, kind, line.text, debit)


RowKey = tuple[int, str | None, str]


async def behind_draft(
    connection: AsyncConnection,
    company_id: str,
    session_id: str,
    which: sa.ColumnElement[bool],
    rules: Rules,
    names: Names,
) -> dict[RowKey, tuple[Share, ...]]:
    """Return the transactions behind each row of a voucher to come, keyed by account, cost centre and sum.

    Each line is posted by itself by the rules that post their sum, so the shares add up to the rows.
    """
    shares: dict[RowKey, dict[str, Share]] = {}
    for line in await _unclaimed(connection, company_id, session_id, which):
        posted = post([_tally_of(line)], rules.accounts, rules.cost_centers, names)
        for row in posted.rows if isinstance(posted, Posted) else ():
            mine = shares.setdefault((row.account, row.cost_center, row.of), {})
            before = mine.get(line.transaction_id)
            debit = row.debit - row.credit + (before.debit if before else Money(0))
            mine[line.transaction_id] = _share(line, debit)
    return {key: tuple(mine.values()) for key, mine in shares.items()}


async def _unclaimed(
    connection: AsyncConnection, company_id: str, session_id: str, which: sa.ColumnElement[bool]
) -> list[Any]:
    told = till_transaction.c
    same = sa.and_(
        told.company_id == till_entry.c.company_id, told.transaction_id == till_entry.c.transaction_id
    )
    query = (
        sa.select(
            *_KEY,
            till_entry.c.type,
            till_entry.c.amount,
            till_entry.c.vat,
            told.transaction_id,
            told.receipt_number,
            told.occurred_at,
            told.text,
        )
        .join(till_transaction, same)
        .where(
            till_entry.c.company_id == company_id,
            till_entry.c.session_id == session_id,
            told.transaction_id.not_in(live_claims(company_id, session_id)),
            which,
        )
        .order_by(told.receipt_number, told.transaction_id, till_entry.c.position)
    )
    return list(await connection.execute(query))


def _tally_of(line: Any) -> Tally:  # noqa: ANN401 - a row of the query above
    kind = TransactionKind(line.kind)
    return Tally(
        kind=kind,
        type=EntryType(line.type),
        item_id=line.item_id,
        register_id=line.register_id,
        amount=Money(line.amount),
        vat=Money(line.vat),
        vat_rate=VatRate.parse(line.vat_rate) if line.vat_rate is not None else None,
        cost_center_id=line.cost_center_id,
        transaction_id=None if kind.is_takings else line.transaction_id,
    )
