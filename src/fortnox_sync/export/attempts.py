"""Tries and bookings: the intent on disk before the call, the outcome after it, facts whenever they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tokens import AccessToken
from fortnox_sync.export.repository import StoredVoucher, check_one
from fortnox_sync.export.state import AttemptOutcome
from fortnox_sync.export.tables import attempt, attempt_fact, booking, voucher
from fortnox_sync.fortnox import BookedVoucher
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.ids import new_id

Source = Literal["answer", "lookup", "decision", "copy"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a voucher is tried: numbers above the watermark did not exist before."""

    financial_year: int
    series: str
    watermark: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that may still be executed."""

    attempt_id: str
    started_at: datetime
    token_expires_at: datetime
    looks: int
    unseen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Displaced:
    """A voucher whose number another one has by now, and whose it is."""

    company_id: str
    voucher_id: str


class Attempts:
    """The tries of vouchers, inside the caller's transaction."""

    def __init__(self, database: Database, connection: AsyncConnection) -> None:
        """Work within one transaction."""
        self._database, self._connection = database, connection

    async def intend(
        self,
        voucher: StoredVoucher,
        epoch: int,
        place: Place,
        token: AccessToken,
        started_at: datetime,
        deadline_at: datetime,
    ) -> str:
        """Write down what is about to be asked; a second live try breaks a unique constraint."""
        attempt_id = new_id()
        await self._connection.execute(
            attempt.insert().values(
                attempt_id=attempt_id,
                voucher_id=voucher.voucher_id,
                no=voucher.tries + 1,
                epoch=epoch,
                fortnox_company=token.fortnox_company,
                financial_year=place.financial_year,
                series=place.series,
                watermark=place.watermark,
                token_id=token.token_id,
                token_expires_at=token.expires_at,
                payload_hash=voucher.payload.hash,
                started_at=started_at,
                deadline_at=deadline_at,
                outcome=AttemptOutcome.OPEN.value,
            )
        )
        return attempt_id

    async def end(self, attempt_id: str, outcome: AttemptOutcome, **evidence: Any) -> None:  # noqa: ANN401 - what was seen
        """Write down how a try ended; one that ended already is left as it is."""
        now = self._database.clock.now()
        when = {"unanswered_at": now} if outcome is AttemptOutcome.IN_DOUBT else {"ended_at": now}
        ended = await self._connection.execute(
            attempt.update()
            .where(attempt.c.attempt_id == attempt_id, _is_live())
            .values(outcome=outcome.value, evidence=evidence, **when)
        )
        check_one(ended.rowcount)

    async def doubt(self, voucher_id: str) -> None:
        """Say that nobody knows what became of a voucher's open try."""
        await self._connection.execute(
            attempt.update()
            .where(attempt.c.voucher_id == voucher_id, _is_live())
            .values(outcome=AttemptOutcome.IN_DOUBT.value)
        )

    async def live(self, voucher_id: str) -> Attempt | None:
        """Return the try of a voucher that may still be executed."""
        query = sa.select(attempt).where(attempt.c.voucher_id == voucher_id, _is_live())
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Attempt(row.attempt_id, row.started_at, row.token_expires_at, row.looks, row.unseen_at)

    async def history(self, voucher_id: str) -> Sequence[Any]:
        """List every try of a voucher, the first one first."""
        query = sa.select(attempt).where(attempt.c.voucher_id == voucher_id).order_by(attempt.c.no)
        return (await self._connection.execute(query)).all()

    async def places(self, voucher_id: str) -> tuple[Place, ...]:
        """List every year and series a voucher was ever tried in, with the lowest watermark of each."""
        query = (
            sa.select(
                attempt.c.financial_year, attempt.c.series, sa.func.min(attempt.c.watermark).label("low")
            )
            .where(attempt.c.voucher_id == voucher_id)
            .group_by(attempt.c.financial_year, attempt.c.series)
        )
        rows = await self._connection.execute(query)
        return tuple(Place(row.financial_year, row.series, row.low) for row in rows)

    async def looked(self, attempt_id: str, unseen_at: datetime | None) -> None:
        """Count a look that found nothing; `unseen_at` is when it first found nothing at the fence."""
        await self._connection.execute(
            attempt.update()
            .where(attempt.c.attempt_id == attempt_id)
            .values(looks=attempt.c.looks + 1, unseen_at=unseen_at)
        )

    async def add_fact(self, attempt_id: str, kind: str, **details: Any) -> None:  # noqa: ANN401 - what was seen
        """Add what was seen; this needs no lease, for it changes no state."""
        await self._connection.execute(
            attempt_fact.insert().values(
                fact_id=new_id(),
                attempt_id=attempt_id,
                kind=kind,
                details=details,
                seen_at=self._database.clock.now(),
            )
        )

    async def book(
        self, voucher_id: str, fortnox_company: int, booked: BookedVoucher, source: Source
    ) -> Displaced | None:
        """Write down the number Fortnox gave; one per voucher, one voucher per number.

        Returns the voucher that had the number before, which then is gone.
        """
        standing = sa.and_(
            booking.c.fortnox_company == fortnox_company,
            booking.c.financial_year == booked.year,
            booking.c.series == booked.series,
            booking.c.number == booked.number,
        )
        leaving = self._going().where(standing).returning(booking.c.voucher_id)
        displaced = (await self._connection.execute(leaving)).scalar_one_or_none()
        await self._connection.execute(
            booking.insert().values(
                voucher_id=voucher_id,
                fortnox_company=fortnox_company,
                financial_year=booked.year,
                series=booked.series,
                number=booked.number,
                source=source,
                booked_at=self._database.clock.now(),
            )
        )
        if displaced is None:
            return None
        query = sa.select(voucher.c.company_id).where(voucher.c.voucher_id == displaced)
        return Displaced((await self._connection.execute(query)).scalar_one(), displaced)

    def _going(self) -> sa.Update:
        """Begin to say that bookings are not in Fortnox any more."""
        return booking.update().where(booking.c.gone_at.is_(None)).values(gone_at=self._database.clock.now())

    async def gone(self, voucher_id: str) -> None:
        """Say that a voucher is not in Fortnox any more; its number is free."""
        await self._connection.execute(self._going().where(booking.c.voucher_id == voucher_id))

    async def verified(self, voucher_id: str) -> None:
        """Say that a voucher was read back and equals what was sent."""
        await self._connection.execute(
            booking.update()
            .where(booking.c.voucher_id == voucher_id)
            .values(verified_at=self._database.clock.now())
        )

    async def booking_of(self, voucher_id: str) -> Any:  # noqa: ANN401 - a row of the table, or None
        """Return where a voucher is booked."""
        query = sa.select(booking).where(booking.c.voucher_id == voucher_id)
        return (await self._connection.execute(query)).one_or_none()

    async def place_of(self, voucher_id: str, booked: Any) -> Place:  # noqa: ANN401 - a row of the table
        """Return where a booked voucher was tried: any copy of it stands above the watermark."""
        for place in await self.places(voucher_id):
            if (place.financial_year, place.series) == (booked.financial_year, booked.series):
                return place
        return Place(booked.financial_year, booked.series, booked.number)

    async def others_since(self, voucher_id: str, fortnox_company: int, place: Place) -> frozenset[int]:
        """Return our own numbers above a watermark that need no look: given since a voucher was first tried.

        One given before that and still above the watermark was deleted, and may be the voucher's by now.
        """
        first_try = sa.select(sa.func.min(attempt.c.started_at)).where(attempt.c.voucher_id == voucher_id)
        query = sa.select(booking.c.number).where(
            booking.c.fortnox_company == fortnox_company,
            booking.c.financial_year == place.financial_year,
            booking.c.series == place.series,
            booking.c.number > place.watermark,
            booking.c.gone_at.is_(None),
            booking.c.booked_at >= first_try.scalar_subquery(),
        )
        return frozenset((await self._connection.execute(query)).scalars())


def _is_live() -> sa.ColumnElement[bool]:
    return attempt.c.outcome.in_([AttemptOutcome.OPEN.value, AttemptOutcome.IN_DOUBT.value])
