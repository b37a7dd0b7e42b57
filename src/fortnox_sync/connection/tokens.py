"""A valid access token for a company, asked for once however many need one at the same time."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from datetime import datetime, timedelta

from fortnox_sync.connection.grants import AccessToken, Grant, Grants, NotConnectedError
from fortnox_sync.fault.facts import AuthorizationFacts
from fortnox_sync.fault.model import AuthorizationExpired
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import FortnoxError, GrantRefused, NotSent, OAuthClient, TokenAnswer, claims_of
from fortnox_sync.runtime.telemetry import log
from fortnox_sync.runtime.vault import SealBrokenError

__all__ = ["MARGIN", "AccessToken", "NotConnectedError", "OtherBooksError", "Tokens", "read"]

# An attempt needs a token that outlives its whole deadline (60 s) with as much to spare.
MARGIN = timedelta(seconds=120)
# Fortnox's tokens live an hour. Renewed at half of it, a lost answer leaves time to tell a person.
HALF_LIFE = timedelta(minutes=30)
# A refresh token dies after 45 days without use (Fortnox docs, authorization).
IDLE_FOR = timedelta(days=7)
_OTHERS_TAKE_S = 40.0
_LOOK_EVERY_S = 0.2
_LONGEST_TOKEN_ID = 64


class OtherBooksError(Exception):
    """Fortnox gave a token for another company than the one we book in: nothing may be sent with it."""

    def __init__(self, expected: int, found: int) -> None:
        """Keep both companies' database numbers."""
        self.expected, self.found = expected, found
        super().__init__(f"the token is for {found}, our books are {expected}")


class Tokens:
    """Hands out access tokens: by the company's own credentials, else by a refresh token that rotates."""

    def __init__(self, grants: Grants, oauth: OAuthClient) -> None:
        """Share one instance in a process: its locks make fifty callers ask once."""
        self.grants, self._oauth = grants, oauth
        self._clock = grants.database.clock
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def valid(
        self, company_id: str, *, other_than: str | None = None, ahead: timedelta = MARGIN
    ) -> AccessToken:
        """Return a token that lives on for `ahead`, and not the one Fortnox has just refused.

        Raises NotConnectedError without a consent, GrantRefused when Fortnox no longer honours it.
        """
        async with self._asking[company_id]:
            held = await self.grants.find(company_id)
            if self._is_good(held.access, other_than, ahead) and held.access:
                return held.access
            if held.kind == "client_credentials":
                return await self._fetch(held)
            return await self._renew(held, other_than)

    def _is_good(self, token: AccessToken | None, other_than: str | None, ahead: timedelta) -> bool:
        if token is None or token.token_id == other_than:
            return False
        return token.expires_at - ahead > self._clock.now()

    async def refresh_token_of(self, company_id: str) -> str | None:
        """Return the refresh token a company has, if its consent gave one and it opens: it can be revoked."""
        try:
            return (await self.grants.find(company_id)).refresh_token
        except (NotConnectedError, SealBrokenError):
            return None

    async def revoke(self, company_id: str, refresh_token: str) -> None:
        """Take a consent back in Fortnox too; where it can't be asked, the token is forgotten here."""
        try:
            await self._oauth.revoke(refresh_token)
        except FortnoxError as error:
            log.warning("token.not_revoked", company_id=company_id, error=repr(error))

    async def _fetch(self, held: Grant) -> AccessToken:
        """Fetch a token by client id, secret and tenant: an answer lost is fetched again."""
        answer = await self._oauth.client_credentials(held.fortnox_company)
        token = read(answer, held.fortnox_company, self._clock.now())
        await self.grants.keep_access(held.company_id, token)
        return token

    async def _renew(self, held: Grant, other_than: str | None) -> AccessToken:
        """Renew a rotating pair; whatever goes wrong, the token at hand serves as long as it lives."""
        spare = held.access if self._is_good(held.access, other_than, MARGIN) else None
        try:
            return await self._next(held, spare)
        except FortnoxError as error:
            if spare is None:
                raise
            log.warning("token.not_renewed", company_id=held.company_id, error=repr(error))
            return spare

    async def _next(self, held: Grant, spare: AccessToken | None) -> AccessToken:
        if (own := await self._own(held)) is not None:
            return own
        if held.refresh_token is None:
            raise GrantRefused("invalid_grant", "there is no refresh token any more")
        if held.has_lost_answer(self._clock.now()):
            await self._tell(held)
            if spare is not None:
                return spare
        if not await self.grants.begin_refresh(held):
            return spare or await self._wait_for_other(held)
        return await self._refresh(held, held.refresh_token)

    async def _own(self, held: Grant) -> AccessToken | None:
        """Move to the company's own credentials if Fortnox lets us: then no refresh token can be lost."""
        try:
            answer = await self._oauth.client_credentials(held.fortnox_company)
        except GrantRefused:
            return None
        token = read(answer, held.fortnox_company, self._clock.now())
        await self.grants.keep_pair(held, token, None)
        log.info("token.moved_to_own_credentials", company_id=held.company_id)
        return token

    async def _refresh(self, held: Grant, refresh_token: str) -> AccessToken:
        """Present the refresh token once; the new pair is on disk before anybody uses it."""
        try:
            answer = await self._oauth.refresh(refresh_token)
            token = read(answer, held.fortnox_company, self._clock.now())
        except NotSent:
            await self.grants.not_refreshed(held)
            raise
        except GrantRefused:
            await self.grants.spent(held)
            raise
        except BaseException:
            # Also when cancelled: Fortnox may have handed the next pair to nobody.
            await asyncio.shield(self._lose(held))
            raise
        await self.grants.keep_pair(held, token, answer.refresh_token or refresh_token)
        return token

    async def _lose(self, held: Grant) -> None:
        await self.grants.lost(held)
        await self._tell(held)

    async def _tell(self, held: Grant) -> None:
        """Tell a person while the old token still lives, instead of when it is too late."""
        facts = AuthorizationFacts(began_at=held.lost_at or self._clock.now())
        async with self.grants.database.write() as connection:
            faults = Faults(self.grants.database, connection, held.company_id)
            await faults.open(AuthorizationExpired(facts=facts))

    async def _wait_for_other(self, held: Grant) -> AccessToken:
        """Wait for the one who is asking in another process; a second request would kill the first's."""
        async with asyncio.timeout(_OTHERS_TAKE_S):
            while True:
                await asyncio.sleep(_LOOK_EVERY_S)
                fresh = await self.grants.find(held.company_id)
                if (
                    fresh.version != held.version
                    and self._is_good(fresh.access, None, MARGIN)
                    and fresh.access
                ):
                    return fresh.access
                if not fresh.is_being_refreshed(self._clock.now()):
                    raise NotSent("another process tried to renew the token and got none")

    async def renew_idle(self) -> int:
        """Use every refresh token once a week, so that none dies of a shop's holidays; return how many."""
        idle = await self.grants.idle(self._clock.now() - IDLE_FOR)
        for company_id in idle:
            try:
                await self.valid(company_id, ahead=timedelta(days=1))
            except (FortnoxError, SealBrokenError) as error:
                log.warning("token.not_renewed", company_id=company_id, error=repr(error))
        return len(idle)


def read(answer: TokenAnswer, fortnox_company: int, now: datetime) -> AccessToken:
    """Take a token as it came; OtherBooksError when it says that it is for another company.

    Where it says nothing of its end, that is reckoned from the answer.
    """
    claims = claims_of(answer.access_token)
    if claims.tenant_id is not None and claims.tenant_id != fortnox_company:
        raise OtherBooksError(fortnox_company, claims.tenant_id)
    reckoned = (answer.answered_at or now) + timedelta(seconds=answer.expires_in)
    digest = hashlib.sha256(answer.access_token.encode()).hexdigest()
    return AccessToken(
        value=answer.access_token,
        token_id=(claims.token_id or digest)[:_LONGEST_TOKEN_ID],
        expires_at=claims.expires_at or reckoned,
        fortnox_company=fortnox_company,
    )
