"""Clocks: while ours and Fortnox's are far apart nothing is sent, for every fence is a matter of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.hold import wait_only_for
from fortnox_sync.export.mistake import internal_error
from fortnox_sync.export.repository import StoredVoucher, Vouchers
from fortnox_sync.export.state import State
from fortnox_sync.fault.repository import Faults
from fortnox_sync.runtime.telemetry import log

# As much as a delivery may be off; a third of what is waited behind every fence.
MOST_APART = timedelta(minutes=5)
_LOOK_AGAIN = timedelta(minutes=1)


class ClocksApartError(Exception):
    """This machine's clock or Fortnox's is wrong."""


def agree(ours: datetime, theirs: datetime) -> bool:
    """Tell whether two clocks are close enough for fences to mean what they say."""
    return abs(theirs - ours) <= MOST_APART


async def are_together(desk: Desk, voucher: StoredVoucher) -> bool:
    """Tell whether both clocks agree well enough to send; if not, the lane rests and it is told."""
    theirs = desk.books.client.fortnox_now
    if theirs is None or agree(desk.now(), theirs):
        return True
    seconds = round((theirs - desk.now()).total_seconds())
    log.error("clock.apart", company_id=desk.company_id, fortnox_ahead_s=seconds)
    fault = internal_error(voucher.voucher_id, ClocksApartError(), desk.now())
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await wait_only_for(Faults(desk.database, connection, desk.company_id), fault, voucher)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        await vouchers.rest([State.READY], desk.now() + _LOOK_AGAIN)
    return False
