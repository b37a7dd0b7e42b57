"""With a key that is another no process starts, and those that hold the right one go on."""

import asyncio
import base64
import os
import subprocess
import sys

import pytest
from tests.little_shop import states, tell_day
from tests.world import World

from fortnox_sync.specimen import specimen_settings

RUN = "from fortnox_sync.cli import main; main()"
USAGE = 2


@pytest.mark.parametrize("command", ["serve", "worker", "rotate-keys"])
async def test_no_process_starts_with_a_key_that_is_another_and_nothing_is_lost(
    shop: World, command: str
) -> None:
    """Row 52."""
    await tell_day(shop)
    started = await asyncio.to_thread(start, shop, command)
    assert started.returncode == USAGE
    assert f"the key k1 sealed, those of 1 companies ({shop.company})" in started.stderr

    await shop.work()
    assert await states(shop) == ["booked"]


def start(shop: World, command: str) -> subprocess.CompletedProcess[str]:
    """Start a process on the shop's database, with a key of its own, and wait for its end."""
    given = specimen_settings()
    environment = os.environ | {
        "DATABASE_URL": shop.service.settings.database_url,
        "VAULT_KEYS": f"k1:{base64.b64encode(os.urandom(32)).decode()}",
        "FORTNOX_CLIENT_ID": given.fortnox_client_id,
        "FORTNOX_CLIENT_SECRET": given.fortnox_client_secret.get_secret_value(),
        "TILL_WEBHOOK_SECRETS": shop.secret,
        "JWT_ISSUER": given.jwt_issuer,
        "JWT_AUDIENCE": given.jwt_audience,
        "JWT_JWKS": str(given.jwt_jwks),
    }
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", RUN, command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
