"""Refresh tokens that work once: asked for by one, saved before use, and told of when an answer is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
import sqlalchemy as sa
from tests.world import RETURN_URL, StandingClock, World, a_world

from fortnox_sync.connection.grants import Grants
from fortnox_sync.connection.tables import grant
from fortnox_sync.connection.tokens import HALF_LIFE, AccessToken, OtherBooksError, Tokens, read
from fortnox_sync.fortnox import CompanyInformation, FortnoxError, GrantRefused, OAuthClient, TokenAnswer
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.vault import Vault
from fortnox_sync.specimen import specimen_settings

KEYS = {key_id: secret.get_secret_value() for key_id, secret in specimen_settings().vault_keys.items()}
VAULT = Vault(KEYS)


@dataclass
class TokenCalls:
    """What was asked at the token endpoint, by kind of grant."""

    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/token":
            self.asked.append(grant_type(request))

    @property
    def refreshes(self) -> int:
        return self.asked.count("refresh_token")


def grant_type(request: httpx.Request) -> str:
    return parse_qs(request.content.decode())["grant_type"][0]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with a_world(database_url) as made:
        yield made


@pytest.fixture
def calls(world: World) -> TokenCalls:
    counted = TokenCalls()
    world.wire.before.append(counted)
    return counted


def a_process(world: World, clock: StandingClock | None = None) -> Tokens:
    """Start another process on the same database: it shares nothing else."""
    settings = world.service.settings
    database = Database(settings.database_url, clock or world.clock)
    oauth = OAuthClient(
        settings.fortnox_auth_url,
        settings.fortnox_client_id,
        settings.fortnox_client_secret.get_secret_value(),
        world.service.transports.writes,
    )
    return Tokens(Grants(database, VAULT), oauth)


@pytest.fixture
async def tokens(world: World) -> AsyncIterator[Tokens]:
    """Lend the tokens of a company whose consent is a person's: it has no service account."""
    await world.service.consents.start(world.company, "owner", RETURN_URL)
    process = a_process(world)
    given = await consent(world, service=False)
    await keep(process, world, given)
    yield process
    await process.grants.database.dispose()


async def consent(world: World, *, service: bool) -> dict[str, str]:
    body = {
        "client_id": world.service.settings.fortnox_client_id,
        "service": service,
        "email": "anna@example.test",
    }
    given: dict[str, str] = await world.control("POST", "/consents", body)
    return given


async def keep(process: Tokens, world: World, given: dict[str, str]) -> None:
    answer = TokenAnswer(given["access_token"], given["refresh_token"], ("bookkeeping",), 3600, None)
    token = read(answer, world.number, world.clock.now())
    whose = CompanyInformation("Krogen & Disken AB", "556677-8899", world.number)
    async with process.grants.database.write() as connection:
        await process.grants.keep_consent(
            connection, world.company, whose, answer.scopes, token, given["refresh_token"]
        )


def lose_answer(world: World) -> None:
    """Let the answer to the next refresh get lost after Fortnox has executed it."""

    async def tear(request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/token" and grant_type(request) == "refresh_token":
            world.wire.after.remove(tear)
            raise httpx.ReadError("", request=request)

    world.wire.after.append(tear)


def lose_request(world: World) -> None:
    """Let the next refresh be torn before Fortnox has read it."""

    async def tear(request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/token" and grant_type(request) == "refresh_token":
            world.wire.before.remove(tear)
            raise httpx.ReadError("", request=request)

    world.wire.before.append(tear)


async def renewed(tokens: Tokens, world: World) -> AccessToken:
    return await tokens.valid(world.company, ahead=HALF_LIFE)


async def test_a_token_is_renewed_at_half_its_life_and_the_old_pair_is_dead(
    world: World, tokens: Tokens
) -> None:
    first = await renewed(tokens, world)
    spent = (await tokens.grants.find(world.company)).refresh_token
    world.clock.advance(minutes=31)
    second = await renewed(tokens, world)

    assert second.token_id != first.token_id
    assert (await tokens.grants.find(world.company)).refresh_token != spent
    with pytest.raises(GrantRefused):
        await tokens._oauth.refresh(spent or "")  # noqa: SLF001 - the way to Fortnox this process has


async def test_row_41_two_processes_that_renew_at_once_ask_once(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    other = a_process(world)
    world.clock.advance(minutes=31)
    one, two = await asyncio.gather(renewed(tokens, world), renewed(other, world))
    await other.grants.database.dispose()

    assert calls.refreshes == 1
    # The one who came second goes on with the token that still lives.
    assert {one.fortnox_company, two.fortnox_company} == {world.number}


async def test_row_41_with_the_token_dead_the_second_process_waits_for_the_first(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    other = a_process(world)
    world.clock.advance(minutes=59)
    one, two = await asyncio.gather(renewed(tokens, world), renewed(other, world))
    await other.grants.database.dispose()

    assert calls.refreshes == 1
    assert one.token_id == two.token_id


async def test_fifty_callers_of_one_process_ask_once(world: World, tokens: Tokens, calls: TokenCalls) -> None:
    world.clock.advance(minutes=59)
    given = await asyncio.gather(*(tokens.valid(world.company) for _ in range(50)))

    assert calls.refreshes == 1
    assert len({token.token_id for token in given}) == 1


async def test_row_42_a_lost_answer_is_told_at_once_and_the_old_token_serves_on(
    world: World, tokens: Tokens
) -> None:
    first = await renewed(tokens, world)
    world.clock.advance(minutes=31)
    lose_answer(world)
    serving = await renewed(tokens, world)

    assert serving.token_id == first.token_id
    assert await world.faults() == ["authorization_expired"]


async def test_row_42_while_the_old_token_lives_the_old_pair_is_not_presented_again(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    world.clock.advance(minutes=31)
    lose_answer(world)
    for _ in range(5):
        await renewed(tokens, world)
        world.clock.advance(minutes=1)

    assert calls.refreshes == 1


async def test_row_42_near_its_end_the_old_pair_is_presented_once_more_and_then_never(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    world.clock.advance(minutes=31)
    lose_answer(world)
    await renewed(tokens, world)
    world.clock.advance(minutes=28)
    for _ in range(3):
        with pytest.raises(GrantRefused):
            await renewed(tokens, world)

    assert calls.refreshes == 2


async def test_row_42_a_refresh_that_never_arrived_is_made_good_at_the_end(
    world: World, tokens: Tokens
) -> None:
    first = await renewed(tokens, world)
    world.clock.advance(minutes=31)
    lose_request(world)
    await renewed(tokens, world)
    world.clock.advance(minutes=28)
    second = await renewed(tokens, world)

    assert second.token_id != first.token_id
    assert (await tokens.grants.find(world.company)).lost_at is None


async def test_a_process_killed_while_it_asked_counts_as_a_lost_answer(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    held = await tokens.grants.find(world.company)
    await tokens.grants.begin_refresh(held)
    world.clock.advance(minutes=31)
    serving = await renewed(tokens, world)

    assert calls.refreshes == 0
    assert serving.token_id == (held.access.token_id if held.access else None)
    assert await world.faults() == ["authorization_expired"]


async def test_deactivating_revokes_the_refresh_token_in_fortnox_too(world: World, tokens: Tokens) -> None:
    given = await consent(world, service=False)
    await keep(world.service.link.tokens, world, given)
    assert (await world.call("POST", "/integration/deactivate")).status_code == 200

    with pytest.raises(GrantRefused):
        await tokens._oauth.refresh(given["refresh_token"])  # noqa: SLF001 - as somebody would who has stolen it


@pytest.mark.parametrize("is_sealed_by_us", [True, False])
async def test_nothing_keeps_a_company_from_deactivating(
    world: World, tokens: Tokens, *, is_sealed_by_us: bool
) -> None:
    """Neither a Fortnox that is away nor a seal that no key opens any more."""

    async def away(request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/revoke":
            raise httpx.ConnectError("", request=request)

    world.wire.before.append(away)
    if is_sealed_by_us:
        await keep(world.service.link.tokens, world, await consent(world, service=False))
    assert (await world.call("POST", "/integration/deactivate")).status_code == 200
    assert await tokens.refresh_token_of(world.company) is None


async def test_nothing_sent_means_nothing_lost(world: World, tokens: Tokens) -> None:
    async def unreachable(request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/token" and grant_type(request) == "refresh_token":
            world.wire.before.remove(unreachable)
            raise httpx.ConnectError("", request=request)

    world.wire.before.append(unreachable)
    world.clock.advance(minutes=31)
    first = await renewed(tokens, world)
    second = await renewed(tokens, world)

    assert second.token_id != first.token_id
    assert await world.faults() == []


async def test_cancelled_while_asking_the_answer_counts_as_lost(world: World, tokens: Tokens) -> None:
    arrived = asyncio.Event()

    async def hang(request: httpx.Request) -> None:
        if request.url.path == "/oauth-v1/token" and grant_type(request) == "refresh_token":
            arrived.set()
            await asyncio.Event().wait()

    world.wire.after.append(hang)
    world.clock.advance(minutes=31)
    asking = asyncio.create_task(renewed(tokens, world))
    await arrived.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert (await tokens.grants.find(world.company)).lost_at is not None
    assert await world.faults() == ["authorization_expired"]


async def test_a_pair_is_on_disk_before_its_token_is_handed_out(world: World, tokens: Tokens) -> None:
    world.clock.advance(minutes=31)
    given = await renewed(tokens, world)
    again = a_process(world)
    stored = await again.grants.find(world.company)
    await again.grants.database.dispose()

    assert stored.access == given


async def test_a_connection_moves_to_its_own_credentials_without_the_person(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    await consent(world, service=True)
    world.clock.advance(minutes=31)
    await renewed(tokens, world)
    held = await tokens.grants.find(world.company)

    assert (held.kind, held.refresh_token) == ("client_credentials", None)
    assert calls.refreshes == 0


async def test_a_refresh_token_is_used_once_a_week_without_traffic(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    world.clock.advance(days=6)
    assert await tokens.renew_idle() == 0
    world.clock.advance(days=1, seconds=1)
    assert await tokens.renew_idle() == 1
    assert await tokens.renew_idle() == 0
    assert calls.refreshes == 1


async def test_a_token_moved_from_another_company_is_not_presented_for_it(
    world: World, tokens: Tokens, calls: TokenCalls
) -> None:
    """And it keeps nobody else from the weekly renewal, whoever comes first."""
    others = ("c_0", "c_9")
    for company_id in others:
        await world.service.consents.start(company_id, "owner", RETURN_URL)
    async with tokens.grants.database.write() as connection:
        (row,) = (await connection.execute(sa.select(grant))).mappings()
        for company_id in others:
            await connection.execute(grant.insert().values({**row, "company_id": company_id}))
    world.clock.advance(days=8)

    assert await tokens.renew_idle() == 3
    assert calls.refreshes == 1
    assert (await tokens.grants.find(world.company)).version == row["version"] + 1


async def test_row_44_a_token_for_other_books_is_never_handed_out(world: World, tokens: Tokens) -> None:
    async with tokens.grants.database.write() as connection:
        await connection.execute(grant.update().values(fortnox_company=world.number + 1))
    world.clock.advance(minutes=59)

    with pytest.raises((OtherBooksError, FortnoxError)):
        await renewed(tokens, world)


async def test_row_52_keys_are_rotated_while_tokens_are_used_and_renewed(
    world: World, tokens: Tokens
) -> None:
    newer = Vault({"k2": next(iter(specimen_settings().vault_keys.values())).get_secret_value(), **KEYS})
    rotating = Grants(tokens.grants.database, newer)
    before = await stored(tokens)
    resealed = await rotating.reseal()

    assert resealed == 2
    assert all(
        after != old and ":k2:" in after for after, old in zip(await stored(tokens), before, strict=True)
    )
    assert (await rotating.find(world.company)).access is not None
    assert await rotating.reseal() == 0


async def test_row_52_a_pair_renewed_during_rotation_is_not_overwritten(world: World, tokens: Tokens) -> None:
    newer = Vault({"k2": next(iter(specimen_settings().vault_keys.values())).get_secret_value(), **KEYS})
    rotating = Grants(tokens.grants.database, newer)
    old_access, _ = await stored(tokens)
    world.clock.advance(minutes=31)
    fresh = await renewed(tokens, world)
    overwritten = await rotating._reseal(world.company, "access_token", old_access)  # noqa: SLF001 - in mid-run
    assert overwritten == 0

    assert (await tokens.grants.find(world.company)).access == fresh


async def test_row_52_a_refresh_token_whose_key_is_lost_asks_the_merchant_again(
    world: World, tokens: Tokens
) -> None:
    key = next(iter(specimen_settings().vault_keys.values())).get_secret_value()
    tokens.grants = Grants(tokens.grants.database, Vault({"k9": key}))
    assert await tokens.grants.forget_sealed_with("k1") == 2

    with pytest.raises(GrantRefused):
        await tokens.valid(world.company)


async def stored(tokens: Tokens) -> tuple[str, str]:
    """Return both tokens as they lie in the database."""
    async with tokens.grants.database.read() as connection:
        query = sa.select(grant.c.access_token, grant.c.refresh_token)
        access, refresh = (await connection.execute(query)).one()
    return access, refresh


async def test_the_margin_outlives_a_whole_try(world: World, tokens: Tokens) -> None:
    world.clock.advance(minutes=57)
    token = await tokens.valid(world.company)

    assert token.expires_at - world.clock.now() >= timedelta(seconds=120)
