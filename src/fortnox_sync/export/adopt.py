"""Adopting: a voucher found in Fortnox with a marker from here is booked, whatever was known of it."""

from __future__ import annotations

from fortnox_sync.connection import lane
from fortnox_sync.export.attempts import Attempts
from fortnox_sync.export.book import book
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.findings import rows_differ
from fortnox_sync.export.hold import wait_only_for
from fortnox_sync.export.papers import want_paper
from fortnox_sync.export.payload import is_same
from fortnox_sync.export.repository import Vouchers
from fortnox_sync.export.state import ADOPTABLE, State
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import BookedVoucher
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.telemetry import log

# Who adopts in the audit log: nobody clicked.
_BY = "service"


async def adopt(desk: Desk, voucher_id: str, booked: BookedVoucher) -> bool:
    """Book under the number it stands at what no try can be alive of; tell whether that was done.

    What is being sent or in doubt is left to who resolves it: there a second one may still come about. One
    with other rows is booked too, and told with both sides: sent again it would stand there twice.
    """
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        vouchers = Vouchers(desk.database, connection, desk.company_id)
        found = await vouchers.find(voucher_id)
        if found is None or found.state not in ADOPTABLE:
            return False
        fortnox_company = desk.books.token.fortnox_company
        await book(desk.database, connection, voucher_id, fortnox_company, booked, "lookup")
        await vouchers.move(found, State.BOOKED, next_due_at=None)
        faults = Faults(desk.database, connection, desk.company_id)
        if is_same(found.payload, booked):
            await Attempts(desk.database, connection).verified(voucher_id)
            await want_paper(desk, connection, found)
            await faults.release("voucher", voucher_id)
        else:
            await wait_only_for(faults, rows_differ(found, booked), found)
        stands = {"series": booked.series, "number": booked.number, "year": booked.year}
        deed = {"voucher_id": voucher_id, "was": found.state.value, **stands}
        await audit.record(desk.database, connection, desk.company_id, _BY, "voucher.adopted", **deed)
    log.warning("export.adopted", company_id=desk.company_id, series=booked.series, number=booked.number)
    return True
