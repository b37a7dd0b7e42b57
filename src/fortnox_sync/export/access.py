"""Access: what it means that Fortnox can't be reached or does not let us in, until it does again."""

from __future__ import annotations

from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.connection.company import fortnox_company_of
from fortnox_sync.connection.lane import Lease
from fortnox_sync.connection.tokens import OtherBooksError
from fortnox_sync.export import runs
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.hold import LOOK_EVERY, told
from fortnox_sync.fault.classify import Context
from fortnox_sync.fault.facts import WrongCompanyFacts
from fortnox_sync.fault.kind import Kind, kind_of
from fortnox_sync.fault.model import FaultCode, WrongCompany, subject
from fortnox_sync.fault.parts import Company
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import FortnoxError, Throttled
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log

_NEXT_TRY = timedelta(minutes=1)
AT_THE_DOOR: frozenset[FaultCode] = frozenset(
    {
        "authorization_expired",
        "license_missing",
        "wrong_company",
        "fortnox_unavailable",
        "rate_limited",
        "rejected_by_fortnox",
    }
)


async def shut_out(database: Database, lease: Lease, error: FortnoxError) -> datetime:
    """Say why we are not let in, and return when to try again."""
    now = database.clock.now()
    retry_at = now + _wait_after(error)
    log.warning("export.shut_out", company_id=lease.company_id, error=repr(error))
    async with database.write() as connection:
        await lane.hold(connection, lease)
        faults = Faults(database, connection, lease.company_id)
        await faults.open(await told(faults, error, Context(now=now, next_try_at=retry_at)))
    return retry_at


async def stop_before_other_books(database: Database, lease: Lease, error: OtherBooksError) -> datetime:
    """Say that Fortnox let us into somebody else's books, and stay out until a person has consented anew."""
    log.error("export.other_books", company_id=lease.company_id, expected=error.expected, found=error.found)
    async with database.write() as connection:
        await lane.hold(connection, lease)
        ours = await fortnox_company_of(connection, lease.company_id)
        expected = Company(
            name=ours.name if ours else "",
            organisation_number=ours.organisation_number if ours else "",
            tenant_id=error.expected,
        )
        facts = WrongCompanyFacts(expected=expected, found=Company(name="", tenant_id=error.found))
        await Faults(database, connection, lease.company_id).open(WrongCompany(facts=facts))
    return database.clock.now() + LOOK_EVERY


def _wait_after(error: FortnoxError) -> timedelta:
    if kind_of(error) in {Kind.UNAUTHORISED, Kind.FORBIDDEN}:
        return LOOK_EVERY  # only a person can open this door
    asked = error.retry_after if isinstance(error, Throttled) else None
    return max(_NEXT_TRY, timedelta(seconds=asked or 0))


async def let_in(desk: Desk, *, but: FaultCode | None = None) -> None:
    """Close the faults that said we are shut out: we just were inside. What a voucher waits for stays.

    With that the talk is over, so it is also told which exports it brought to their end.
    """
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        faults = Faults(desk.database, connection, desk.company_id)
        for one in await faults.all_open():
            if one.fault.code in AT_THE_DOOR - {but} and not one.waiting:
                await faults.close(one.fault.code, subject(one.fault))
        await runs.finish(desk.database, connection, desk.company_id)
