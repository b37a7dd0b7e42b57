"""Export by hand: a person asks for everything that is in no voucher yet, without waiting for the close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.company import Company, Status
from fortnox_sync.export import runs
from fortnox_sync.export.backlog import lock_sessions, plan_again
from fortnox_sync.export.runs import Period
from fortnox_sync.export.unbooked import UnbookedSession, unbooked_sessions
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database

# A click that finds more leaves the rest to the next one; their closes are planned without any.
_MOST_SESSIONS = 500


class NotActiveError(Exception):
    """The company does not export: its setup is not completed, or it was deactivated."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a click came to: the export that will book it, none where there was nothing, and every session.

    `is_new` tells a fresh export from one that an earlier click or close began.
    """

    export_id: str | None
    is_new: bool
    sessions: tuple[UnbookedSession, ...]


async def ask(
    database: Database, connection: AsyncConnection, company_id: str, by: str, period: Period
) -> Asked:
    """Ask for all unbooked sales of a period, from the start date on; each is asked for once.

    The company is locked meanwhile, so that of five clicks at once one begins and the others see that it has.
    """
    company = await companies.find(connection, company_id, lock=True)
    if company is None or not is_active(company):
        raise NotActiveError(company_id)
    assert company.start_on is not None  # noqa: S101 - an active company has one
    sessions = await unbooked_sessions(connection, company_id, company.start_on, period, _MOST_SESSIONS)
    wanted = [one for one in sessions if not (one.is_on_its_way or one.is_held)]
    if not wanted:
        return Asked(_already(sessions), is_new=False, sessions=sessions)
    export_id = await runs.add(database, connection, company_id, runs.Kind.MANUAL, by, period)
    await _mark(connection, company_id, export_id, [one.session.session_id for one in wanted])
    await lane.wake(database, connection, company_id)
    await audit.record(
        database, connection, company_id, by, "export.asked", export_id=export_id, sessions=len(wanted)
    )
    return Asked(export_id, is_new=True, sessions=sessions)


def is_active(company: Company) -> bool:
    """Tell whether a company exports at all."""
    return company.status is Status.ACTIVE and company.start_on is not None


def _already(sessions: Sequence[UnbookedSession]) -> str | None:
    """Return the export that is under way for some of the sessions."""
    return next((one.session.export_id for one in sessions if one.is_on_its_way), None)


async def _mark(
    connection: AsyncConnection, company_id: str, export_id: str, session_ids: Sequence[str]
) -> None:
    """Let sessions be planned for an export; counted as a change, so that planning looks."""
    await lock_sessions(connection, company_id, session_ids)
    await connection.execute(
        till_session.update()
        .where(till_session.c.company_id == company_id, till_session.c.session_id.in_(session_ids))
        .values(export_id=export_id)
    )
    await plan_again(connection, company_id, session_ids)
