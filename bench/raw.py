"""What the intake is compared with: the same checks and the same batching over SQL written by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from fortnox_sync.intake.contents import Contents, read
from fortnox_sync.intake.payload import Transaction
from fortnox_sync.intake.signature import VerifiedDelivery, Verifier
from fortnox_sync.runtime.ids import new_id

MOST_DELIVERIES = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that waits for its commit."""

    delivery_id: str
    delivery: VerifiedDelivery
    contents: Contents
    done: asyncio.Future[bool]


class Store(Protocol):
    """Commits a group and tells which of its deliveries are new."""

    async def __call__(self, group: list[Taken]) -> set[str]:
        """Write the group in one transaction."""
        ...


Opened = Callable[[], AbstractAsyncContextManager[Store]]


def create_app(opened: Opened, verifier: Verifier) -> FastAPI:
    """Make an endpoint that verifies, validates, waits for the commit of its group, and answers."""
    waiting: asyncio.Queue[Taken] = asyncio.Queue()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with opened() as store:
            committing = asyncio.create_task(_commit_groups(waiting, store))
            yield
            committing.cancel()
            with suppress(asyncio.CancelledError):
                await committing

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/webhooks/till")
    async def take(request: Request) -> JSONResponse:
        body = await request.body()
        delivery = verifier.verify(request.headers, body, datetime.now(UTC))
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        taken = Taken(new_id(), delivery, read(body), done)
        waiting.put_nowait(taken)
        is_new = await done
        answer: dict[str, Any] = {
            "status": "stored" if is_new else "seen",
            "delivery_id": taken.delivery_id,
            "problems": [],
        }
        return JSONResponse(answer, HTTPStatus.ACCEPTED)

    return app


async def _commit_groups(waiting: asyncio.Queue[Taken], store: Store) -> None:
    while True:
        group = [await waiting.get()]
        while len(group) < MOST_DELIVERIES and not waiting.empty():
            group.append(waiting.get_nowait())
        new = await store(group)
        for taken in group:
            taken.done.set_result(taken.delivery_id in new)


Row = tuple[Any, ...]
# What new deliveries tell and which of them told it, by company and transaction.
Told = dict[tuple[str, str], tuple[str, Transaction]]
# Spells a date or a moment as the driver wants it.
Spelled = Callable[[date], Any]


def transactions_of(group: list[Taken], new: set[str]) -> Told:
    """Return what the new deliveries of a group tell."""
    return {
        (taken.contents.company_id or "", transaction.transaction_id): (taken.delivery_id, transaction)
        for taken in group
        if taken.delivery_id in new
        for transaction in taken.contents.transactions
    }


def delivery_row(taken: Taken, now: datetime, spelled: Spelled) -> Row:
    """Spell a delivery as its row."""
    told, contents = taken.delivery, taken.contents
    return (
        taken.delivery_id,
        "till",
        told.webhook_id,
        contents.type,
        contents.company_id,
        told.body,
        told.body_hash,
        spelled(told.sent_at),
        spelled(now),
        "stored",
    )


def transaction_row(company_id: str, told_by: str, one: Transaction, spelled: Spelled) -> Row:
    """Spell a transaction as its row."""
    return (
        company_id,
        one.transaction_id,
        one.session_id,
        one.register_id,
        one.receipt_number,
        spelled(one.business_date),
        spelled(one.occurred_at),
        one.kind.value,
        one.text,
        one.content_hash,
        told_by,
    )


def entry_rows(company_id: str, one: Transaction) -> list[Row]:
    """Spell the lines of a transaction as their rows."""
    lines = (
        *(("payment", p.payment_method_id, None, None, p.amount, 0) for p in one.payments),
        *(("sale", s.article_group_id, s.vat_rate, s.cost_center_id, s.gross, s.vat) for s in one.sales),
        *(("event", e.event_id, None, e.cost_center_id, e.amount, 0) for e in one.events),
    )
    key = (company_id, one.session_id, one.transaction_id)
    return [(*key, n, one.register_id, one.kind.value, *line) for n, line in enumerate(lines)]


def session_rows(told: Told, spelled: Spelled) -> list[Row]:
    """Count the changes of each session, in one order everywhere."""
    changes: dict[tuple[str, str], list[Any]] = {}
    for (company_id, _), (_, one) in told.items():
        row = [one.register_id, spelled(one.business_date), 0]
        changes.setdefault((company_id, one.session_id), row)[-1] += 1
    return [(*key, *changes[key]) for key in sorted(changes)]
