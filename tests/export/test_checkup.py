"""The audit sees: each invariant, broken on purpose, is the one that is named."""

# ruff: noqa: S608 - the statements are made of constants of this file

import asyncio
import json
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from tests.little_shop import tell_days
from tests.servers import Postgres
from tests.standing import StandingClock
from tests.world import COMPANY, Kept, World, a_world
from tests.worlds import Opened
from typer.testing import CliRunner, Result

from fortnox_sync import cli
from fortnox_sync.export import checkup
from fortnox_sync.export.checkup import Finding, check_up
from fortnox_sync.export.invariants import INVARIANTS
from fortnox_sync.runtime.database import Database
from fortnox_sync.settings import SettingsError
from fortnox_sync.specimen import specimen_settings

FIRST = "(SELECT min(voucher_id) FROM voucher)"
# One more attempt at the first voucher, which began when the one before did.
ANOTHER_TRY = f"""
INSERT INTO attempt (attempt_id, voucher_id, no, epoch, fortnox_company, financial_year, series, watermark,
  token_expires_at, payload_hash, started_at, deadline_at, outcome, looks)
SELECT 'another', voucher_id, no + 1, epoch, fortnox_company, financial_year, series, watermark,
  token_expires_at, payload_hash, started_at, deadline_at, 'open', 0
FROM attempt WHERE voucher_id = {FIRST}
"""
A_CLAIM_MORE = """
INSERT INTO claim
SELECT (SELECT max(voucher_id) FROM voucher), transaction_id, company_id, session_id, released_at
FROM claim WHERE transaction_id = 'K1-500-1'
"""
AN_IDLE_FAULT = """
INSERT INTO fault (fault_id, company_id, code, subject, facts, opened_at, seen_at)
SELECT 'f', company_id, 'period_locked', '', '{}', created_at, created_at FROM company
"""
A_BOOKING_MORE = """
CREATE TABLE kept AS SELECT * FROM booking;
DROP TABLE booking;
ALTER TABLE kept RENAME TO booking;
INSERT INTO booking SELECT * FROM booking
"""
# What keeps it from happening is taken away first, where something does.
BREAKS = {
    "sale_once": "DROP INDEX uq_claim_company_id_transaction_id_live;" + A_CLAIM_MORE,
    "sale_not_forgotten": "DELETE FROM claim WHERE transaction_id = 'K1-500-1'",
    "standstill_explained": f"UPDATE voucher SET state = 'held' WHERE voucher_id = {FIRST}",
    "rows_equal_sales": "UPDATE till_entry SET amount = amount + 1 WHERE transaction_id = 'K1-500-1'",
    "voucher_balances": "UPDATE voucher_row SET debit = debit - 1 WHERE debit > 0",
    "mirror_cancels": f"UPDATE voucher SET reverses = {FIRST} WHERE voucher_id <> {FIRST}",
    "one_live_attempt": "DROP INDEX uq_attempt_voucher_id_open; UPDATE attempt SET outcome = 'open';"
    + ANOTHER_TRY,
    "one_booking": A_BOOKING_MORE,
    "one_voucher_per_number": "DROP INDEX uq_booking_standing; UPDATE booking SET number = 1",
    "attempts_in_turn": "UPDATE attempt SET ended_at = NULL;" + ANOTHER_TRY,
    "booked_on_purpose": "UPDATE attempt SET fortnox_company = 1",
    "booked_has_a_number": "DELETE FROM booking",
    "verified_was_read": "UPDATE booking SET verified_at = '2026-01-01 00:00:00+00:00'",
    "fault_matters": AN_IDLE_FAULT,
    "voucher_as_frozen": f"UPDATE voucher SET description = 'other' WHERE voucher_id = {FIRST}",
}


async def break_by(database: Database, statements: str) -> None:
    async with database.write() as connection:
        for statement in statements.split(";"):
            await connection.exec_driver_sql(statement)


async def broken(database: Database, company: str | None = None) -> dict[str, Finding]:
    return {one.name: one for one in await check_up(database, company) if not one.holds}


async def _book(url: str, kept: Kept) -> None:
    async with a_world(url, kept=kept) as made:
        await tell_days(made, 2)
        await made.work()


@pytest.fixture(scope="session")
def booked_sqlite(sqlite_shop: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Book two days of the little shop, once, on SQLite."""
    path = shutil.copy(sqlite_shop.database, tmp_path_factory.mktemp("booked") / "shop.db")
    asyncio.run(_book(f"sqlite+aiosqlite:///{path}", sqlite_shop.kept))
    return Path(path)


@pytest.fixture(scope="session")
def booked_postgres(postgres_server: Postgres, postgres_shop: Opened) -> Iterator[str]:
    """Book two days of the little shop, once, on PostgreSQL."""
    name = f"{postgres_shop.database}_{secrets.token_hex(4)}"
    url = postgres_server.create(name, template=postgres_shop.database)
    asyncio.run(_book(url, postgres_shop.kept))
    yield name
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def booked_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Lend a copy of the booked days that may be tampered with."""
    if request.param == "sqlite":
        copied = shutil.copy(request.getfixturevalue("booked_sqlite"), tmp_path / "shop.db")
        yield f"sqlite+aiosqlite:///{copied}"
        return
    template: str = request.getfixturevalue("booked_postgres")
    server: Postgres = request.getfixturevalue("postgres_server")
    name = f"{template}_{secrets.token_hex(4)}"
    yield server.create(name, template=template)
    server.drop(name)


@pytest.fixture
async def booked(booked_url: str) -> AsyncIterator[Database]:
    made = Database(booked_url, StandingClock())
    yield made
    await made.dispose()


def test_every_invariant_is_broken_once() -> None:
    assert [*BREAKS] == [*(one.name for one in INVARIANTS), checkup.FROZEN]


@pytest.mark.parametrize("name", BREAKS)
async def test_what_is_broken_is_named(booked: Database, name: str) -> None:
    assert await broken(booked) == {}
    await break_by(booked, BREAKS[name])

    assert name in await broken(booked)
    assert name in await broken(booked, COMPANY)
    assert await broken(booked, "c_other") == {}


async def test_the_rows_say_which_voucher_and_how_many_ore(booked: Database) -> None:
    await break_by(booked, "UPDATE till_entry SET amount = amount + 1 WHERE transaction_id = 'K1-500-1'")
    async with booked.read() as connection:
        first = (await connection.execute(sa.text(f"SELECT {FIRST}"))).scalar_one()

    rows = (await broken(booked))["rows_equal_sales"].rows

    assert {(one["company_id"], one["voucher_id"]) for one in rows} == {(COMPANY, first)}
    sums = {one["is_sum_of"]: (one["sales_ore"], one["rows_ore"]) for one in rows}
    assert sums == {"payment:card": (22401, 22400), "sales:12": (-20001, -20000)}
    assert {type(ore) for pair in sums.values() for ore in pair} == {int}


async def test_a_day_that_a_fault_holds_is_not_forgotten(shop: World) -> None:
    """The fault says why; without it the sales are named."""
    await shop.ok("DELETE", "/mappings/payment_method/card")
    await tell_days(shop, 1)
    await shop.work()
    assert await shop.faults() == ["account_unmapped"]
    database = shop.service.database
    assert await broken(database) == {}

    await break_by(database, "UPDATE fault SET resolved_at = opened_at")
    assert len((await broken(database))["sale_not_forgotten"].rows) == 2
    await break_by(database, "UPDATE fault SET resolved_at = NULL")


async def test_an_adopted_booking_needs_its_decision(booked: Database) -> None:
    await break_by(booked, f"UPDATE booking SET source = 'decision' WHERE voucher_id = {FIRST}")
    (row,) = (await broken(booked))["booked_on_purpose"].rows
    assert row["source"] == "decision"


async def test_a_reversed_day_holds_until_its_mirror_differs(shop: World) -> None:
    await tell_days(shop, 1)
    await shop.work()
    (first,) = await shop.vouchers()
    await shop.ok("POST", f"/vouchers/{first['voucher_id']}/reversal", {"reason": "Fel konto."})
    await shop.work()
    database = shop.service.database
    assert await broken(database) == {}

    of_mirror = "voucher_id IN (SELECT voucher_id FROM voucher WHERE reverses IS NOT NULL)"
    await break_by(database, f"UPDATE voucher_row SET account = account + 1 WHERE {of_mirror}")
    (row,) = (await broken(database))["mirror_cancels"].rows
    assert row["reverses"] == first["voucher_id"]
    await break_by(database, f"UPDATE voucher_row SET account = account - 1 WHERE {of_mirror}")


async def test_only_the_first_rows_are_shown_of_many(
    booked: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "MOST_SHOWN", 1)
    monkeypatch.setattr(checkup, "_AT_ONCE", 1)
    await break_by(booked, "UPDATE voucher SET description = 'other'; DELETE FROM booking")
    found = await broken(booked)
    assert [(len(one.rows), one.is_cut) for one in found.values()] == [(1, True)] * 2


@pytest.mark.parametrize("booked_url", ["postgresql"], indirect=True)
async def test_it_sees_one_moment_while_others_write(booked: Database) -> None:
    """On PostgreSQL what is committed meanwhile belongs to the next audit."""
    count = sa.text("SELECT count(*) FROM claim")
    async with booked.read(snapshot=True) as connection:
        before = (await connection.execute(count)).scalar_one()
        await break_by(booked, "DELETE FROM claim")
        assert (await connection.execute(count)).scalar_one() == before
        with pytest.raises(DBAPIError, match="read-only"):
            await connection.execute(sa.text("DELETE FROM claim"))


# The command


def run(*arguments: str, database_url: str) -> Result:
    """Run the command as an operator would, beside a service that has the same database."""
    settings = specimen_settings()
    environment = {
        "DATABASE_URL": database_url,
        "FORTNOX_CLIENT_ID": settings.fortnox_client_id,
        "FORTNOX_CLIENT_SECRET": settings.fortnox_client_secret.get_secret_value(),
        "TILL_WEBHOOK_SECRETS": " ".join(s.get_secret_value() for s in settings.till_webhook_secrets),
        "VAULT_KEYS": " ".join(f"{k}:{v.get_secret_value()}" for k, v in settings.vault_keys.items()),
        "JWT_ISSUER": settings.jwt_issuer,
        "JWT_AUDIENCE": settings.jwt_audience,
        "JWT_JWKS": settings.jwt_jwks,
    }
    return CliRunner().invoke(cli.cli, ["audit", *arguments], env=environment)


def tamper(url: str, name: str) -> None:
    async def tampered() -> None:
        database = Database(url)
        await break_by(database, BREAKS[name])
        await database.dispose()

    asyncio.run(tampered())


def test_the_command_says_what_holds_and_ends_well(booked_url: str) -> None:
    ended = run(database_url=booked_url)
    assert ended.exit_code == 0
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["holds"] * len(BREAKS)


def test_the_command_names_what_is_broken_and_ends_badly(booked_url: str) -> None:
    tamper(booked_url, "rows_equal_sales")
    ended = run(database_url=booked_url)
    assert ended.exit_code == 1
    (rule, row, _) = [line for line in ended.stdout.splitlines() if not line.startswith("holds")]
    assert rule.startswith("BROKEN  rows_equal_sales: ")
    assert "is_sum_of=payment:card sales_ore=22401 rows_ore=22400" in row


def test_the_command_speaks_to_machines(booked_url: str) -> None:
    tamper(booked_url, "booked_has_a_number")
    ended = run("--json", "--company", COMPANY, database_url=booked_url)
    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["holds"]) == (1, False)
    assert [one["name"] for one in told["invariants"]] == [*BREAKS]
    (found,) = [one for one in told["invariants"] if not one["holds"]]
    assert (found["name"], len(found["rows"]), found["cut"]) == ("booked_has_a_number", 2, False)


@pytest.mark.parametrize(
    ("database_url", "says"),
    [
        ("mysql://nowhere", "DATABASE_URL is wrong"),
        ("sqlite:////nowhere/at/all.db", "unable to open"),
        ("sqlite:///{tmp_path}/empty.db", "fortnox-sync migrate"),
    ],
)
def test_what_cannot_be_run_says_why_and_ends_as_other_commands_do(
    database_url: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failed = run(database_url=database_url.format(tmp_path=tmp_path)).exception
    assert failed is not None

    def fail() -> None:
        raise failed

    monkeypatch.setattr(cli, "cli", fail)
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert says in capsys.readouterr().err


def test_a_company_nobody_knows_cannot_be_audited(booked_url: str) -> None:
    ended = run("--company", "c_other", database_url=booked_url)
    assert isinstance(ended.exception, SettingsError)
    assert "--company" in str(ended.exception)
