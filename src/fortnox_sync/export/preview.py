"""Preview: the vouchers that an export would make now, row by row, and what it would hold and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.company import Company
from fortnox_sync.export.draft import Draft, draft
from fortnox_sync.export.rules import Rules, rules_of
from fortnox_sync.export.runs import Period
from fortnox_sync.export.unbooked import unbooked_sessions
from fortnox_sync.export.unmapped import lacking
from fortnox_sync.fault.model import Fault
from fortnox_sync.runtime.database import Database

# A month of three registers; a person looks at no more at once.
MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """Drafts of every session with unbooked sales; `is_cut` tells that there are more than are shown."""

    drafts: tuple[Draft, ...]
    rules: Rules
    is_cut: bool

    def why_held(self, one: Draft) -> Fault | None:
        """Return what an export would say of a session that it would hold."""
        if isinstance(one.obstacle, tuple):
            return lacking({u.role: u.amount for u in one.obstacle}, self.rules.names)
        return one.obstacle


async def preview(
    database: Database, connection: AsyncConnection, company: Company, period: Period
) -> Preview:
    """Draft everything a click would take, in the words and accounts of today; nothing is written."""
    rules = await rules_of(database, connection, company)
    found = await unbooked_sessions(
        connection, company.company_id, company.start_on or date.min, period, MOST_SESSIONS + 1
    )
    made = [
        await draft(connection, company.company_id, one.session, rules, by_hand=True)
        for one in found[:MOST_SESSIONS]
    ]
    return Preview(tuple(filter(None, made)), rules, is_cut=len(found) > MOST_SESSIONS)
