"""Holding: what can't be booked waits with its fault, and is looked at again where that can find a cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.fault.classify import Context, classify
from fortnox_sync.fault.model import Fault, FaultCode, subject
from fortnox_sync.fault.repository import Faults, Waiting
from fortnox_sync.fortnox import FortnoxError
from fortnox_sync.runtime.telemetry import log

# Cured in Fortnox, where nobody tells us: an account switched on, a series ticked, a lock lifted.
CURED_IN_FORTNOX: frozenset[FaultCode] = frozenset(
    {
        "account_missing",
        "account_inactive",
        "cost_center_missing",
        "cost_center_inactive",
        "cost_center_required",
        "cost_center_not_allowed",
        "voucher_series_not_manual",
        "voucher_series_missing",
        "financial_year_missing",
        "period_locked",
        "license_missing",
    }
)
LOOK_EVERY = timedelta(hours=1)


def next_look_at(fault: Fault, now: datetime) -> datetime | None:
    """Return when to look whether a fault is cured; None where only a change on our side can cure it."""
    return now + LOOK_EVERY if fault.code in CURED_IN_FORTNOX else None


def waiting(voucher: StoredVoucher) -> Waiting:
    """Say what of a voucher waits."""
    return Waiting("voucher", voucher.voucher_id, voucher.payload.transaction_date, voucher.amount_ore)


async def hold(desk: Desk, voucher: StoredVoucher, fault: Fault) -> None:
    """Keep a voucher back until the cause is gone; others go on."""
    due_at = next_look_at(fault, desk.now())
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        if voucher.state is State.HELD:
            await vouchers.postpone(voucher.voucher_id, due_at)
        else:
            await vouchers.move(voucher, State.HELD, next_due_at=due_at)
        await wait_only_for(Faults(desk.database, connection, desk.company_id), fault, voucher)
    log.info("export.held", company_id=desk.company_id, fault=fault.code)


async def wait_only_for(faults: Faults, fault: Fault, voucher: StoredVoucher) -> None:
    """Let a voucher wait for this fault and for no other any more."""
    fault_id = await faults.open(fault, [waiting(voucher)])
    await faults.release("voucher", voucher.voucher_id, but=fault_id)


async def told(faults: Faults, error: FortnoxError, context: Context) -> Fault:
    """Tell the fault an error amounts to; one that is open already began when it was opened."""
    fault = classify(error, context)
    began = _opened_at(fault, [(one.fault, one.opened_at) for one in await faults.all_open()])
    return classify(error, replace(context, began_at=began)) if began else fault


def _opened_at(fault: Fault, known: Sequence[tuple[Fault, datetime]]) -> datetime | None:
    same = (at for one, at in known if (one.code, subject(one)) == (fault.code, subject(fault)))
    return next(same, None)
