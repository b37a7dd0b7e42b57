"""Watching over completeness: what is odd about a company's days as a whole, looked at in every turn."""

from __future__ import annotations

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import Lease
from fortnox_sync.export import z_numbers
from fortnox_sync.export.mistake import is_about_one
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log


async def watch(database: Database, lease: Lease) -> None:
    """Keep the faults on missing closes true to what the till has told; a mistake here holds up no booking.

    In every turn, because whatever can change them gives the lane one: a close, a start date, a signature.
    """
    try:
        await _watch(database, lease)
    except Exception as error:
        if not is_about_one(error):
            raise
        log.exception("watch.failed", company_id=lease.company_id)


async def _watch(database: Database, lease: Lease) -> None:
    """Look first, and write only where something is not as it was told."""
    company_id = lease.company_id
    async with database.read() as connection:
        if await z_numbers.is_as_told(database, connection, company_id):
            return
    async with database.write() as connection:
        await lane.hold(connection, lease)
        await z_numbers.tell(database, connection, company_id)
