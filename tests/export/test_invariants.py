"""The oracle sees: an account of the books with something wrong in it does not pass."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.export.invariants import check
from tests.little_shop import tell_days
from tests.world import World, a_world
from tests.worlds import Opened

TAMPERED = {
    "a sale is in no voucher": "DELETE FROM claim WHERE transaction_id = 'K1-500-1'",
    "a row is short of an öre": "UPDATE voucher_row SET debit = debit - 1 WHERE debit > 0",
    "a text is not what was frozen": "UPDATE voucher SET description = 'other'",
    "a voucher counts as ready and is booked": "UPDATE voucher SET state = 'ready'",
    "a voucher is held for no reason": "UPDATE voucher SET state = 'held'",
    "a booking is gone": "DELETE FROM booking",
    "a booking has another number": "UPDATE booking SET number = number + 10",
    "a try was never written down": "DELETE FROM attempt",
    "a try was written down afterwards": "UPDATE attempt SET started_at = '2027-01-01T00:00:00.000000+00:00'",
    "a try never ended": "UPDATE attempt SET ended_at = NULL, no = no + 5",
    "our mark is on nothing we know": "UPDATE voucher SET marker = '#KX' || substr(voucher_id, 27, 10)",
}


@pytest.fixture
async def booked(sqlite_shop: Opened, tmp_path: Path) -> AsyncIterator[World]:
    """Lend a shop with two booked days, on the database that is quickest to tamper with."""
    copied = shutil.copy(sqlite_shop.database, tmp_path / "shop.db")
    async with a_world(f"sqlite+aiosqlite:///{copied}", kept=sqlite_shop.kept) as made:
        await tell_days(made, 2)
        await made.work()
        yield made


async def test_books_that_are_right_pass(booked: World) -> None:
    await check(booked)


@pytest.mark.parametrize("wrong", TAMPERED)
async def test_books_that_are_wrong_do_not_pass(booked: World, wrong: str) -> None:
    async with booked.service.database.write() as connection:
        await connection.exec_driver_sql(TAMPERED[wrong])
        if wrong == "a try never ended":
            copied = "INSERT INTO attempt SELECT lower(hex(randomblob(16))), voucher_id, no + 1, epoch,"
            await connection.exec_driver_sql(
                f"{copied} fortnox_company, financial_year, series, watermark, token_id, token_expires_at,"
                " payload_hash, started_at, deadline_at, outcome, looks, unseen_at, evidence, ended_at,"
                " unanswered_at FROM attempt"
            )

    with pytest.raises(AssertionError):
        await check(booked)


async def test_a_voucher_booked_twice_without_a_fault_does_not_pass(booked: World) -> None:
    (first, _) = await booked.booked()
    rows = [
        {"account": row["account"], "debit": row["debit"], "credit": row["credit"]} for row in first["rows"]
    ]
    copied = {key: first[key] for key in ("series", "transaction_date", "description", "comments")}
    await booked.control("POST", "/vouchers", {**copied, "rows": rows})

    with pytest.raises(AssertionError, match="2 times"):
        await check(booked)
