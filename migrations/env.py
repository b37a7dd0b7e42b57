"""Runs migrations over the service's own async engine."""

import asyncio
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import fortnox_sync.bootstrap  # noqa: F401 - it imports every room, and so every table
from fortnox_sync.runtime.database import metadata
from fortnox_sync.runtime.identity import Identity, table

# A migration that waits longer than this for a lock gives up instead of holding up the tills behind it.
_LOCK_TIMEOUT = "5s"


def _run(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        connection.exec_driver_sql("SELECT pg_advisory_lock(4711202610)")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _migrate(url: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        is_noted = await connection.run_sync(lambda sync: sa.inspect(sync).has_table(table.name))
    identity = Identity(engine)
    is_the_same = is_noted and (await identity.look()).is_as_noted
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    if is_the_same:  # what was changed by the migrations is no sign of another database
        async with engine.connect() as connection, connection.begin():
            await identity.note(connection, datetime.now(UTC))
    await engine.dispose()


asyncio.run(_migrate(context.config.attributes["url"]))
