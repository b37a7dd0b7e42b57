"""The grants: what a consent gave us, sealed; every change of a rotating pair is a compare-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection.tables import grant as table
from fortnox_sync.fortnox import CompanyInformation
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log
from fortnox_sync.runtime.vault import SealBrokenError, Vault, key_id_of

Kind = Literal["client_credentials", "refresh_token"]
SEALED = ("access_token", "refresh_token")
# A refresh answers within its 30 s deadline; one that has been under way for longer has lost its process.
_REFRESH_TAKES = timedelta(seconds=60)


class NotConnectedError(Exception):
    """The company has no consent to work with."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The right to call Fortnox for one company until `expires_at` on Fortnox's own clock."""

    value: str = field(repr=False)
    token_id: str
    expires_at: datetime
    fortnox_company: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A company's grant as it stands; `refresh_token` is good once, `version` counts its successors."""

    company_id: str
    fortnox_company: int
    kind: Kind
    access: AccessToken | None
    refresh_token: str | None = field(repr=False)
    version: int
    refreshed_at: datetime
    refreshing_since: datetime | None
    lost_at: datetime | None

    def is_being_refreshed(self, now: datetime) -> bool:
        """Tell whether another caller is asking for the next pair right now."""
        return self.refreshing_since is not None and now - self.refreshing_since < _REFRESH_TAKES

    def has_lost_answer(self, now: datetime) -> bool:
        """Tell whether the next pair may have been given to nobody: its answer or its asker was lost."""
        is_abandoned = self.refreshing_since is not None and not self.is_being_refreshed(now)
        return self.lost_at is not None or is_abandoned


@dataclass(frozen=True, slots=True)
class Sealed:
    """A token as it lies in the database."""

    company_id: str
    column: str
    sealed: str = field(repr=False)

    @property
    def key_id(self) -> str:
        """Return the name of the key that sealed it."""
        return key_id_of(self.sealed)


class Grants:
    """Stores grants; tokens leave it only opened for their company and enter it only sealed."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Take where they lie and what they are sealed with."""
        self.database, self._vault = database, vault

    async def find(self, company_id: str) -> Grant:
        """Return a company's grant; NotConnectedError without one."""
        async with self.database.read() as connection:
            query = sa.select(table).where(table.c.company_id == company_id, table.c.revoked_at.is_(None))
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotConnectedError(company_id)
        return Grant(
            company_id=company_id,
            fortnox_company=row.fortnox_company,
            kind=row.kind,
            access=self._access(row),
            refresh_token=self._open(row.refresh_token, "refresh_token", company_id),
            version=row.version,
            refreshed_at=row.refreshed_at,
            refreshing_since=row.refreshing_since,
            lost_at=row.lost_at,
        )

    def _access(self, row: Any) -> AccessToken | None:  # noqa: ANN401 - a row of the table
        value = self._open(row.access_token, "access_token", row.company_id)
        if value is None:
            return None
        return AccessToken(value, row.access_token_id, row.access_token_expires_at, row.fortnox_company)

    def _open(self, sealed: str | None, column: str, company_id: str) -> str | None:
        """Open a token. One that was altered, or moved here from another row, is taken for none.

        So what becomes of it is what becomes of any company without: an access token is fetched or renewed,
        and where there is no refresh token a person is asked to consent again. While a key is missing nothing
        is decided: SealBrokenError, and a process that holds it may go on.
        """
        if sealed is None:
            return None
        try:
            return self._vault.open(sealed, place=place(column, company_id))
        except SealBrokenError:
            if self._vault.lacks_key_of(sealed):
                raise
            log.error("vault.unreadable", company_id=company_id, column=column, key_id=key_id_of(sealed))
            return None

    def _sealed_access(self, company_id: str, token: AccessToken) -> dict[str, Any]:
        return {
            "access_token": self._vault.seal(token.value, place=place("access_token", company_id)),
            "access_token_id": token.token_id,
            "access_token_expires_at": token.expires_at,
        }

    def _sealed_refresh(self, company_id: str, refresh_token: str | None) -> dict[str, Any]:
        where = place("refresh_token", company_id)
        sealed = None if refresh_token is None else self._vault.seal(refresh_token, place=where)
        return {
            "refresh_token": sealed,
            "kind": "client_credentials" if sealed is None else "refresh_token",
            "refreshed_at": self.database.clock.now(),
            "refreshing_since": None,
            "lost_at": None,
        }

    async def keep_consent(
        self,
        connection: AsyncConnection,
        company_id: str,
        whose: CompanyInformation,
        scopes: Sequence[str],
        token: AccessToken,
        refresh_token: str | None,
    ) -> None:
        """Store what a consent gave; without a refresh token the company's own credentials are used."""
        row = {
            "fortnox_company": whose.database_number,
            "fortnox_company_name": whose.name,
            "organisation_number": whose.organisation_number,
            "scopes": list(scopes),
            "consented_at": self.database.clock.now(),
            "revoked_at": None,
            **self._sealed_access(company_id, token),
            **self._sealed_refresh(company_id, refresh_token),
        }
        insert = self.database.upsert(table).values(company_id=company_id, **row)
        newer = {**row, "version": table.c.version + 1}
        await connection.execute(insert.on_conflict_do_update(index_elements=["company_id"], set_=newer))

    async def keep_access(self, company_id: str, token: AccessToken) -> None:
        """Store a token of the company's own credentials, which can be fetched again at any time."""
        await self._write(company_id, None, self._sealed_access(company_id, token))

    async def keep_pair(self, held: Grant, token: AccessToken, refresh_token: str | None) -> bool:
        """Store the next pair before anybody uses it; False when another consent came in between."""
        company_id = held.company_id
        pair = self._sealed_access(company_id, token) | self._sealed_refresh(company_id, refresh_token)
        return await self._write(company_id, held.version, {**pair, "version": held.version + 1})

    async def begin_refresh(self, held: Grant) -> bool:
        """Take the right to present the refresh token; of all who try only one gets it."""
        now = self.database.clock.now()
        free = sa.or_(table.c.refreshing_since.is_(None), table.c.refreshing_since <= now - _REFRESH_TAKES)
        return await self._write(held.company_id, held.version, {"refreshing_since": now}, free)

    async def not_refreshed(self, held: Grant) -> None:
        """Give the right back: nothing reached Fortnox."""
        await self._write(held.company_id, held.version, {"refreshing_since": None})

    async def lost(self, held: Grant) -> None:
        """Remember that the next pair may be lost."""
        lost_at = held.lost_at or self.database.clock.now()
        await self._write(held.company_id, held.version, {"refreshing_since": None, "lost_at": lost_at})

    async def spent(self, held: Grant) -> None:
        """Forget a refresh token that Fortnox no longer takes; only a person can give another."""
        dead = {"refresh_token": None, "refreshing_since": None}
        await self._write(held.company_id, held.version, dead)

    async def idle(self, before: datetime) -> tuple[str, ...]:
        """List companies whose refresh token has not been used for long: it dies after 45 days."""
        query = sa.select(table.c.company_id).where(
            table.c.kind == "refresh_token",
            table.c.revoked_at.is_(None),
            table.c.refresh_token.is_not(None),
            table.c.refreshed_at < before,
        )
        async with self.database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def reseal(self) -> int:
        """Seal every token anew that an older key sealed, while others read and write; return how many.

        Each is replaced only if it is still the one that was opened: a token renewed meanwhile is newer,
        and sealed with today's key already. One that was altered is let go of, or its key could never go.
        """
        async with self.database.read() as connection:
            rows = (await connection.execute(sa.select(table))).all()
        resealed = 0
        for row in rows:
            for column in SEALED:
                old = row._mapping[column]  # noqa: SLF001 - SQLAlchemy's public way to a column by name
                if old is not None and not self._vault.is_current(old):
                    resealed += await self._reseal(row.company_id, column, old)
        return resealed

    async def _reseal(self, company_id: str, column: str, old: str) -> int:
        opened = self._open(old, column, company_id)
        if opened is None:
            await self._replace(company_id, column, old, None)
            return 0
        resealed = self._vault.seal(opened, place=place(column, company_id))
        return await self._replace(company_id, column, old, resealed)

    async def unreadable(self) -> tuple[Sealed, ...]:
        """Try every sealed token, and return those that do not open."""
        return tuple(one for one in await self._sealed() if not self._opens(one))

    async def lost_keys(self) -> dict[str, frozenset[str]]:
        """Return the companies of each key of which not one token opens: it is missing, or another one.

        A single token that does not open was altered, or moved; that is one company's matter.
        """
        sealed = await self._sealed()
        good = {one.key_id for one in sealed if self._opens(one)}
        lost = {one.key_id for one in sealed if one.key_id} - good
        return {key: frozenset(one.company_id for one in sealed if one.key_id == key) for key in sorted(lost)}

    async def forget_sealed_with(self, key_id: str) -> int:
        """Forget the tokens that a key sealed which is lost for good, and return how many.

        An access token of the company's own credentials is fetched anew; a refresh token takes a new consent.
        """
        lost = [one for one in await self.unreadable() if one.key_id == key_id]
        return sum([await self._replace(one.company_id, one.column, one.sealed, None) for one in lost])

    async def _sealed(self) -> tuple[Sealed, ...]:
        columns = [table.c[one] for one in SEALED]
        async with self.database.read() as connection:
            rows = (await connection.execute(sa.select(table.c.company_id, *columns))).all()
        return tuple(
            Sealed(company_id, column, value)
            for company_id, *values in rows
            for column, value in zip(SEALED, values, strict=True)
            if value is not None
        )

    def _opens(self, one: Sealed) -> bool:
        return self._vault.opens(one.sealed, place=place(one.column, one.company_id))

    async def _replace(self, company_id: str, column: str, old: str, new: str | None) -> int:
        """Put a sealed value, or none, in the place of one that is still there; return whether it was."""
        same = sa.and_(table.c.company_id == company_id, table.c[column] == old)
        async with self.database.write() as connection:
            return (await connection.execute(table.update().where(same).values({column: new}))).rowcount

    async def _write(
        self,
        company_id: str,
        version: int | None,
        values: dict[str, Any],
        *which: sa.ColumnElement[bool],
    ) -> bool:
        """Change a grant unless a newer one has taken its place."""
        same = () if version is None else (table.c.version == version,)
        change = table.update().where(
            table.c.company_id == company_id, table.c.revoked_at.is_(None), *same, *which
        )
        async with self.database.write() as connection:
            return (await connection.execute(change.values(values))).rowcount == 1


def place(column: str, company_id: str) -> str:
    """Name the row and column a secret is sealed for."""
    return f"fortnox_grant.{column}:{company_id}"
