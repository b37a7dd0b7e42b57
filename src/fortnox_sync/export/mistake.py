"""Mistakes of our own: told without their text, and kept from holding up anybody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import LeaseLostError
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.hold import waiting
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.fault.facts import InternalErrorFacts
from fortnox_sync.fault.model import InternalError
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import FortnoxError
from fortnox_sync.runtime.telemetry import log

# What was a passing mistake is over by then; anything else waits until something changes.
_MOST_STUMBLES = 3
_FIRST_WAIT = timedelta(minutes=1)

Step = Callable[[Desk, StoredVoucher], Awaitable[None]]


def is_about_one(error: Exception) -> bool:
    """Tell whether an error is about what was being done; a database away would stop anything."""
    if isinstance(error, DBAPIError):
        return isinstance(error, IntegrityError | DataError | ProgrammingError)
    return not isinstance(error, FortnoxError | LeaseLostError | OSError)


def internal_error(subject_id: str, error: Exception, now: datetime) -> InternalError:
    """Say that we made a mistake on one voucher or session; only the kind of it, never its text."""
    facts = InternalErrorFacts(voucher_id=subject_id, error=type(error).__name__, occurred_at=now)
    return InternalError(facts=facts)


async def each(desk: Desk, vouchers: Iterable[StoredVoucher], step: Step) -> None:
    """Do a step with every voucher; one we stumble over does not hold up the others."""
    for voucher in vouchers:
        if desk.is_closing:
            return
        try:
            await step(desk, voucher)
        except Exception as error:
            if not is_about_one(error):
                raise
            await stumble(desk, voucher, error)


async def stumble(desk: Desk, voucher: StoredVoucher, error: Exception) -> None:
    """Keep a voucher from being tried over and over; one whose try began is still looked for."""
    log.error("export.mistake", company_id=desk.company_id, voucher_id=voucher.voucher_id, exc_info=error)
    fault = internal_error(voucher.voucher_id, error, desk.now())
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        standing = await vouchers.find(voucher.voucher_id)
        if standing is None:
            return
        await Faults(desk.database, connection, desk.company_id).open(fault, [waiting(standing)])
        if standing.state is State.READY:
            await _hold_back(desk, vouchers, standing)
        elif standing.state is voucher.state:
            # What may be in Fortnox is looked for again; what is not waits until something changes.
            later = None if standing.state is State.HELD else desk.now() + desk.patience.settle
            await vouchers.postpone(standing.voucher_id, later)


async def _hold_back(desk: Desk, vouchers: Vouchers, standing: StoredVoucher) -> None:
    """Try a voucher of which nothing was sent again, after one and four minutes, and hold it then."""
    stumbles = await vouchers.stumbled(standing.voucher_id)
    if stumbles < _MOST_STUMBLES:
        await vouchers.postpone(standing.voucher_id, desk.now() + _FIRST_WAIT * 4 ** (stumbles - 1))
    else:
        await vouchers.move(standing, State.HELD, next_due_at=None)
