"""The breaker: answers missing in many lanes at once are no matter of one voucher, so all sending stops.

Looking goes on: nothing that reads asks here. It is worked out from the tries themselves, and so it ends by
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.state import State
from fortnox_sync.export.tables import attempt, voucher

MOST_LANES = 5
WINDOW = timedelta(minutes=5)
_UNSURE = [State.IN_DOUBT.value, State.SENDING.value]


@dataclass(frozen=True, slots=True)
class Doubts:
    """How many vouchers of a lane are unsure, and until when nothing is sent in any lane."""

    in_lane: int
    stopped_until: datetime | None


async def doubts(connection: AsyncConnection, company_id: str, now: datetime) -> Doubts:
    """Count what speaks against sending, in one statement."""
    in_lane = sa.select(sa.func.count()).where(
        voucher.c.company_id == company_id, voucher.c.state.in_(_UNSURE)
    )
    newest = (
        sa.select(sa.func.max(attempt.c.unanswered_at).label("at"))
        .join(voucher, voucher.c.voucher_id == attempt.c.voucher_id)
        .where(attempt.c.unanswered_at > now - WINDOW)
        .group_by(voucher.c.company_id)
        .subquery("newest")
    )
    # When the fifth of them is out of the window, fewer than five are in it.
    fifth = sa.select(newest.c.at).order_by(newest.c.at.desc()).offset(MOST_LANES - 1).limit(1)
    query = sa.select(in_lane.scalar_subquery().label("in_lane"), fifth.scalar_subquery().label("fifth_at"))
    row = (await connection.execute(query)).one()
    return Doubts(row.in_lane, row.fifth_at + WINDOW if row.fifth_at else None)
