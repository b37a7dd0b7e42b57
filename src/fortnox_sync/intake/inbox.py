"""The inbox: deliveries that arrive together are committed together, and answered only after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company, lane
from fortnox_sync.intake import catalog, ledger
from fortnox_sync.intake.contents import Contents, Problem
from fortnox_sync.intake.signature import VerifiedDelivery
from fortnox_sync.intake.tables import delivery as delivery_table
from fortnox_sync.intake.tables import till_session
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.ids import new_id
from fortnox_sync.runtime.telemetry import log

_SOURCE = "till"
_MOST_DELIVERIES = 100
_MOST_BYTES = 4 * 1024 * 1024
_MOST_WAITING = 1000


class Answer(StrEnum):
    """What became of a delivery."""

    STORED = "stored"
    SEEN = "seen"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the till is told after the commit."""

    answer: Answer
    delivery_id: str
    problems: tuple[Problem, ...] = ()


class NotCommittedError(Exception):
    """The database did not confirm the commit: the sender must send again."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    delivery_id: str
    delivery: VerifiedDelivery
    contents: Contents
    done: asyncio.Future[Receipt]


class Inbox:
    """Takes verified deliveries; one commit for all that wait, then the answers."""

    def __init__(self, database: Database, bell: Bell) -> None:
        """Start empty; `run` does the work."""
        self._database = database
        self._bell = bell
        self._arrivals: asyncio.Queue[_Arrival] = asyncio.Queue(_MOST_WAITING)
        self._known: set[catalog.Item] = set()
        self._known_companies: set[str] = set()

    async def take(self, delivery: VerifiedDelivery, contents: Contents) -> Receipt:
        """Return once the delivery is on disk; NotCommittedError when that can't be said."""
        arrival = _Arrival(new_id(), delivery, contents, asyncio.get_running_loop().create_future())
        try:
            self._arrivals.put_nowait(arrival)
        except asyncio.QueueFull:
            raise NotCommittedError("too many deliveries wait") from None
        return await arrival.done

    async def run(self) -> None:
        """Commit group after group until cancelled; what waits then is told to come again."""
        try:
            while True:
                await self._commit(await self._gather())
        finally:
            while not self._arrivals.empty():
                _refuse(self._arrivals.get_nowait(), NotCommittedError("the service stops"))

    async def _gather(self) -> list[_Arrival]:
        """Take everything that waits, up to what one commit should hold; never wait for more to come."""
        group = [await self._arrivals.get()]
        size = len(group[0].delivery.body)
        while len(group) < _MOST_DELIVERIES and size < _MOST_BYTES and not self._arrivals.empty():
            group.append(self._arrivals.get_nowait())
            size += len(group[-1].delivery.body)
        return group

    async def _commit(self, group: list[_Arrival]) -> None:
        try:
            await self._store(group)
        except (DataError, IntegrityError, StatementError) as error:
            await self._commit_apart(group, error)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _refuse_all(group, error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours on one group must not shut the door
            log.exception("intake.mistake", deliveries=len(group))
            _refuse_all(group, error)
        except asyncio.CancelledError as error:
            _refuse_all(group, error)
            raise

    async def _commit_apart(self, group: list[_Arrival], error: Exception) -> None:
        """Store each by itself when one of them spoils the group; the spoiler is kept as unreadable."""
        if len(group) > 1:
            for arrival in group:
                await self._commit([arrival])
            return
        if group[0].contents.problems and not group[0].contents.transactions:
            _refuse(group[0], NotCommittedError(type(error).__name__))
            return
        problem = Problem("delivery_unreadable", "", f"It can't be stored: {type(error).__name__}.")
        kept = Contents(group[0].contents.type, None, problems=(problem,))
        alone = _Arrival(group[0].delivery_id, group[0].delivery, kept, group[0].done)
        await self._commit([alone])

    async def _store(self, group: list[_Arrival]) -> None:
        async with self._database.write() as connection:
            receipts, new = await _keep(self._database, connection, group)
            work = await self._apply(connection, new)
        self._remember(new)
        for arrival in group:
            if not arrival.done.done():
                arrival.done.set_result(receipts[arrival.delivery_id])
        if work:
            await self._bell.ring()

    async def _apply(self, connection: AsyncConnection, new: Sequence[_Arrival]) -> bool:
        """Add what the new deliveries told to the ledger; tell whether a day can now be planned."""
        told = [a for a in new if a.contents.company_id is not None]
        companies = {a.contents.company_id or "" for a in told}
        await company.add(self._database, connection, companies - self._known_companies)
        for arrival in told:
            if arrival.contents.catalog is not None and arrival.contents.told_at is not None:
                await catalog.announce(
                    self._database, connection, arrival.contents.catalog, arrival.contents.told_at
                )
        await catalog.add_seen(self._database, connection, _items(told) - self._known)
        recorded = await ledger.record(self._database, connection, _transactions(told), _closes(told))
        await _mark_conflicting(connection, recorded.conflicting)
        return await _wake(self._database, connection, {key[0] for key in recorded.sessions})

    def _remember(self, new: Sequence[_Arrival]) -> None:
        """Remember what is surely on disk now, so that the next group need not write it again."""
        told = [a for a in new if a.contents.company_id is not None]
        self._known_companies.update(a.contents.company_id or "" for a in told)
        self._known.update(_items(told))


def _refuse_all(group: Sequence[_Arrival], error: BaseException) -> None:
    log.error("intake.not_committed", deliveries=len(group), reason=type(error).__name__)
    for arrival in group:
        _refuse(arrival, NotCommittedError(type(error).__name__))


def _refuse(arrival: _Arrival, error: NotCommittedError) -> None:
    if not arrival.done.done():
        arrival.done.set_exception(error)


def _items(told: Sequence[_Arrival]) -> set[catalog.Item]:
    return {
        item for a in told for item in catalog.named_by(a.contents.company_id or "", a.contents.transactions)
    }


def _transactions(told: Sequence[_Arrival]) -> list[ledger.Told]:
    return [
        ledger.Told(a.contents.company_id or "", a.delivery_id, transaction)
        for a in told
        for transaction in a.contents.transactions
    ]


def _closes(told: Sequence[_Arrival]) -> list[ledger.Told]:
    return [
        ledger.Told(a.contents.company_id or "", a.delivery_id, a.contents.day_close)
        for a in told
        if a.contents.day_close is not None
    ]


async def _keep(
    database: Database, connection: AsyncConnection, group: Sequence[_Arrival]
) -> tuple[dict[str, Receipt], list[_Arrival]]:
    """Insert the raw deliveries; return every receipt and the arrivals that are new."""
    insert = database.insert_ignore(delivery_table).returning(delivery_table.c.delivery_id)
    rows = [_row(database, arrival) for arrival in group]
    stored = set((await connection.execute(insert, rows)).scalars())
    receipts = {
        a.delivery_id: Receipt(Answer.STORED, a.delivery_id, a.contents.problems)
        for a in group
        if a.delivery_id in stored
    }
    for arrival in group:
        if arrival.delivery_id not in stored:
            receipts[arrival.delivery_id] = await _keep_again(database, connection, arrival)
    return receipts, [a for a in group if a.delivery_id in stored]


async def _keep_again(database: Database, connection: AsyncConnection, arrival: _Arrival) -> Receipt:
    """Answer an id that is there already: the same body was seen, another one is kept beside the first."""
    query = sa.select(delivery_table.c.delivery_id, delivery_table.c.body_hash).where(
        delivery_table.c.source == _SOURCE,
        delivery_table.c.webhook_id == arrival.delivery.webhook_id,
        delivery_table.c.variant_of.is_(None),
    )
    first_id, first_hash = (await connection.execute(query)).one()
    if first_hash == arrival.delivery.body_hash:
        return Receipt(Answer.SEEN, first_id)
    row = _row(database, arrival) | {"status": "variant", "variant_of": first_id}
    await connection.execute(database.insert_ignore(delivery_table), [row])
    log.warning("intake.variant", delivery_id=first_id)
    return Receipt(Answer.VARIANT, first_id)


def _row(database: Database, arrival: _Arrival) -> dict[str, object]:
    contents = arrival.contents
    return {
        "delivery_id": arrival.delivery_id,
        "source": _SOURCE,
        "webhook_id": arrival.delivery.webhook_id,
        "type": contents.type,
        "company_id": contents.company_id,
        "body": arrival.delivery.body,
        "body_hash": arrival.delivery.body_hash,
        "sent_at": arrival.delivery.sent_at,
        "received_at": database.clock.now(),
        "status": _status(contents),
        "problems": [asdict(problem) for problem in contents.problems] or None,
        "variant_of": None,
    }


def _status(contents: Contents) -> str:
    if contents.problems:
        return "unreadable"
    return "stored" if contents.is_known else "unknown_type"


async def _mark_conflicting(connection: AsyncConnection, conflicting: dict[str, list[str]]) -> None:
    for delivery_id, what in conflicting.items():
        problems = [{"code": "conflicting", "at": one, "message": "It was told otherwise."} for one in what]
        mark = delivery_table.update().where(delivery_table.c.delivery_id == delivery_id)
        await connection.execute(mark.values(status="conflicting", problems=problems))
        log.warning("intake.conflicting", delivery_id=delivery_id, facts=len(what))


async def _wake(database: Database, connection: AsyncConnection, companies: set[str]) -> bool:
    """Make the lanes due of companies that have closed sessions to plan."""
    if not companies:
        return False
    query = (
        sa.select(till_session.c.company_id)
        .where(
            till_session.c.company_id.in_(companies),
            till_session.c.planned_changes < till_session.c.changes,
            till_session.c.closed_at.is_not(None),
        )
        .distinct()
    )
    due = list((await connection.execute(query)).scalars())
    for company_id in sorted(due):
        await lane.wake(database, connection, company_id)
    return bool(due)
