"""An app is lent to one world after another, and nothing of the one before stays in it."""

from fastapi import FastAPI
from tests.little_shop import SHOP, tell
from tests.world import World, a_world


def app_of(world: World) -> FastAPI:
    """Find the app that a world's calls reach."""
    app: FastAPI = world.api._transport.app  # type: ignore[attr-defined] # noqa: SLF001 - shown nowhere else
    return app


async def test_the_next_world_in_the_same_app_knows_nothing_of_the_one_before(
    sqlite_url: str, postgres_url: str
) -> None:
    async with a_world(sqlite_url, SHOP) as before:
        app = app_of(before)
        await tell(before, *SHOP["deliveries"])
        before.clock.advance(days=400)
        assert (await before.call("GET", "/integration")).status_code == 200

    async with a_world(postgres_url, SHOP) as after:
        assert app_of(after) is app
        assert (await after.call("GET", "/integration")).status_code == 404
        await tell(after, *SHOP["deliveries"])
        assert (await after.call("GET", "/integration")).status_code == 200


async def test_two_worlds_at_once_have_an_app_each(sqlite_url: str, postgres_url: str) -> None:
    async with a_world(sqlite_url, SHOP) as one, a_world(postgres_url, SHOP) as other:
        assert app_of(one) is not app_of(other)
        assert one.fortnox is not other.fortnox
        await tell(one, *SHOP["deliveries"])

        assert (await one.call("GET", "/integration")).status_code == 200
        assert (await other.call("GET", "/integration")).status_code == 404
