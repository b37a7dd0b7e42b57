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
from fortnox_sync.export.reverse import Replaced, replaced
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
    titles = Titles.of(session, close, register, await replaced(connection, company_id, session.session_id))
    posted = [
        (part, post(part.tallies, rules.accounts, rules.cost_centers, names))
        for part in divide(titles, sums.unclaimed, taken)
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


@dataclass(frozen=True, slots=True)
class Titles:
    """What the vouchers of a session are called: after its day, or as what completes or replaces it."""

    day: str
    is_supplement: bool
    replaced: tuple[Replaced, ...] = ()

    @classmethod
    def of(cls, session: Session, close: Any, register: str, replaced: tuple[Replaced, ...]) -> Titles:  # noqa: ANN401 - a row, or None
        """Name the day and register; what comes after an agreed close completes it."""
        name = clean(register, _LONGEST_NAME) or session.register_id
        if close is None:
            return cls(f"Dagskassa {session.business_date} {name}", is_supplement=False, replaced=replaced)
        day = f"Dagsavslut {session.business_date} {name} Z {close.z_number}"
        return cls(day, close.revision == session.agreed_revision, replaced)

    def title(self, part: str, more: str = "", place: str = "") -> str:
        """Return the title of a part, with the bookings it replaces if it does."""
        before = [
            f"{r.series} {r.number}" for r in self.replaced if r.part == part or r.part.startswith(f"{part}:")
        ]
        if before:
            return f"{self.day}{more}{place} ersätter {', '.join(before)}"
        begun = f"Komplettering till d{self.day[1:]}" if self.is_supplement else self.day
        return f"{begun}{more}{place}"


def divide(titles: Titles, tallies: Sequence[Tally], taken: Mapping[str, bool]) -> Iterator[Part]:
    """Divide what is unclaimed into vouchers: takings, drawer movements, and each purchase by itself.

    A purchase needs a voucher of its own (BFNAR 2013:2, 6.6); a session of which nothing was told is
    recorded as empty, so that no day is missing. `taken` are the names that the session has used already,
    and whether what they name counts as a part of the day in the books.
    """
    kind = till_transaction.c.kind
    takings = tuple(t for t in tallies if t.kind.is_takings)
    if takings or not (tallies or taken):
        joint = kind.in_([k.value for k in TransactionKind if k.is_takings])
        yield _part("takings", "", titles, takings, joint, taken)
    drawer = tuple(t for t in tallies if t.kind is TransactionKind.DRAWER)
    if drawer:
        moved = kind == TransactionKind.DRAWER.value
        yield _part("drawer", " kassarörelser", titles, drawer, moved, taken)
    used = dict(taken)
    purchases = (t.transaction_id for t in tallies if t.kind is TransactionKind.PURCHASE)
    for transaction_id in sorted({one for one in purchases if one}):
        mine = tuple(t for t in tallies if t.transaction_id == transaction_id)
        only = till_transaction.c.transaction_id == transaction_id
        bought = _part(f"purchase:{transaction_id}", f" inköp {transaction_id}", titles, mine, only, used)
        used[bought.name] = False  # an id such as P1:2 must not be given the name that P1 just got
        yield bought


def _part(
    base: str,
    more: str,
    titles: Titles,
    tallies: tuple[Tally, ...],
    which: sa.ColumnElement[bool],
    taken: Mapping[str, bool],
) -> Part:
    name, place = _next_name(base, taken)
    return Part(name, titles.title(base, more, place), tallies, which)


def _next_name(part: str, taken: Mapping[str, bool]) -> tuple[str, str]:
    """Name the next part of its kind, `takings`, then `takings:2`, and say its place if it has any."""
    names = (f"{part}:{n}" for n in count(2))
    name = next(one for one in names if one not in taken) if part in taken else part
    before = sum(counts for one, counts in taken.items() if one == part or one.startswith(f"{part}:"))
    return name, f" del {before + 1}" if before else ""
