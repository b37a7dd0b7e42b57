"""The till on a torn wire: it sends a delivery under one id until it is told yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import sqlalchemy as sa

from fortnox_sync.intake.tables import delivery
from proof.network.harm import Harm
from proof.network.wired import Wired

Json = dict[str, Any]
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Delivered:
    """How often a delivery was sent until it was taken, and how often it stands in the inbox."""

    sent: int
    stored: int


class NotTakenError(Exception):
    """The service never said yes."""


async def deliver(wired: Wired, told: Json, harm: Harm | None) -> Delivered:
    """Send a delivery, the first time with a harm on its way."""
    webhook_id = f"msg_torn_{wired.world.sent}"
    if harm is not None:
        wired.door.harms.append(harm)
    for attempt in range(_TRIES):
        try:
            answer = await wired.world.send(told, webhook_id=webhook_id)
        except httpx.TransportError:
            continue
        if answer.is_success:
            return Delivered(attempt + 1, await _stored(wired, webhook_id))
    raise NotTakenError(webhook_id)


async def _stored(wired: Wired, webhook_id: str) -> int:
    query = sa.select(sa.func.count()).select_from(delivery).where(delivery.c.webhook_id == webhook_id)
    async with wired.world.service.database.read() as connection:
        count: int = (await connection.execute(query)).scalar_one()
    return count
