"""Preview: the vouchers that an export would make now, row by row, and what it would hold and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.company import Company
from fortnox_sync.export.behind import RowKey, Share, behind_draft
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
    # What is behind the rows of each voucher, by session and part; only of a session looked at by itself.
    behind: dict[tuple[str, str], dict[RowKey, tuple[Share, ...]]] = field(default_factory=dict)

    def why_held(self, one: Draft) -> Fault | None:
        """Return what an export would say of a session that it would hold."""
        if isinstance(one.obstacle, tuple):
            return lacking({u.role: u.amount for u in one.obstacle}, self.rules.names)
        return one.obstacle


async def preview(
    database: Database,
    connection: AsyncConnection,
    company: Company,
    period: Period,
    session_id: str | None = None,
) -> Preview:
    """Draft everything a click would take, in the words and accounts of today; nothing is written.

    One session by itself is shown with the transactions behind each row.
    """
    rules = await rules_of(database, connection, company)
    start_on = company.start_on or date.min
    found = await unbooked_sessions(
        connection, company.company_id, start_on, period, MOST_SESSIONS + 1, session_id
    )
    made = [
        await draft(connection, company.company_id, one.session, rules, by_hand=True)
        for one in found[:MOST_SESSIONS]
    ]
    drafts = tuple(filter(None, made))
    behind = await _behind(connection, company.company_id, drafts, rules) if session_id else {}
    return Preview(drafts, rules, len(found) > MOST_SESSIONS, behind)


async def _behind(
    connection: AsyncConnection, company_id: str, drafts: tuple[Draft, ...], rules: Rules
) -> dict[tuple[str, str], dict[RowKey, tuple[Share, ...]]]:
    found = {}
    for one in drafts:
        session_id = one.session.session_id
        names = await rules.names_for(connection, company_id, session_id)
        for made in one.vouchers:
            shares = await behind_draft(connection, company_id, session_id, made.part.which, rules, names)
            found[session_id, made.part.name] = shares
    return found
