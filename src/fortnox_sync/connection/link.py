"""The link: a client for one company's books, with a token that lives and a rate that is kept."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from fortnox_sync.connection.lane import TurnsTaken
from fortnox_sync.connection.tokens import MARGIN, AccessToken, Tokens
from fortnox_sync.fortnox import FortnoxClient, Host, Throttle, Transports, Turns, Unauthorised
from fortnox_sync.runtime.ids import new_id
from fortnox_sync.runtime.telemetry import FORTNOX_CALLS, FORTNOX_SECONDS, log

T = TypeVar("T")

# Fortnox allows 25 requests in 5 s (Fortnox docs, rate limits); two are left to chance.
WHOLE_RATE = 23
PEOPLES_SHARE = 4


@dataclass(frozen=True, slots=True)
class Books:
    """One company's books in Fortnox and the token they are opened with."""

    client: FortnoxClient
    token: AccessToken


class Link:
    """Opens the books of any company that consented."""

    def __init__(
        self,
        api_url: str,
        transports: Transports,
        tokens: Tokens,
        *,
        deadline: float,
        new_turns: Callable[[str], Turns],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Give every company turns of its own, for that is how Fortnox counts; its host they share."""
        self._host = Host(clock=clock, on_rest=note_rest)
        self.tokens = tokens
        self._api_url, self._transports, self._deadline = api_url, transports, deadline
        self._new_turns = new_turns
        self._name = new_id()
        self._turns: dict[str, Turns] = {}

    async def open(
        self,
        company_id: str,
        *,
        interactive: bool = False,
        other_than: str | None = None,
        ahead: timedelta = MARGIN,
    ) -> Books:
        """Open a company's books; NotConnectedError or GrantRefused when that is not allowed."""
        token = await self.tokens.valid(company_id, other_than=other_than, ahead=ahead)
        return Books(self.client(company_id, token, interactive=interactive), token)

    async def ask(self, company_id: str, work: Callable[[FortnoxClient], Awaitable[T]]) -> T:
        """Do some work for a person who waits; a token that Fortnox refuses is renewed once.

        Raises as `open` does, and whatever the work raises.
        """
        books = await self.open(company_id, interactive=True)
        try:
            return await work(books.client)
        except Unauthorised:
            books = await self.open(company_id, interactive=True, other_than=books.token.token_id)
            return await work(books.client)

    def turns(self, company_id: str) -> Turns:
        """Return the turns that this process may take for a company."""
        if company_id not in self._turns:
            self._turns[company_id] = self._new_turns(company_id)
        return self._turns[company_id]

    def take_over(self, company_id: str, taken: TurnsTaken | None, now: datetime) -> None:
        """Count the turns another process took just before: Fortnox does not tell us apart."""
        turns = self.turns(company_id)
        if taken is not None and taken.by != self._name and isinstance(turns, Throttle):
            turns.resume((now - moment).total_seconds() for moment in taken.at)

    def hand_over(self, company_id: str, now: datetime) -> TurnsTaken | None:
        """Tell the turns just taken to whoever serves the company next."""
        turns = self.turns(company_id)
        if not isinstance(turns, Throttle):
            return None
        return TurnsTaken(self._name, tuple(now - timedelta(seconds=age) for age in turns.recent()))

    def client(self, company_id: str, token: AccessToken, *, interactive: bool = False) -> FortnoxClient:
        """Make a client around a token."""
        return FortnoxClient(
            self._api_url,
            token.value,
            self._transports,
            self.turns(company_id),
            interactive=interactive,
            deadline=self._deadline,
            on_call=note_call,
            host=self._host,
        )


def note_rest(seconds: float) -> None:
    """Log that Fortnox's host is left alone for a while."""
    log.warning("fortnox.unreachable", rests_s=seconds)


def note_call(method: str, path: str, status: int | None, seconds: float, request_id: str | None) -> None:
    """Count a call to Fortnox and log it without its body, query or token."""
    FORTNOX_CALLS.labels(method, path, str(status or "none")).inc()
    FORTNOX_SECONDS.labels(method).observe(seconds)
    log.debug(
        "fortnox.called", method=method, path=path, status=status, seconds=round(seconds, 3), uid=request_id
    )
