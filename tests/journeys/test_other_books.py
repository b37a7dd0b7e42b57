"""Row 44: Fortnox lets us into another company's books; nothing is written there."""

from typing import Any

import httpx
from tests.world import World

OTHER = 815


async def found_other(world: World) -> None:
    """Found another company that has consented to the same integration."""
    company = {"name": "Grannen AB", "organisation_number": "556000-0001", "database_number": OTHER}
    (await world.simulator.post("/_simulator/companies", json=company)).raise_for_status()
    consent = {"client_id": world.service.settings.fortnox_client_id, "service": True}
    made = await world.simulator.post(f"/_simulator/companies/{OTHER}/consents", json=consent)
    made.raise_for_status()


async def test_row_44_a_token_for_another_company_stops_the_lane(
    active: World, krogen: dict[str, Any]
) -> None:
    await found_other(active)

    async def mislead(request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/token":
            request.headers["TenantId"] = str(OTHER)

    active.wire.before.append(mislead)
    for delivery in krogen["deliveries"]:
        await active.send(delivery)
    active.clock.advance(hours=2)
    await active.work()

    assert await active.faults() == ["wrong_company"]
    assert await active.posts() == []

    active.wire.before.remove(mislead)
    await active.connect()
    await active.work()
    assert await active.faults() == []
    assert len(await active.booked()) == len(krogen["expected_vouchers"])
