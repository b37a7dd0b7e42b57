"""Export anyway: an operator signs, with a reason, for a day that nothing proves complete."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export import runs
from fortnox_sync.export.backlog import lock_sessions, plan_again
from fortnox_sync.export.incomplete import digest_of
from fortnox_sync.fault.model import DayIncomplete, DayOverdue, Fault
from fortnox_sync.fault.repository import Faults
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database

# What an operator accepts of a session that was never closed: no report to differ from.
_NEVER_CLOSED = "never closed"


class NothingToSignForError(Exception):
    """No open fault says that the session is incomplete or overdue."""


async def export_anyway(
    database: Database, connection: AsyncConnection, company_id: str, session_id: str, by: str, reason: str
) -> str:
    """Let a session be booked as it stands; return the export that does it.

    A closed session is accepted with exactly the differences that its fault shows: should it differ in
    another way by then, or later, it waits again. One that was never closed is exported as by hand.
    """
    await lock_sessions(connection, company_id, [session_id])
    standing = await _fault_of(Faults(database, connection, company_id), session_id)
    export_id = await runs.add(database, connection, company_id, runs.Kind.MANUAL, by)
    accepted = digest_of(standing) if isinstance(standing, DayIncomplete) else _NEVER_CLOSED
    await connection.execute(
        till_session.update()
        .where(till_session.c.company_id == company_id, till_session.c.session_id == session_id)
        .values(export_id=export_id, accepted_digest=accepted)
    )
    await plan_again(connection, company_id, [session_id])
    await lane.wake(database, connection, company_id)
    shown = standing.facts.model_dump(mode="json")
    await audit.record(
        database,
        connection,
        company_id,
        by,
        "export.anyway",
        export_id=export_id,
        session_id=session_id,
        reason=reason,
        shown=shown,
    )
    return export_id


async def _fault_of(faults: Faults, session_id: str) -> DayIncomplete | DayOverdue:
    for one in await faults.all_open():
        fault: Fault = one.fault
        if isinstance(fault, DayIncomplete | DayOverdue) and fault.facts.session_id == session_id:
            return fault
    raise NothingToSignForError(session_id)
