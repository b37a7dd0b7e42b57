"""Idempotency keys: a call that starts something is answered as before when it comes a second time.

As the IETF's draft on the Idempotency-Key header has it: the same key with another request is a mistake.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.runtime import batches
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database, Json, UtcDateTime, metadata
from fortnox_sync.web.problems import Problem

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("caller", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_idempotency_key_created_at", "created_at"),
)

# A person clicks again within minutes, a program retries within hours.
_KEPT = timedelta(hours=48)
_UNANSWERED = 0

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of your own; the same again within 48 hours gives the first answer once more.",
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered with, now or once more."""

    status: int
    body: Any

    @classmethod
    def of(cls, status: HTTPStatus, body: BaseModel) -> Answer:
        """Spell a body as JSON."""
        return cls(int(status), body.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A call that may come again: whose it is, its key, and a digest of what it asks for."""

    company_id: str
    caller: str
    key: str
    hash: str

    @classmethod
    def of(cls, company_id: str, caller: str, key: str | None, *asked: object) -> Repeatable | None:
        """Digest what a call asks for, its name and its arguments; None for one without a key."""
        if key is None:
            return None
        said = json.dumps(asked, sort_keys=True, default=str)
        return cls(company_id, caller, key, hashlib.sha256(said.encode()).hexdigest())

    def _is_mine(self) -> sa.ColumnElement[bool]:
        table = idempotency_key.c
        return sa.and_(
            table.company_id == self.company_id, table.caller == self.caller, table.key == self.key
        )

    async def answered(self, database: Database, connection: AsyncConnection) -> Answer | None:
        """Return the first answer, or take the key and return None: then do the work and `keep` its answer.

        The key is taken by an insert, so that of two calls at once the second waits for the first one's
        commit and finds its answer. Raises a problem for a key that another request was made with.
        """
        await self._forget_old(database, connection)
        now = database.clock.now()
        row = {
            "company_id": self.company_id,
            "caller": self.caller,
            "key": self.key,
            "request_hash": self.hash,
            "status": _UNANSWERED,
            "body": {},
            "created_at": now,
        }
        taken = await connection.execute(database.insert_ignore(idempotency_key).values(row))
        if taken.rowcount == 1:
            return None
        query = sa.select(idempotency_key).where(self._is_mine())
        first = (await connection.execute(query)).one()
        if first.request_hash != self.hash:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "Another request was made with this Idempotency-Key.",
                "Use a new key for every new request, and the old one only to send the same again.",
            )
        return Answer(first.status, first.body)

    async def keep(self, connection: AsyncConnection, answer: Answer) -> None:
        """Keep the answer in the transaction of the deed: both are there, or neither."""
        kept = {"status": answer.status, "body": answer.body}
        await connection.execute(idempotency_key.update().where(self._is_mine()).values(kept))

    async def _forget_old(self, database: Database, connection: AsyncConnection) -> None:
        """Let go of this caller's own old keys: that is enough to bound them, and locks nobody else's."""
        await connection.execute(
            idempotency_key.delete().where(
                idempotency_key.c.company_id == self.company_id,
                idempotency_key.c.caller == self.caller,
                idempotency_key.c.created_at < database.clock.now() - _KEPT,
            )
        )


async def prune(database: Database) -> int:
    """Let go of old keys of callers who never came back for `answered` to do it; return how many."""
    due = idempotency_key.c.created_at < database.clock.now() - _KEPT
    return await batches.delete(database, idempotency_key, due)


async def once(
    database: Database,
    bell: Bell,
    call: Repeatable | None,
    deed: Callable[[AsyncConnection], Awaitable[Answer]],
) -> JSONResponse:
    """Do a deed and ring the bell, or answer as the first time; a problem leaves the key free."""
    async with database.write() as connection:
        before = await call.answered(database, connection) if call else None
        if before is not None:
            return JSONResponse(before.body, before.status, {"Idempotent-Replayed": "true"})
        answer = await deed(connection)
        if call is not None:
            await call.keep(connection, answer)
    await bell.ring()
    return JSONResponse(answer.body, answer.status)
