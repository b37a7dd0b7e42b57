"""Drafting: which vouchers a till session would make now, or what stands in their way; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.money import Money, total
from fortnox_sync.accounting.posting import Posted, Unmapped, post
from fortnox_sync.accounting.till import EntryType, Tally, TransactionKind
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export import tally
from fortnox_sync.export.backlog import Session
from fortnox_sync.export.incomplete import day_incomplete, digest_of
from fortnox_sync.export.repository import parts_taken
from fortnox_sync.export.rules import Rules
from fortnox_sync.fault.model import DayIncomplete
from fortnox_sync.fault.repository import Waiting
from fortnox_sync.fortnox.text import clean
from fortnox_sync.intake.tables import day_close, till_transaction

# A long name of a register must not push the Z number out of the text.
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Part:
    """The transactions of a session that share a voucher: the takings, the drawer, or one purchase."""

    name: str
    title: str
    tallies: tuple[Tally, ...]
    which: sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class DraftVoucher:
    """A part with its rows; none where everything summed to zero."""

    part: Part
    rows: tuple[VoucherRow, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a session would become.

    `agreed_revision` is the close that its transactions equal, if they do. A draft has an obstacle or
    vouchers, never both: a part of a day in the books looks like the whole of it.
    """

    session: Session
    is_closed: bool
    unclaimed: tuple[Tally, ...]
    agreed_revision: int | None
    vouchers: tuple[DraftVoucher, ...] = ()
    obstacle: DayIncomplete | tuple[Unmapped, ...] | None = None

    @property
    def waiting(self) -> Waiting:
        """Say what of the session waits: the payments of what is in no voucher yet."""
        paid: Money = total(t.amount for t in self.unclaimed if t.type is EntryType.PAYMENT)
        return Waiting("session", self.session.session_id, self.session.business_date, paid.ore)


async def draft(
    connection: AsyncConnection, company_id: str, session: Session, rules: Rules, *, by_hand: bool
) -> Draft | None:
    """Draft a session by today's rules; None for one that is neither closed nor asked for by hand."""
    close = await latest_close(connection, company_id, session.session_id)
    if close is None and not by_hand:
        return None
    names = await rules.names_for(connection, company_id, session.session_id)
    sums = await tally.session_sums(connection, company_id, session.session_id)
    register = rules.registers.get(session.register_id, session.register_id)
    agreed = session.agreed_revision
    if close is not None and close.revision != agreed:
        found = await day_incomplete(connection, company_id, session, close, sums.all, register, names)
        if found is not None and digest_of(found) != session.accepted_digest:
            return Draft(session, close is not None, sums.unclaimed, agreed, obstacle=found)
        agreed = close.revision if found is None else agreed
    taken = await parts_taken(connection, company_id, session.session_id)
    title = _title(session, close, register)
    posted = [
        (part, post(part.tallies, rules.accounts, rules.cost_centers, names))
        for part in divide(title, sums.unclaimed, taken)
    ]
    unmapped = tuple(u for _, result in posted if not isinstance(result, Posted) for u in result.unmapped)
    if unmapped:
        return Draft(session, close is not None, sums.unclaimed, agreed, obstacle=unmapped)
    vouchers = tuple(DraftVoucher(p, result.rows) for p, result in posted if isinstance(result, Posted))
    return Draft(session, close is not None, sums.unclaimed, agreed, vouchers)


async def latest_close(connection: AsyncConnection, company_id: str, session_id: str) -> Any:  # noqa: ANN401 - a row
    """Return the close of a session with the highest revision, or None while it is open."""
    query = (
        sa.select(day_close)
        .where(day_close.c.company_id == company_id, day_close.c.session_id == session_id)
        .order_by(day_close.c.revision.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


def _title(session: Session, close: Any, register: str) -> str:  # noqa: ANN401 - a row, or None
    """Say which day and register it is; what comes after an agreed close says that it completes it."""
    name = clean(register, _LONGEST_NAME) or session.register_id
    if close is None:
        return f"Dagskassa {session.business_date} {name}"
    of = f"agsavslut {session.business_date} {name} Z {close.z_number}"
    return f"Komplettering till d{of}" if close.revision == session.agreed_revision else f"D{of}"


def divide(title: str, tallies: Sequence[Tally], taken: Mapping[str, bool]) -> Iterator[Part]:
    """Divide what is unclaimed into vouchers: takings, drawer movements, and each purchase by itself.

    A purchase needs a voucher of its own (BFNAR 2013:2, 6.6); a session of which nothing was told is
    recorded as empty, so that no day is missing. `taken` are the names that the session has used already,
    and whether what they name counts as a part of the day in the books.
    """
    kind = till_transaction.c.kind
    takings = tuple(t for t in tallies if t.kind.is_takings)
    if takings or not (tallies or taken):
        name, suffix = _next_name("takings", taken)
        joint = kind.in_([k.value for k in TransactionKind if k.is_takings])
        yield Part(name, title + suffix, takings, joint)
    drawer = tuple(t for t in tallies if t.kind is TransactionKind.DRAWER)
    if drawer:
        name, suffix = _next_name("drawer", taken)
        yield Part(name, f"{title} kassarörelser{suffix}", drawer, kind == TransactionKind.DRAWER.value)
    purchases = (t.transaction_id for t in tallies if t.kind is TransactionKind.PURCHASE)
    for transaction_id in sorted({one for one in purchases if one}):
        mine = tuple(t for t in tallies if t.transaction_id == transaction_id)
        name, suffix = _next_name(f"purchase:{transaction_id}", taken)
        only = till_transaction.c.transaction_id == transaction_id
        yield Part(name, f"{title} inköp {transaction_id}{suffix}", mine, only)


def _next_name(part: str, taken: Mapping[str, bool]) -> tuple[str, str]:
    """Name the next part of its kind, `takings`, then `takings:2`, and say its place if it has any."""
    names = (f"{part}:{n}" for n in count(2))
    name = next(one for one in names if one not in taken) if part in taken else part
    before = sum(counts for one, counts in taken.items() if one == part or one.startswith(f"{part}:"))
    return name, f" del {before + 1}" if before else ""
