"""Accepting: a person says that what a fault points at may stand as it is, and that is written down."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.model import Fault, subject
from fortnox_sync.fault.remediation import Accept
from fortnox_sync.fault.repository import Faults
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database

_ACCEPTED = "fault.accepted"


class NoSuchFaultError(Exception):
    """The company has no such fault."""


class NotAcceptableError(Exception):
    """Something must change before the fault is gone: saying that it may stand does not help."""


async def was_accepted(connection: AsyncConnection, company_id: str, fault: Fault) -> bool:
    """Tell whether somebody said of just these facts that they may stand."""
    query = sa.select(audit.audit.c.details).where(
        audit.audit.c.company_id == company_id, audit.audit.c.action == _ACCEPTED
    )
    told = {"code": fault.code, "subject": subject(fault), "facts": fault.facts.model_dump(mode="json")}
    found = (await connection.execute(query)).scalars()
    return any({name: one.get(name) for name in told} == told for one in found)


async def accept(database: Database, company_id: str, fault_id: str, by: str) -> None:
    """Close a fault that offers it; a second click changes nothing."""
    async with database.write() as connection:
        faults = Faults(database, connection, company_id)
        found = await faults.find(fault_id)
        if found is None:
            raise NoSuchFaultError(fault_id)
        fault, is_open = found
        if not any(isinstance(one, Accept) for one in remediations_for(fault)):
            raise NotAcceptableError(fault.code)
        if not is_open:
            return
        about = subject(fault)
        await faults.close(fault.code, about)
        await audit.record(
            database,
            connection,
            company_id,
            by,
            _ACCEPTED,
            fault_id=fault_id,
            code=fault.code,
            subject=about,
            facts=fault.facts.model_dump(mode="json"),
        )
