"""Sealed tokens that somebody altered in the database."""

from tests.world import World

from fortnox_sync.connection.tables import grant
from fortnox_sync.runtime.vault import Vault


def keys_of(world: World) -> dict[str, str]:
    """Return the keys that a world's service seals with."""
    return {key_id: key.get_secret_value() for key_id, key in world.service.settings.vault_keys.items()}


async def altered(world: World) -> None:
    """Put a refresh token in place that was sealed for another company."""
    sealed = Vault(keys_of(world)).seal("moved", place="fortnox_grant.refresh_token:c_other")
    async with world.service.database.write() as connection:
        theirs = grant.update().where(grant.c.company_id == world.company)
        await connection.execute(theirs.values(refresh_token=sealed, kind="refresh_token"))
