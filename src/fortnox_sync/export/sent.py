"""What was sent once a fault was healed: the vouchers that had waited for it, by what has become of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.access import AT_THE_DOOR
from fortnox_sync.export.state import MOVING, State
from fortnox_sync.export.tables import booking, voucher, voucher_row
from fortnox_sync.fault.model import FaultCode
from fortnox_sync.fault.parts import Sent
from fortnox_sync.fault.tables import fault, fault_released, fault_waiting

# Found on vouchers that were in Fortnox already: their cure sends nothing.
_ABOUT_BOOKED: frozenset[FaultCode] = frozenset(
    {"voucher_changed", "voucher_deleted", "voucher_duplicate", "voucher_foreign", "voucher_numbers_missing"}
)
_WAITS = (fault_waiting, fault_released)


async def sent_of(
    connection: AsyncConnection, company_id: str, fault_ids: Collection[str]
) -> dict[str, Sent]:
    """Return what was sent for each of a company's closed faults, in one statement for all of them."""
    if not fault_ids:
        return {}
    closed = sa.and_(
        fault.c.company_id == company_id,
        fault.c.fault_id.in_(fault_ids),
        fault.c.resolved_at.is_not(None),
        fault.c.code.not_in(_ABOUT_BOOKED),
    )
    found: dict[str, Sent] = {}
    for row in await connection.execute(_sums(company_id, closed)):
        found[row.fault_id] = _more(found.get(row.fault_id, Sent()), row)
    return found


def _more(so_far: Sent, day: Any) -> Sent:  # noqa: ANN401 - a row of the query
    """Add the vouchers of a day."""
    if day.state != State.BOOKED.value:
        return so_far.model_copy(update={"on_their_way": so_far.on_their_way + day.vouchers})
    return so_far.model_copy(
        update={
            "vouchers": so_far.vouchers + day.vouchers,
            "dates": (*so_far.dates, day.transaction_date),
            "amount_ore": so_far.amount_ore + int(day.amount),
        }
    )


def _sums(company_id: str, closed: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Count and sum, per fault, state and day, each voucher once though it may have waited twice."""
    waited = sa.union(_vouchers(closed), _of_sessions(closed), _at_the_door(closed)).subquery("waited")
    rows = sa.and_(
        voucher_row.c.voucher_id == voucher.c.voucher_id, voucher_row.c.revision == voucher.c.revision
    )
    groups = (waited.c.fault_id, voucher.c.state, voucher.c.transaction_date)
    states = [state.value for state in (State.BOOKED, *MOVING)]
    return (
        sa.select(
            *groups,
            sa.func.count(voucher.c.voucher_id.distinct()).label("vouchers"),
            sa.func.sum(voucher_row.c.debit).label("amount"),
        )
        .select_from(
            waited.join(voucher, voucher.c.voucher_id == waited.c.voucher_id).join(voucher_row, rows)
        )
        .where(voucher.c.company_id == company_id, voucher.c.state.in_(states))
        .group_by(*groups)
        .order_by(*groups)
    )


def _waited(closed: sa.ColumnElement[bool]) -> sa.Subquery:
    """List what waited for faults and until when: let go one by one, or waiting when all was over."""
    let_go, rest = fault_released.c, fault_waiting.c
    released = sa.select(fault.c.fault_id, let_go.kind, let_go.waiting_id, let_go.released_at.label("until"))
    closing = sa.select(fault.c.fault_id, rest.kind, rest.waiting_id, fault.c.resolved_at)
    return sa.union_all(
        released.join(fault_released, let_go.fault_id == fault.c.fault_id).where(closed),
        closing.join(fault_waiting, rest.fault_id == fault.c.fault_id).where(closed),
    ).subquery()


def _vouchers(closed: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """List the vouchers that were held themselves."""
    waited = _waited(closed)
    return sa.select(waited.c.fault_id, waited.c.waiting_id.label("voucher_id")).where(
        waited.c.kind == "voucher"
    )


def _of_sessions(closed: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """List the vouchers that sessions became when they were let go: made while the fault was open."""
    waited = _waited(closed)
    origin = sa.and_(voucher.c.company_id == fault.c.company_id, voucher.c.origin == waited.c.waiting_id)
    return (
        sa.select(fault.c.fault_id, voucher.c.voucher_id)
        .select_from(fault.join(waited, waited.c.fault_id == fault.c.fault_id).join(voucher, origin))
        .where(
            waited.c.kind == "session",
            voucher.c.reverses.is_(None),
            voucher.c.created_at.between(fault.c.opened_at, waited.c.until),
        )
    )


def _at_the_door(closed: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """List what waited while Fortnox let nobody in: then everything waits, and nothing says so for itself."""
    return (
        sa.select(fault.c.fault_id, voucher.c.voucher_id)
        .join(voucher, voucher.c.company_id == fault.c.company_id)
        .outerjoin(booking, booking.c.voucher_id == voucher.c.voucher_id)
        .where(
            closed,
            fault.c.code.in_(AT_THE_DOOR),
            *(~sa.exists(sa.select(1).where(table.c.fault_id == fault.c.fault_id)) for table in _WAITS),
            *(~_is_held_in(table) for table in _WAITS),
            voucher.c.created_at <= fault.c.resolved_at,
            sa.or_(booking.c.booked_at.is_(None), booking.c.booked_at >= fault.c.opened_at),
        )
    )


def _is_held_in(waits: sa.Table) -> sa.ColumnElement[bool]:
    """Say of a voucher that it waits or waited for a fault of its own."""
    own = sa.and_(waits.c.kind == "voucher", waits.c.waiting_id == voucher.c.voucher_id)
    return sa.exists(sa.select(1).where(own))
