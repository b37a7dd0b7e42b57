"""Tries of other companies that Fortnox never answered, and what they come to."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from tests.world import World

from fortnox_sync.connection.tables import company
from fortnox_sync.connection.tables import lane as lanes
from fortnox_sync.export.breaker import doubts
from fortnox_sync.export.tables import attempt, voucher


async def an_unanswered_try(world: World, number: int, seconds_ago: float) -> None:
    """Write down what is left of a try in another company that Fortnox never answered."""
    at = world.clock.now() - timedelta(seconds=seconds_ago)
    company_id, voucher_id = f"c_{number}", f"v_{number}_{seconds_ago}"
    async with world.service.database.write() as connection:
        known = sa.select(company.c.company_id).where(company.c.company_id == company_id)
        if (await connection.execute(known)).first() is None:
            await connection.execute(company.insert().values(company_id=company_id, created_at=at))
            await connection.execute(lanes.insert().values(company_id=company_id))
        await connection.execute(
            voucher.insert().values(
                voucher_id=voucher_id,
                company_id=company_id,
                origin=voucher_id,
                part="day",
                register_id="K1",
                state="dismissed",
                series="F",
                transaction_date=at.date(),
                description="",
                comments="",
                marker=f"#KX{number}{seconds_ago}"[:16],
                payload_hash="",
                created_at=at,
            )
        )
        await connection.execute(
            attempt.insert().values(
                attempt_id=f"a_{voucher_id}",
                voucher_id=voucher_id,
                no=1,
                epoch=1,
                fortnox_company=number,
                financial_year=2,
                series="F",
                watermark=0,
                token_expires_at=at,
                payload_hash="",
                started_at=at,
                deadline_at=at,
                outcome="absent",
                unanswered_at=at,
                ended_at=at,
            )
        )


async def stopped_until(world: World) -> datetime | None:
    async with world.service.database.read() as connection:
        return (await doubts(connection, world.company, world.clock.now())).stopped_until


async def forget_tries(world: World) -> None:
    """Leave the books to the oracle as if the other companies had never been."""
    async with world.service.database.write() as connection:
        others = sa.select(voucher.c.voucher_id).where(voucher.c.company_id != world.company)
        await connection.execute(attempt.delete().where(attempt.c.voucher_id.in_(others)))
        await connection.execute(voucher.delete().where(voucher.c.company_id != world.company))
