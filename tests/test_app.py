"""The app as a whole: it tells how it is, and what it tells needs no more than it says."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.factories import a_batch, a_transaction
from tests.world import API, World, a_world

from fortnox_sync import bootstrap
from fortnox_sync.app import create_app
from fortnox_sync.runtime.bell import ArqBell, LocalBell
from fortnox_sync.specimen import specimen_settings


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Lend a world in which nobody has connected yet."""
    async with a_world(database_url) as made:
        yield made


async def get(url: str, path: str, redis_url: str | None = None) -> httpx.Response:
    """Ask an app on a database of its own, and let everything go afterwards."""
    settings = specimen_settings(database_url=url, redis_url=redis_url)
    service = bootstrap.build(settings, bootstrap.bell_of(settings))
    async with (
        bootstrap.running(service),
        httpx.AsyncClient(transport=httpx.ASGITransport(create_app(service)), base_url=API) as api,
    ):
        return await api.get(path)


async def test_it_is_alive_whatever_else_is_not() -> None:
    answer = await get("sqlite+aiosqlite:////nowhere/at/all.db", "/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "alive")


async def test_it_is_ready_with_its_database_and_migrations(database_url: str, redis_url: str) -> None:
    answer = await get(database_url, "/readyz", redis_url)
    whole = {"status": "ready", "database": True, "migrations": True, "queue": True}
    assert (answer.status_code, answer.json()) == (200, whole)


async def test_it_is_ready_without_its_queue_which_only_rings(database_url: str) -> None:
    answer = await get(database_url, "/readyz", "redis://127.0.0.1:1")
    assert (answer.status_code, answer.json()["queue"]) == (200, False)


@pytest.mark.parametrize(
    "url", ["sqlite+aiosqlite:////nowhere/at/all.db", "postgresql+asyncpg://u:p@127.0.0.1:1/d"]
)
async def test_it_is_not_ready_without_its_database(url: str) -> None:
    answer = await get(url, "/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


async def test_it_is_not_ready_before_the_migrations(tmp_path: Any) -> None:
    answer = await get(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", "/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, False)


async def test_deliveries_are_counted_by_what_became_of_them(world: World) -> None:
    async def count(answer: str) -> float:
        lines = (await world.api.get("/metrics")).text.splitlines()
        name = f'fortnox_sync_deliveries_total{{answer="{answer}"}} '
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    before = {answer: await count(answer) for answer in ("stored", "seen", "refused")}
    for _ in range(2):
        await world.send(a_batch([a_transaction(1)]), webhook_id="msg_a")
    await world.send_bytes(b"{}", webhook_signature="v1,AAAA")

    assert {answer: await count(answer) - before[answer] for answer in before} == {
        "stored": 1,
        "seen": 1,
        "refused": 1,
    }


async def test_metrics_name_no_company(world: World) -> None:
    await world.connect()
    await world.send(a_batch([a_transaction(1)]))
    told = (await world.api.get("/metrics")).text
    labels = re.findall(r'="([^"]*)"', told)  # a figure may hold any digits by chance
    assert "stored" in labels
    assert not [label for label in labels if world.company in label or str(world.number) in label]


async def test_a_delivery_in_the_hands_of_a_service_that_stops_is_committed_or_refused(
    database_url: str,
) -> None:
    async with a_world(database_url) as world:
        answer = await world.send(a_batch([a_transaction(1)]))
        database = world.service.database
    assert answer.status_code == 202
    async with database.read() as connection:
        assert (await connection.execute(sa.text("SELECT count(*) FROM delivery"))).scalar_one() == 1
    await database.dispose()


def test_the_bell_is_redis_where_there_is_one() -> None:
    assert isinstance(bootstrap.bell_of(specimen_settings(redis_url="redis://127.0.0.1:1")), ArqBell)
    assert isinstance(bootstrap.bell_of(specimen_settings()), LocalBell)
