"""Day warnings: what is odd on a day without holding it up, shown with the day and never a silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.export.tables import day_warning
from fortnox_sync.runtime.database import Database


class Kind(StrEnum):
    """What can be odd."""

    VAT_OFF_RATE = "vat_off_rate"
    VAT_TOTAL_OFF_RATE = "vat_total_off_rate"
    Z_NUMBER_REPEATED = "z_number_repeated"
    Z_NUMBER_OUT_OF_ORDER = "z_number_out_of_order"


@dataclass(frozen=True, slots=True)
class DayWarning:
    """Something odd on the day of a session; `subject` tells it from others of its kind there."""

    session_id: str
    kind: Kind
    subject: str
    facts: dict[str, Any]


class DayWarnings:
    """The warnings of one company, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._database, self._connection, self._company_id = database, connection, company_id

    async def keep(
        self, kinds: Iterable[Kind], warnings: Iterable[DayWarning], session_id: str | None = None
    ) -> None:
        """Let exactly these be the warnings of some kinds, of one session or of all."""
        of_session = sa.true() if session_id is None else day_warning.c.session_id == session_id
        await self._connection.execute(day_warning.delete().where(self._of(kinds), of_session))
        now = self._database.clock.now()
        rows = [
            {
                "company_id": self._company_id,
                "session_id": one.session_id,
                "kind": one.kind.value,
                "subject": one.subject,
                "facts": one.facts,
                "seen_at": now,
            }
            for one in warnings
        ]
        if rows:
            await self._connection.execute(day_warning.insert(), rows)

    async def of(self, kinds: Iterable[Kind]) -> tuple[DayWarning, ...]:
        """List the warnings of some kinds."""
        found = await self._connection.execute(sa.select(day_warning).where(self._of(kinds)))
        return tuple(DayWarning(row.session_id, Kind(row.kind), row.subject, row.facts) for row in found)

    def _of(self, kinds: Iterable[Kind]) -> sa.ColumnElement[bool]:
        return sa.and_(
            day_warning.c.company_id == self._company_id, day_warning.c.kind.in_([one.value for one in kinds])
        )
