"""Lost, cut and trickling answers over a real connection."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from tests.simulator.testbed import APP, COMPANY_FORM, TAKINGS, StandingClock

from fortnox_sync.simulator import create_app

VOUCHERS = "/_simulator/companies/4711/vouchers"


@pytest.fixture(params=["httptools", "h11"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """Lend an authorised client of a simulator behind uvicorn."""
    config = uvicorn.Config(
        create_app(clock=StandingClock()), port=0, http=request.param, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag alone
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        await client.post("/_simulator/apps", json=APP)
        await client.post("/_simulator/companies", json=COMPANY_FORM)
        consent = await client.post("/_simulator/companies/4711/consents", json={"client_id": "till"})
        client.headers["authorization"] = f"Bearer {consent.json()['access_token']}"
        yield client
    server.should_exit = True
    await serving


async def switch(wire: httpx.AsyncClient, name: str, **settings: object) -> None:
    form = {"switch": name, **settings}
    assert (await wire.post("/_simulator/companies/4711/switches", json=form)).status_code == 201


async def book(wire: httpx.AsyncClient, patience: float = 60) -> httpx.Response:
    return await wire.post("/3/vouchers", json={"Voucher": TAKINGS}, timeout=patience)


async def booked(wire: httpx.AsyncClient) -> int:
    return len((await wire.get(VOUCHERS)).json())


@pytest.mark.parametrize(
    ("how", "error"),
    [("close", httpx.RemoteProtocolError), ("reset", httpx.ReadError), ("silence", httpx.ReadTimeout)],
)
async def test_an_answer_is_lost_after_booking(
    wire: httpx.AsyncClient, how: str, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    await switch(wire, "lose_answer_after_booking", how=how)
    patience = 0.3 if error is httpx.ReadTimeout else 60
    with pytest.raises(error):
        await book(wire, patience)
    assert await booked(wire) == 1
    assert not caplog.records


async def test_an_answer_is_cut(wire: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    await switch(wire, "cut_answer", after_bytes=25, operation="POST /3/vouchers")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
        await book(wire)
    assert await booked(wire) == 1
    assert not caplog.records


async def test_a_trickling_answer_meets_no_read_timeout(wire: httpx.AsyncClient) -> None:
    await switch(wire, "trickle", step_bytes=1, every_seconds=0.05)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.6):
            await book(wire, 0.3)
    assert await booked(wire) == 1


async def test_there_is_one_date_and_it_is_the_simulators(wire: httpx.AsyncClient) -> None:
    answer = await book(wire)
    assert answer.headers.get_list("date") == ["Fri, 02 Oct 2026 12:00:00 GMT"]
    assert answer.headers.get_list("server") == ["Fortnox"]


async def test_a_connection_stays_open_for_the_next_call(wire: httpx.AsyncClient) -> None:
    assert [(await book(wire)).status_code for _ in range(3)] == [201, 201, 201]
