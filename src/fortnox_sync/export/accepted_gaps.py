"""Accepting a gap: an operator signs for Z numbers that will never come, with a reason, for good."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import lane
from fortnox_sync.export import z_numbers
from fortnox_sync.export.tables import accepted_gap
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database


@dataclass(frozen=True, slots=True)
class Signature:
    """What an operator signs for: some numbers of a register, why, and who it is."""

    register_id: str
    from_z_number: int
    to_z_number: int
    reason: str
    signed_by: str


class NoSuchGapError(Exception):
    """None of the numbers is missing: nothing is signed for in advance."""


async def accept(database: Database, company_id: str, signature: Signature) -> None:
    """Let numbers count as missing no more; a second click changes nothing.

    Raises NoSuchGapError where none of them is missing.
    """
    async with database.write() as connection:
        if await _is_signed(connection, company_id, signature):
            return
        gaps = (await z_numbers.look(connection, company_id)).gaps
        if not any(_concerns(signature, gap) for gap in gaps):
            raise NoSuchGapError
        await _sign(database, connection, company_id, signature)
        await z_numbers.tell(database, connection, company_id)
        # Should a worker be looking at this moment, it looks once more.
        await lane.wake(database, connection, company_id)


def _concerns(signature: Signature, gap: z_numbers.Gap) -> bool:
    is_apart = gap.last < signature.from_z_number or signature.to_z_number < gap.missing[0]
    return gap.register_id == signature.register_id and not is_apart


async def _is_signed(connection: AsyncConnection, company_id: str, signature: Signature) -> bool:
    query = sa.select(sa.literal(1)).where(
        accepted_gap.c.company_id == company_id,
        accepted_gap.c.register_id == signature.register_id,
        accepted_gap.c.from_z_number <= signature.from_z_number,
        accepted_gap.c.to_z_number >= signature.to_z_number,
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def _sign(
    database: Database, connection: AsyncConnection, company_id: str, signature: Signature
) -> None:
    row = {
        "company_id": company_id,
        "register_id": signature.register_id,
        "from_z_number": signature.from_z_number,
        "to_z_number": signature.to_z_number,
        "reason": signature.reason,
        "accepted_by": signature.signed_by,
        "accepted_at": database.clock.now(),
    }
    await connection.execute(database.insert_ignore(accepted_gap), [row])
    await audit.record(
        database,
        connection,
        company_id,
        signature.signed_by,
        "z_gap.accepted",
        register_id=signature.register_id,
        from_z_number=signature.from_z_number,
        to_z_number=signature.to_z_number,
        reason=signature.reason,
    )
