"""Consent: a person says yes in Fortnox, for the right company, and comes back to where they were."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company as companies
from fortnox_sync.connection import lane
from fortnox_sync.connection.company import Status
from fortnox_sync.connection.link import Link
from fortnox_sync.connection.tables import consent, grant
from fortnox_sync.connection.tokens import AccessToken, OtherBooksError, Tokens, read
from fortnox_sync.fault.facts import WrongCompanyFacts
from fortnox_sync.fault.model import WrongCompany
from fortnox_sync.fault.parts import Company
from fortnox_sync.fault.repository import Faults
from fortnox_sync.fortnox import (
    CompanyInformation,
    FortnoxError,
    GrantRefused,
    OAuthClient,
    TokenAnswer,
    authorize_url,
    claims_of,
)
from fortnox_sync.runtime import audit
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log

_STATE_LIVES = timedelta(minutes=10)


class Outcome(StrEnum):
    """How a person came back from Fortnox."""

    CONNECTED = "connected"
    DENIED = "denied"
    WRONG_COMPANY = "wrong_company"
    LICENSE_MISSING = "license_missing"
    NOT_ADMINISTRATOR = "not_administrator"
    SCOPE_NOT_ALLOWED = "scope_not_allowed"
    FAILED = "failed"


_OUTCOMES = {
    "access_denied": Outcome.DENIED,
    "invalid_scope": Outcome.SCOPE_NOT_ALLOWED,
    "error_missing_license": Outcome.LICENSE_MISSING,
    "error_missing_app_license": Outcome.LICENSE_MISSING,
    "error_missing_system_admin_right": Outcome.NOT_ADMINISTRATOR,
}


class UnknownStateError(Exception):
    """Nobody here started this consent, or it was finished or given up long ago."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What Fortnox's redirect carried."""

    state: str
    code: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class _Started:
    company_id: str
    starter: str
    return_url: str


class Consents:
    """Starts consents and finishes them."""

    def __init__(
        self,
        database: Database,
        oauth: OAuthClient,
        tokens: Tokens,
        link: Link,
        *,
        auth_url: str,
        client_id: str,
        redirect_uri: str,
        scopes: tuple[str, ...],
    ) -> None:
        """Take what a consent needs."""
        self._database, self._oauth = database, oauth
        self._tokens, self._link = tokens, link
        self._auth_url, self._client_id = auth_url, client_id
        self._redirect_uri, self._scopes = redirect_uri, scopes

    async def start(self, company_id: str, starter: str, return_url: str) -> str:
        """Return the address of Fortnox's consent page; its state is good once, for ten minutes."""
        state = secrets.token_urlsafe(32)
        now = self._database.clock.now()
        row = {
            "state_hash": _hash(state),
            "company_id": company_id,
            "starter": starter,
            "return_url": return_url,
            "created_at": now,
            "expires_at": now + _STATE_LIVES,
        }
        async with self._database.write() as connection:
            await companies.add(self._database, connection, [company_id])
            await connection.execute(consent.insert(), [row])
            standing = await companies.find(connection, company_id, lock=True)
            if standing is not None and standing.status is Status.INACTIVE:
                await companies.change(
                    self._database, connection, company_id, status=Status.AUTHORIZING.value
                )
            await audit.record(self._database, connection, company_id, starter, "consent.started")
        return authorize_url(self._auth_url, self._client_id, self._redirect_uri, self._scopes, state)

    async def finish(self, returned: Returned) -> str:
        """Take the person's answer and return where to send the browser; UnknownStateError for strangers."""
        started = await self._use(returned.state)
        outcome = await self._outcome(started, returned)
        log.info("consent.finished", company_id=started.company_id, outcome=outcome.value)
        return _with_outcome(started.return_url, outcome)

    async def _use(self, state: str) -> _Started:
        """Mark the state as used; only the first one to do so goes on."""
        now = self._database.clock.now()
        unused = sa.and_(
            consent.c.state_hash == _hash(state), consent.c.used_at.is_(None), consent.c.expires_at > now
        )
        async with self._database.write() as connection:
            row = (await connection.execute(sa.select(consent).where(unused))).one_or_none()
            used = await connection.execute(consent.update().where(unused).values(used_at=now))
            if row is None or used.rowcount != 1:
                raise UnknownStateError
        return _Started(row.company_id, row.starter, row.return_url)

    async def _outcome(self, started: _Started, returned: Returned) -> Outcome:
        if returned.code is None:
            return await self._give_up(started, _OUTCOMES.get(returned.error or "", Outcome.FAILED))
        try:
            answer = await self._oauth.exchange_code(returned.code, self._redirect_uri)
            return await self._connect(started, answer)
        except GrantRefused as refusal:
            return await self._give_up(started, _OUTCOMES.get(refusal.error, Outcome.FAILED))
        except (FortnoxError, OtherBooksError) as error:
            log.warning("consent.failed", company_id=started.company_id, reason=type(error).__name__)
            return await self._give_up(started, Outcome.FAILED)

    async def _give_up(
        self, started: _Started, outcome: Outcome, fault: WrongCompany | None = None
    ) -> Outcome:
        """Go back to where the company was; an earlier consent stays as it is."""
        async with self._database.write() as connection:
            standing = await companies.find(connection, started.company_id, lock=True)
            if standing is not None and standing.status is Status.AUTHORIZING:
                await companies.change(
                    self._database, connection, started.company_id, status=Status.INACTIVE.value
                )
            await audit.record(
                self._database, connection, started.company_id, started.starter, "consent.failed",
                outcome=outcome.value,
            )  # fmt: skip
            if fault is not None:
                await Faults(self._database, connection, started.company_id).open(fault)
                # An earlier consent may stand: a visit to our own books closes the fault again.
                await lane.wake(self._database, connection, started.company_id)
        return outcome

    async def _connect(self, started: _Started, answer: TokenAnswer) -> Outcome:
        now = self._database.clock.now()
        token = read(answer, claims_of(answer.access_token).tenant_id or 0, now)
        whose = await self._link.client(started.company_id, token, interactive=True).company_information()
        async with self._database.read() as connection:
            stranger = await self._stranger(connection, started.company_id, whose)
        if stranger is None:
            own = await self._own_token(whose, answer)
            stranger = await self._keep(started, whose, answer, own)
        if stranger is not None:
            return await self._give_up(started, Outcome.WRONG_COMPANY, stranger)
        return Outcome.CONNECTED

    async def _stranger(
        self, connection: AsyncConnection, company_id: str, whose: CompanyInformation
    ) -> WrongCompany | None:
        """Compare with the till's organisation number and with the books used so far: never switch books."""
        standing = await companies.find(connection, company_id)
        query = sa.select(grant).where(grant.c.company_id == company_id)
        books = (await connection.execute(query)).one_or_none()
        ours = standing.organisation_number if standing else None
        same_number = not _digits(ours) or _digits(ours) == _digits(whose.organisation_number)
        if same_number and (books is None or books.fortnox_company == whose.database_number):
            return None
        expected = Company(
            name=(books.fortnox_company_name if books else standing.name if standing else "") or "",
            organisation_number=(books.organisation_number if books else ours) or "",
            tenant_id=books.fortnox_company if books else None,
        )
        found = Company(
            name=whose.name,
            organisation_number=whose.organisation_number,
            tenant_id=whose.database_number,
        )
        return WrongCompany(facts=WrongCompanyFacts(expected=expected, found=found))

    async def _own_token(self, whose: CompanyInformation, answer: TokenAnswer) -> AccessToken | None:
        """Try the way that needs no person any more; the refresh token is the second way."""
        try:
            fresh = await self._oauth.client_credentials(whose.database_number)
        except GrantRefused:
            if answer.refresh_token is None:
                raise
            return None
        return read(fresh, whose.database_number, self._database.clock.now())

    async def _keep(
        self,
        started: _Started,
        whose: CompanyInformation,
        answer: TokenAnswer,
        own: AccessToken | None,
    ) -> WrongCompany | None:
        """Store the grant and move the company on, in one transaction; look again whose books it is for."""
        token = own or read(answer, whose.database_number, self._database.clock.now())
        refresh_token = answer.refresh_token if own is None else None
        company_id = started.company_id
        async with self._database.write() as connection:
            standing = await companies.find(connection, started.company_id, lock=True)
            stranger = await self._stranger(connection, company_id, whose)
            if stranger is not None:  # another consent was finished in the meantime
                return stranger
            await self._tokens.grants.keep_consent(
                connection, company_id, whose, answer.scopes, token, refresh_token
            )
            if standing is not None and standing.status in {Status.AUTHORIZING, Status.INACTIVE}:
                await companies.change(
                    self._database, connection, started.company_id, status=Status.SETTING_UP.value
                )
            faults = Faults(self._database, connection, company_id)
            for code in ("wrong_company", "authorization_expired", "license_missing"):
                await faults.close(code)
            await lane.look_again(self._database, connection, company_id)
            await audit.record(
                self._database, connection, started.company_id, started.starter, "consent.given",
                fortnox_company=whose.database_number,
            )  # fmt: skip
        return None


def may_return_to(url: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether a browser may be sent there: same scheme, host and port, below an allowed path."""
    if not url.isprintable() or " " in url:  # urlsplit drops some of these, and browsers drop others
        return False
    try:
        there = urlsplit(url)
        return any(_is_below(there, urlsplit(one)) for one in allowed)
    except ValueError:
        return False


def _is_below(there: Any, root: Any) -> bool:  # noqa: ANN401 - SplitResult is the same for both
    same_origin = (there.scheme, there.netloc) == (root.scheme, root.netloc)
    folder = root.path.rstrip("/")
    climbs = "\\" in there.path or ".." in unquote(there.path).split("/")
    return same_origin and not climbs and (there.path + "/").startswith(folder + "/")


def _with_outcome(return_url: str, outcome: Outcome) -> str:
    parts = urlsplit(return_url)
    query = "&".join(filter(None, (parts.query, urlencode({"fortnox": outcome.value}))))
    return urlunsplit(parts._replace(query=query))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _digits(number: str | None) -> str:
    """Compare organisation numbers by their ten digits: some are written with a century or a dash."""
    return "".join(c for c in number or "" if c.isascii() and c.isdigit())[-10:]
