"""The papers of one company: which booked takings still want theirs, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import grant
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.repository import StoredVoucher, check_one
from fortnox_sync.export.tables import booking, voucher, voucher_file
from fortnox_sync.intake.tables import day_report

_NEEDED_SCOPES = frozenset({"inbox", "connectfile"})
_LONGEST_ERROR = 64


class PaperState(StrEnum):
    """How far a paper has come."""

    WAITING = "waiting"
    UPLOADED = "uploaded"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that is to hang on a booked voucher, and where that one stands in Fortnox.

    `file_id` is known from the moment on when the file lies in Fortnox's inbox; `verified_at` is when the
    voucher was last seen to be ours.
    """

    voucher_id: str
    session_id: str
    business_date: date
    marker: str
    file_id: str | None
    tries: int
    series: str
    number: int
    financial_year: int
    verified_at: datetime | None


async def want_paper(desk: Desk, connection: AsyncConnection, booked: StoredVoucher) -> None:
    """Ask for the paper of a takings voucher that was just verified, where the consent allows one."""
    if not desk.attaches or booked.part.partition(":")[0] != "takings":
        return
    query = sa.select(grant.c.scopes).where(grant.c.company_id == desk.company_id)
    scopes = (await connection.execute(query)).scalar_one_or_none()
    if not set(scopes or ()) >= _NEEDED_SCOPES:
        return
    told = sa.exists().where(
        day_report.c.company_id == desk.company_id, day_report.c.session_id == booked.origin
    )
    row = {
        "voucher_id": booked.voucher_id,
        "company_id": desk.company_id,
        "source": "till" if (await connection.execute(sa.select(told))).scalar_one() else "service",
        "state": PaperState.WAITING.value,
        "next_due_at": desk.now(),
    }
    await connection.execute(desk.database.insert_ignore(voucher_file), [row])


class Papers:
    """The papers of one company, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, company_id: str) -> None:
        """Bind to a company: no query here can reach another."""
        self._connection, self._company_id = connection, company_id

    async def due(self, now: datetime, most: int) -> tuple[Paper, ...]:
        """List papers whose time has come; one that failed often does not keep the others waiting."""
        query = (
            sa.select(
                voucher_file.c.voucher_id,
                voucher.c.origin.label("session_id"),
                voucher.c.transaction_date.label("business_date"),
                voucher.c.marker,
                voucher_file.c.file_id,
                voucher_file.c.tries,
                booking.c.series,
                booking.c.number,
                booking.c.financial_year,
                booking.c.verified_at,
            )
            .join(voucher, voucher.c.voucher_id == voucher_file.c.voucher_id)
            .join(booking, booking.c.voucher_id == voucher_file.c.voucher_id)
            .where(self._unfinished(), booking.c.gone_at.is_(None), voucher_file.c.next_due_at <= now)
            .order_by(voucher_file.c.tries, voucher_file.c.next_due_at, voucher_file.c.voucher_id)
            .limit(most)
        )
        return tuple(Paper(**row) for row in (await self._connection.execute(query)).mappings())

    async def next_due_at(self) -> datetime | None:
        """Return when the next paper is due."""
        query = (
            sa.select(sa.func.min(voucher_file.c.next_due_at))
            .join(booking, booking.c.voucher_id == voucher_file.c.voucher_id)
            .where(self._unfinished(), booking.c.gone_at.is_(None))
        )
        due: datetime | None = (await self._connection.execute(query)).scalar_one()
        return due

    async def uploaded(self, voucher_id: str, source: str, file_id: str) -> None:
        """Write down which file in the inbox it is: from now on it only needs its link."""
        await self._change(voucher_id, state=PaperState.UPLOADED.value, source=source, file_id=file_id)

    async def connected(self, voucher_id: str, now: datetime) -> None:
        """Write down that it hangs on its voucher."""
        done = {"state": PaperState.CONNECTED.value, "connected_at": now, "next_due_at": None, "error": None}
        await self._change(voucher_id, **done)

    async def forget_file(self, voucher_id: str) -> None:
        """Let it be uploaded anew: the file is no longer in the inbox."""
        await self._change(voucher_id, state=PaperState.WAITING.value, file_id=None)

    async def failed(self, voucher_id: str, error: str, until: datetime | None) -> None:
        """Count a try that failed; None for not before something changes."""
        await self._change(
            voucher_id, tries=voucher_file.c.tries + 1, error=error[:_LONGEST_ERROR], next_due_at=until
        )

    async def rest(self, until: datetime) -> None:
        """Let all that are due before a moment wait for it."""
        await self._connection.execute(
            voucher_file.update()
            .where(voucher_file.c.company_id == self._company_id, voucher_file.c.next_due_at < until)
            .values(next_due_at=until)
        )

    async def _change(self, voucher_id: str, **values: Any) -> None:  # noqa: ANN401 - columns
        changed = await self._connection.execute(
            voucher_file.update()
            .where(
                voucher_file.c.company_id == self._company_id,
                voucher_file.c.voucher_id == voucher_id,
                voucher_file.c.state != PaperState.CONNECTED.value,
            )
            .values(**values)
        )
        check_one(changed.rowcount)

    def _unfinished(self) -> sa.ColumnElement[bool]:
        """Say of a paper that it does not hang yet, and that its voucher is in the books we have open."""
        ours = sa.exists().where(
            grant.c.company_id == self._company_id, grant.c.fortnox_company == booking.c.fortnox_company
        )
        return sa.and_(
            voucher_file.c.company_id == self._company_id,
            voucher_file.c.state != PaperState.CONNECTED.value,
            ours,
        )
