"""What a link leaves behind: consents nobody can finish any more, and lists of books we are shut out of."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from fortnox_sync.connection.tables import consent, fortnox_list, grant
from fortnox_sync.runtime import batches
from fortnox_sync.runtime.database import Database

# The audit log tells who consented and when; this is for whoever asks the week after why it did not work.
CONSENTS_KEPT = timedelta(days=7)
# A company that comes back within a season finds its pick lists; they name cost centres, and so may people.
LISTS_KEPT = timedelta(days=90)


async def forget_consents(database: Database) -> int:
    """Delete consents that ran out, used or not; return how many."""
    due = consent.c.expires_at < database.clock.now() - CONSENTS_KEPT
    return await batches.delete(database, consent, due)


async def forget_lists(database: Database) -> int:
    """Delete what Fortnox listed for companies that left us; return how many lists.

    While a company is connected its lists are kept however old: planning relies on them.
    """
    before = database.clock.now() - LISTS_KEPT
    is_ours = sa.exists(
        sa.select(1).where(
            grant.c.company_id == fortnox_list.c.company_id,
            sa.or_(grant.c.revoked_at.is_(None), grant.c.revoked_at >= before),
        )
    )
    return await batches.delete(database, fortnox_list, sa.and_(fortnox_list.c.fetched_at < before, ~is_ours))
