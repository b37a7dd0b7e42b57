"""A valid access token for a company: kept sealed, fetched once however many ask at the same time."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from fortnox_sync.connection.tables import grant
from fortnox_sync.fortnox import OAuthClient, TokenAnswer, claims_of
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.vault import Vault

# An attempt needs a token that outlives its whole deadline (60 s) with as much to spare.
MARGIN = timedelta(seconds=120)
_LONGEST_TOKEN_ID = 64


class NotConnectedError(Exception):
    """The company has no consent to work with."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The right to call Fortnox for one company until `expires_at` on Fortnox's own clock."""

    value: str = field(repr=False)
    token_id: str
    expires_at: datetime
    fortnox_company: int


class Tokens:
    """Hands out access tokens; client credentials, so a lost answer costs nothing."""

    def __init__(self, database: Database, vault: Vault, oauth: OAuthClient) -> None:
        """Share one instance in a process: its locks make fifty callers ask once."""
        self._database, self._vault, self._oauth = database, vault, oauth
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def valid(self, company_id: str, *, other_than: str | None = None) -> AccessToken:
        """Return a token with time left, and not the one Fortnox has just refused.

        Raises NotConnectedError without a consent, GrantRefused when Fortnox no longer honours it.
        """
        async with self._asking[company_id]:
            row = await self._grant(company_id)
            kept = self._kept(company_id, row)
            if kept is not None and kept.token_id != other_than:
                return kept
            answer = await self._oauth.client_credentials(row.fortnox_company)
            token = read(answer, row.fortnox_company, self._database.clock.now())
            await self.keep(company_id, token)
            return token

    async def keep(self, company_id: str, token: AccessToken) -> None:
        """Seal a token into the company's grant."""
        sealed = self._vault.seal(token.value, place=place("access_token", company_id))
        async with self._database.write() as connection:
            await connection.execute(
                grant.update()
                .where(grant.c.company_id == company_id)
                .values(
                    access_token=sealed,
                    access_token_id=token.token_id,
                    access_token_expires_at=token.expires_at,
                )
            )

    async def _grant(self, company_id: str) -> Any:  # noqa: ANN401 - a row of the table
        async with self._database.read() as connection:
            query = sa.select(grant).where(grant.c.company_id == company_id, grant.c.revoked_at.is_(None))
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotConnectedError(company_id)
        return row

    def _kept(self, company_id: str, row: Any) -> AccessToken | None:  # noqa: ANN401 - as above
        if row.access_token is None or row.access_token_expires_at - MARGIN <= self._database.clock.now():
            return None
        value = self._vault.open(row.access_token, place=place("access_token", company_id))
        return AccessToken(value, row.access_token_id, row.access_token_expires_at, row.fortnox_company)


def place(column: str, company_id: str) -> str:
    """Name the row and column a secret is sealed for."""
    return f"fortnox_grant.{column}:{company_id}"


def read(answer: TokenAnswer, fortnox_company: int, now: datetime) -> AccessToken:
    """Take a token as it came; where it says nothing of its end, reckon from its answer."""
    claims = claims_of(answer.access_token)
    reckoned = (answer.answered_at or now) + timedelta(seconds=answer.expires_in)
    digest = hashlib.sha256(answer.access_token.encode()).hexdigest()
    return AccessToken(
        value=answer.access_token,
        token_id=(claims.token_id or digest)[:_LONGEST_TOKEN_ID],
        expires_at=claims.expires_at or reckoned,
        fortnox_company=fortnox_company,
    )
