"""Many rows at a time: the same on both databases, however many there are."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from fortnox_sync.connection.tables import company
from fortnox_sync.intake.tables import delivery, till_entry, till_session
from fortnox_sync.runtime.database import Database

SESSION = {"company_id": "c_1", "session_id": "K1-1", "register_id": "K1"}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Lend a database with one company."""
    database = Database(database_url)
    async with database.write() as connection:
        await database.add_new(
            connection, company, [{"company_id": "c_1", "created_at": database.clock.now()}]
        )
    yield database
    await database.dispose()


def a_delivery(number: int, **more: Any) -> dict[str, Any]:
    return {
        "delivery_id": f"d_{number}",
        "source": "till",
        "webhook_id": f"msg_{number}",
        "body": bytes([number % 256, 0]),
        "body_hash": "",
        "status": "stored",
        "problems": None,
        **more,
    }


async def added(database: Database, rows: list[dict[str, Any]]) -> int:
    stamped = [row | dict.fromkeys(("sent_at", "received_at"), database.clock.now()) for row in rows]
    async with database.write() as connection:
        return await database.add_new(connection, delivery, stamped)


async def rows_of(database: Database, table: sa.Table) -> list[Any]:
    async with database.read() as connection:
        return list(await connection.execute(sa.select(table).order_by(*table.primary_key)))


@pytest.mark.parametrize("count", [0, 1, 24, 25, 26, 50, 3000])
async def test_every_row_is_written_once(database: Database, count: int) -> None:
    rows = [a_delivery(number) for number in range(count)]

    assert await added(database, rows) == count
    assert await added(database, rows) == 0
    kept = {row.delivery_id: row.body for row in await rows_of(database, delivery)}
    assert kept == {row["delivery_id"]: row["body"] for row in rows}


async def test_only_what_is_new_is_counted(database: Database) -> None:
    await added(database, [a_delivery(number) for number in range(0, 60, 2)])

    assert await added(database, [a_delivery(number) for number in range(60)]) == 30


async def test_nothing_is_null_and_json_stays_json(database: Database) -> None:
    await added(database, [a_delivery(1), a_delivery(2, problems=[{"code": "å"}])])

    assert [row.problems for row in await rows_of(database, delivery)] == [None, [{"code": "å"}]]
    async with database.read() as connection:
        query = sa.select(sa.func.count()).where(delivery.c.problems.is_(sa.null()))
        assert (await connection.execute(query)).scalar_one() == 1


async def test_a_text_too_long_for_its_column_is_never_cut_off(database: Database) -> None:
    if database.dialect == "sqlite":
        await added(database, [a_delivery(1, webhook_id="x" * 257)])
        assert [len(row.webhook_id) for row in await rows_of(database, delivery)] == [257]
    else:
        with pytest.raises(DBAPIError):
            await added(database, [a_delivery(1, webhook_id="x" * 257)])


def an_entry(position: int) -> dict[str, Any]:
    line = {"kind": "sale", "type": "payment", "item_id": "card", "vat_rate": None, "amount": 1, "vat": 0}
    return SESSION | {"transaction_id": "K1-1-1", "position": position} | line


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


async def test_columns_become_rows(database: Database) -> None:
    rows = [an_entry(position) for position in range(1000)]
    async with database.write() as connection:
        await database.add(connection, till_entry, columns(rows))

    assert [row.position for row in await rows_of(database, till_entry)] == list(range(1000))


async def add_and_fail(database: Database) -> None:
    async with database.write() as connection:
        await database.add(connection, till_entry, columns([an_entry(1)]))
        raise RuntimeError


async def test_what_was_streamed_goes_with_its_transaction(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await add_and_fail(database)

    assert await rows_of(database, till_entry) == []


async def test_a_row_twice_is_an_error_that_tells_its_class(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.write() as connection:
            await database.add(connection, till_entry, columns([an_entry(1), an_entry(1)]))

    integrity = "23505" if database.dialect == "postgresql" else None
    assert getattr(caught.value.orig, "sqlstate", None) == integrity
    assert integrity or isinstance(caught.value, IntegrityError)


def add_up(insert: Any) -> Any:
    """Count changes together, as the ledger does."""
    changes = till_session.c.changes + insert.excluded.changes
    return insert.on_conflict_do_update(
        index_elements=["company_id", "session_id"], set_={"changes": changes}
    )


async def test_a_rule_says_what_becomes_of_rows_that_are_there(database: Database) -> None:
    row = SESSION | {"business_date": database.clock.now().date(), "changes": 2}
    for _ in range(2):
        async with database.write() as connection:
            await database.merge(connection, till_session, [row], add_up)

    assert [row.changes for row in await rows_of(database, till_session)] == [4]
