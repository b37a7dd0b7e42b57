"""Keys that are missing, or others under their names: nothing starts, and nothing is lost."""

import base64
import os
from collections.abc import Mapping

import pytest
from pydantic import SecretStr
from tests.connection.tampering import altered, keys_of
from tests.world import World

from fortnox_sync import cli
from fortnox_sync.connection.grants import Grants
from fortnox_sync.runtime.vault import SealBrokenError, Vault
from fortnox_sync.settings import Settings, SettingsError


def a_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def with_keys(world: World, keys: Mapping[str, str]) -> Settings:
    secrets = {key_id: SecretStr(key) for key_id, key in keys.items()}
    return world.service.settings.model_copy(update={"vault_keys": secrets})


@pytest.mark.parametrize("key_id", ["k1", "k2"])
async def test_row_52_nothing_starts_with_a_key_that_is_another_or_missing(world: World, key_id: str) -> None:
    await world.connect()
    with pytest.raises(SettingsError, match=r"the key k1 sealed, those of 1 companies \(c_"):
        await cli._check_ready(with_keys(world, {key_id: a_key()}))  # noqa: SLF001 - what each command asks first

    # Nothing is lost: with the key put back, behind another or alone, all is as it was.
    await cli._check_ready(with_keys(world, {"k9": a_key(), **keys_of(world)}))  # noqa: SLF001 - as above
    assert (await world.service.link.tokens.valid(world.company)).value


async def test_before_anybody_has_consented_any_key_will_do(world: World) -> None:
    await cli._check_ready(with_keys(world, {"k9": a_key()}))  # noqa: SLF001 - as above


async def test_a_key_that_is_there_is_never_forgotten(world: World) -> None:
    await world.connect()
    grants = world.service.link.tokens.grants
    assert await grants.forget_sealed_with("k1") == await grants.forget_sealed_with("k9") == 0


async def test_one_token_that_was_altered_stops_nobody_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.connect()
    await altered(world)

    await cli._check_ready(world.service.settings)  # noqa: SLF001 - as above
    assert "vault.unreadable" in capsys.readouterr().out


async def test_keys_are_rotated_past_a_token_that_was_altered_and_the_old_key_may_go(world: World) -> None:
    await world.connect()
    await altered(world)
    newer = a_key()
    grants = Grants(world.service.database, Vault({"k2": newer, **keys_of(world)}))
    assert await grants.reseal() == 1
    assert await grants.unreadable() == ()
    await cli._check_ready(with_keys(world, {"k2": newer}))  # noqa: SLF001 - as above


async def test_a_process_that_lacks_a_key_decides_nothing_for_those_whose_tokens_it_sealed(
    world: World,
) -> None:
    """It is the only one that can't go on: nobody is asked to consent, and nothing is sealed over."""
    await world.connect()
    tokens = world.service.link.tokens
    tokens.grants = Grants(world.service.database, Vault({"k9": a_key()}))
    with pytest.raises(SealBrokenError):
        await tokens.valid(world.company)
    assert await tokens.refresh_token_of(world.company) is None
    assert await world.faults() == []


async def test_a_key_that_is_lost_for_good_costs_a_service_account_nothing(world: World) -> None:
    await world.connect()
    held = world.service.link.tokens.grants
    tokens = world.service.link.tokens
    tokens.grants = Grants(world.service.database, Vault({"k9": a_key()}))
    assert await tokens.grants.forget_sealed_with("k1") == 1

    fetched = await tokens.valid(world.company)
    assert fetched.value
    assert await tokens.grants.unreadable() == ()
    assert [one.key_id for one in await held.unreadable()] == ["k9"]
