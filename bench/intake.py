"""Intake: verified, validated and committed deliveries a second, against SQL written by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tests.factories import body_of, signed

from bench import load
from bench.databases import Shelf
from bench.figures import Aim, Figure, alternate, rates
from bench.sales import COMPANIES, deliveries
from bench.serving import by_hand, service, serving
from fortnox_sync.connection import company
from fortnox_sync.runtime.database import Database

ROUNDS = 31
DELIVERIES = 500
TILLS = 200
_AIM = Aim(0.9, at_most=False)


def measure(shelf: Shelf) -> Iterator[Figure]:
    """Send the same deliveries to both by turns, each with a database of its own."""
    with serving(service, _known(shelf)) as service_port, serving(by_hand, _known(shelf)) as raw_port:
        rounds = alternate(
            ROUNDS,
            lambda number: load.seconds(service_port, _requests(number), TILLS),
            lambda number: load.seconds(raw_port, _requests(number), TILLS),
        )
    against = "SQL by hand, the same checks and batching"
    yield Figure("intake", shelf.kind, "deliveries a second", against, rates(rounds), _AIM)


def _known(shelf: Shelf) -> str:
    """Make a database that knows the companies; the catalogue fills in the round that only warms up."""
    url = shelf.new()
    asyncio.run(_add_companies(url))
    return url


async def _add_companies(url: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        await company.add(database, connection, COMPANIES)
    await database.dispose()


def _requests(number: int) -> list[bytes]:
    """Sign the deliveries of a round; receipts go on where the round before ended."""
    bodies = [body_of(one) for one in deliveries(DELIVERIES, first=number * DELIVERIES * 7)]
    return [
        load.request(body, signed(body, webhook_id=f"msg_{number}_{position}"))
        for position, body in enumerate(bodies)
    ]
