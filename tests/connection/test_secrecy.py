"""Secrets lie sealed, each for its own place, and stand in no log however much is logged."""

import asyncio
import io
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from tests.factories import a_batch, a_transaction
from tests.intake.desk import rows
from tests.world import RETURN_URL, World

from fortnox_sync.connection.tables import grant
from fortnox_sync.fortnox import FortnoxError
from fortnox_sync.runtime import telemetry
from fortnox_sync.runtime.database import metadata


async def secrets_of(world: World) -> dict[str, str]:
    """Return every secret there is while a company is connected."""
    settings = world.service.settings
    token = await world.service.link.tokens.valid(world.company)
    return {
        "access token": token.value,
        "client secret": settings.fortnox_client_secret.get_secret_value(),
        "webhook secret": world.secret.removeprefix("whsec_"),
        "vault key": next(iter(settings.vault_keys.values())).get_secret_value(),
    }


async def test_a_stolen_dump_of_the_database_holds_no_secret(world: World) -> None:
    """Row 53."""
    await world.connect()
    dump = "".join([str(await rows(world.service.database, table)) for table in metadata.sorted_tables])

    for name, secret in (await secrets_of(world)).items():
        assert secret not in dump, name
    assert "v1:k1:" in dump


async def test_a_stolen_file_of_the_database_holds_no_secret(small_world: World) -> None:
    """Row 53."""
    await small_world.connect()
    database = Path(small_world.service.settings.database_url.partition("///")[2])
    stolen = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))

    for name, secret in (await secrets_of(small_world)).items():
        assert secret.encode() not in stolen, name


async def test_sealed_tokens_swapped_between_companies_are_noticed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row 53: and of no use to whoever swapped them."""
    await world.connect()
    others = await world.service.link.tokens.valid(world.company)
    sealed = (await rows(world.service.database, grant))[0]["access_token"]
    world.company, world.number = "c_2", 4712
    form = {"name": "Två", "organisation_number": "559999-0001", "database_number": 4712}
    await world.simulator.post("/_simulator/companies", json=form)
    await world.connect()
    async with world.service.database.write() as connection:
        swap = grant.update().where(grant.c.company_id == "c_2").values(access_token=sealed)
        await connection.execute(swap)

    fetched = await world.service.link.tokens.valid("c_2")
    assert fetched.fortnox_company == 4712
    assert fetched.value != others.value
    assert "vault.unreadable" in capsys.readouterr().out


async def test_a_token_sealed_for_one_column_does_not_open_in_another(world: World) -> None:
    await world.connect()
    async with world.service.database.write() as connection:
        await connection.execute(grant.update().values(refresh_token=grant.c.access_token))
    assert await world.service.link.tokens.refresh_token_of(world.company) is None


async def test_a_token_is_used_until_less_than_two_minutes_are_left(world: World) -> None:
    await world.connect()
    tokens = world.service.link.tokens
    first = await tokens.valid(world.company)
    world.clock.moment = first.expires_at
    world.clock.advance(seconds=-121)
    assert (await tokens.valid(world.company)).token_id == first.token_id

    world.clock.advance(seconds=1)
    assert (await tokens.valid(world.company)).token_id != first.token_id


async def test_fifty_callers_fetch_one_token(world: World) -> None:
    await world.connect()
    world.clock.advance(hours=2)
    await world.simulator.delete("/_simulator/requests")
    tokens = await asyncio.gather(*(world.service.link.tokens.valid(world.company) for _ in range(50)))

    assert len({token.token_id for token in tokens}) == 1
    asked = (await world.simulator.get("/_simulator/requests")).json()
    assert [one["path"] for one in asked] == ["/oauth-v1/token"]


async def test_a_token_that_fortnox_refused_is_replaced_once_for_all_who_saw_it_refused(world: World) -> None:
    await world.connect()
    refused = await world.service.link.tokens.valid(world.company)
    calls = (world.service.link.tokens.valid(world.company, other_than=refused.token_id) for _ in range(10))
    fresh = {token.token_id for token in await asyncio.gather(*calls)}
    assert len(fresh) == 1
    assert refused.token_id not in fresh


@pytest.fixture
def everything_logged(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> Iterator[Callable[[], str]]:
    """Log all there is to log, as `LOG_LEVEL=DEBUG` does; return how to read it."""
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    caplog.set_level(logging.DEBUG)
    telemetry.configure("DEBUG", "json")
    yield lambda: stderr.getvalue() + caplog.text
    structlog.reset_defaults()


async def test_no_secret_token_or_body_stands_in_any_log_of_a_journey(
    world: World, everything_logged: Callable[[], str]
) -> None:
    back = await world.connect()
    secrets = await secrets_of(world)
    lunch = a_batch([a_transaction(1, text="Annas lunch 850101-1234")])
    await world.send(lunch, webhook_id="msg_a")
    await world.send(
        a_batch([a_transaction(2, text="Annas lunch 850101-1234", kind="x")]), webhook_id="msg_a"
    )
    await world.send_bytes(b"Annas lunch 850101-1234")
    bearer = world.token()
    await world.ok("PATCH", "/integration/settings", {"voucher_series": "F", "start_on": "2026-10-01"})
    await world.control("DELETE", "/consents")
    await world.control("POST", "/tokens/expire", {})
    world.clock.advance(hours=2)
    with pytest.raises(FortnoxError):
        await world.service.link.open(world.company)
    page = await world.ok("POST", "/integration/reauthorize", {"return_url": RETURN_URL})

    said = everything_logged()
    assert "fortnox.called" in said
    assert "consent.finished" in said
    hidden = secrets | {
        "bearer": bearer,
        "state": page["authorization_url"].partition("state=")[2][:20],
        "personal": "850101",
        "sealed": "v1:k1:",
        "code": back.request.url.params["code"],
    }
    for name, secret in hidden.items():
        assert secret not in said, name


async def test_an_error_of_the_database_repeats_no_values(world: World) -> None:
    statement = grant.insert().values(company_id="c_1", access_token="a secret", kind="x")
    with pytest.raises(sa.exc.SQLAlchemyError) as failed:
        async with world.service.database.write() as connection:
            await connection.execute(statement)
    assert "a secret" not in str(failed.value).partition("DETAIL")[0]
