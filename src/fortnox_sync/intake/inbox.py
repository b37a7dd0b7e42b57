"""The inbox: deliveries that arrive together are committed together, and answered only after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.connection import company, lane
from fortnox_sync.fault.repository import Faults
from fortnox_sync.intake import catalog, conflicts, ledger
from fortnox_sync.intake.conflicts import Telling
from fortnox_sync.intake.contents import Contents, Problem
from fortnox_sync.intake.signature import VerifiedDelivery
from fortnox_sync.intake.tables import delivery as delivery_table
from fortnox_sync.intake.tables import till_session
from fortnox_sync.intake.unreadable import faults_of
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.ids import new_id
from fortnox_sync.runtime.telemetry import log

_SOURCE = "till"
_MOST_DELIVERIES = 100
_MOST_BYTES = 4 * 1024 * 1024
_MOST_WAITING = 1000
# SQLSTATE classes (PostgreSQL manual, appendix A): the values can't be stored; two transactions met.
_OF_THE_DATA = ("22", "23")
_OF_THE_MEETING = ("40",)

_session = till_session.c
_WITH_WORK = sa.select(_session.company_id).where(
    _session.company_id.in_(sa.bindparam("companies", expanding=True)),
    _session.planned_changes < _session.changes,
    sa.or_(_session.closed_at.is_not(None), _session.export_id.is_not(None)),
)


_NEWS = sa.union_all(
    _WITH_WORK.add_columns(sa.literal("work").label("news")),
    conflicts.DISPUTED.add_columns(sa.literal("disputed")),
)


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
                group = await self._gather()
                try:
                    # Even to say what failed can fail, as where the log lies on a disk that is full.
                    with suppress(Exception):
                        await self._commit(group)
                finally:
                    _refuse_all(group, "the service stops")
        finally:
            while not self._arrivals.empty():
                _refuse_all([self._arrivals.get_nowait()], "the service stops")

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
            if await self._store(group):
                await self._bell.ring()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not shut the door
            await self._after_failure([a for a in group if not a.done.done()], error)

    async def _after_failure(self, waiting: list[_Arrival], error: Exception) -> None:
        """Try each by itself when one may have spoilt it for all; keep the spoiler as unreadable."""
        if len(waiting) > 1 and _may_pass_apart(error):
            for arrival in waiting:
                await self._commit([arrival])
        elif waiting and _is_of_the_data(error) and waiting[0].contents.company_id is not None:
            await self._commit([_unreadable(waiting[0], error)])
        else:
            # A database's error repeats values of the till's; a mistake of ours needs its traceback.
            trace = None if isinstance(error, SQLAlchemyError) else error
            log.error(
                "intake.not_committed", deliveries=len(waiting), reason=type(error).__name__, exc_info=trace
            )
            _refuse_all(waiting, type(error).__name__)

    async def _store(self, group: list[_Arrival]) -> bool:
        """Commit a group and answer it; tell whether a day can now be planned."""
        async with self._database.write() as connection:
            receipts, new, variants = await _keep(self._database, connection, group)
            told = sorted(_of_a_company(new), key=_company_id)
            unseen = _items(told) - self._known
            work = await self._apply(connection, told, unseen)
            await self._compare(connection, _of_a_company(variants))
        # Surely on disk only now: the next group need not write it again.
        self._known |= unseen
        self._known_companies.update(map(_company_id, told))
        for arrival in group:
            if not arrival.done.done():
                arrival.done.set_result(receipts[arrival.delivery_id])
        return work

    async def _apply(
        self, connection: AsyncConnection, told: Sequence[_Arrival], unseen: set[catalog.Item]
    ) -> bool:
        """Add what new deliveries told to the ledger; tell whether a day can now be planned."""
        companies = set(map(_company_id, told))
        await company.add(self._database, connection, companies - self._known_companies)
        for arrival in told:
            if arrival.contents.catalog is not None and arrival.contents.told_at is not None:
                await catalog.announce(
                    self._database, connection, arrival.contents.catalog, arrival.contents.told_at
                )
        await catalog.add_seen(self._database, connection, unseen)
        await _tell_unreadable(self._database, connection, told)
        recorded = await ledger.record(self._database, connection, _transactions(told), _closes(told))
        tellings = [_telling(a, recorded.conflicting.get(a.delivery_id, ())) for a in told]
        await _mark_conflicting(self._database, connection, told, tellings)
        with_work, disputed = await _news(connection, companies)
        for company_id in disputed:
            await conflicts.settle(self._database, connection, company_id, tellings)
        return await _wake(self._database, connection, with_work & {key[0] for key in recorded.sessions})

    async def _compare(self, connection: AsyncConnection, variants: Sequence[_Arrival]) -> None:
        """Show what another body under a known id tells otherwise than it stands, not how it is spelled."""
        for arrival in variants:
            differing = await ledger.differing(connection, [*_transactions([arrival]), *_closes([arrival])])
            if differing or arrival.contents.problems:
                await company.add(self._database, connection, {_company_id(arrival)})
                await conflicts.show(self._database, connection, _telling(arrival, differing))


def _refuse_all(group: Sequence[_Arrival], reason: str) -> None:
    """Tell whoever still waits that nothing is certain."""
    for arrival in group:
        if not arrival.done.done():
            arrival.done.set_exception(NotCommittedError(reason))


def _sqlstate_class(error: Exception) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")[:2]


def _is_of_the_data(error: Exception) -> bool:
    """Tell whether it failed for what was to be stored, not for the state of the database."""
    plain = isinstance(error, ValueError | OverflowError)  # what sqlite3 raises as it is
    return plain or isinstance(error, IntegrityError) or _sqlstate_class(error) in _OF_THE_DATA


def _may_pass_apart(error: Exception) -> bool:
    """Tell whether deliveries may fare better one by one: not while the database is away."""
    is_away = isinstance(error, SQLAlchemyError | OSError)
    return not is_away or _is_of_the_data(error) or _sqlstate_class(error) in _OF_THE_MEETING


def _unreadable(arrival: _Arrival, error: Exception) -> _Arrival:
    problem = Problem("delivery_unreadable", "", f"It can't be stored: {type(error).__name__}.")
    kept = Contents(arrival.contents.type, None, problems=(problem,))
    return replace(arrival, contents=kept)


def _of_a_company(arrivals: Sequence[_Arrival]) -> list[_Arrival]:
    return [a for a in arrivals if a.contents.company_id is not None]


def _items(told: Sequence[_Arrival]) -> set[catalog.Item]:
    """Collect what deliveries, sorted by company, name."""
    return {
        item
        for company_id, arrivals in groupby(told, key=_company_id)
        for item in catalog.named_by(company_id, [t for a in arrivals for t in a.contents.transactions])
    }


def _company_id(arrival: _Arrival) -> str:
    return arrival.contents.company_id or ""


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


def _telling(arrival: _Arrival, differing: Sequence[conflicts.Fact]) -> Telling:
    contents = arrival.contents
    closes = (contents.day_close,) if contents.day_close is not None else ()
    return Telling(
        _company_id(arrival),
        arrival.delivery_id,
        contents.told_at,
        (*contents.transactions, *closes),
        tuple(differing),
    )


async def _keep(
    database: Database, connection: AsyncConnection, group: Sequence[_Arrival]
) -> tuple[dict[str, Receipt], list[_Arrival], list[_Arrival]]:
    """Insert the raw deliveries; return every receipt, and which arrivals and variants are new."""
    rows = sorted((_row(database, a) for a in group), key=lambda row: str(row["webhook_id"]))
    added = await database.add_new(connection, delivery_table, rows)
    ids = {arrival.delivery_id for arrival in group}
    stored = ids if added == len(ids) else await _stored(connection, ids)
    receipts = {
        a.delivery_id: Receipt(Answer.STORED, a.delivery_id, a.contents.problems)
        for a in group
        if a.delivery_id in stored
    }
    variants = []
    for arrival in group:
        if arrival.delivery_id not in stored:
            receipt, is_new = await _keep_again(database, connection, arrival)
            receipts[arrival.delivery_id] = receipt
            stored |= {arrival.delivery_id} if receipt.answer is Answer.STORED else set()
            variants += [arrival] if receipt.answer is Answer.VARIANT and is_new else []
    return receipts, [a for a in group if a.delivery_id in stored], variants


async def _stored(connection: AsyncConnection, ids: set[str]) -> set[str]:
    query = sa.select(delivery_table.c.delivery_id).where(delivery_table.c.delivery_id.in_(ids))
    return set((await connection.execute(query)).scalars())


async def _keep_again(
    database: Database, connection: AsyncConnection, arrival: _Arrival
) -> tuple[Receipt, bool]:
    """Answer an id that is there already: the same body was seen, another one is kept beside the first.

    The first one stands if it could be read. If not, the other is what the sender meant, and is taken.
    Returns the answer and whether the body is kept just now.
    """
    query = sa.select(
        delivery_table.c.delivery_id, delivery_table.c.body_hash, delivery_table.c.status
    ).where(
        delivery_table.c.source == _SOURCE,
        delivery_table.c.webhook_id == arrival.delivery.webhook_id,
        delivery_table.c.variant_of.is_(None),
    )
    first_id, first_hash, status = (await connection.execute(query)).one()
    if first_hash == arrival.delivery.body_hash:
        return Receipt(Answer.SEEN, first_id), False
    row = _row(database, arrival) | {"variant_of": first_id}
    if status == "unreadable":
        is_new = await database.add_new(connection, delivery_table, [row]) == 1
        if is_new and arrival.contents.company_id is not None and not arrival.contents.problems:
            faults = Faults(database, connection, arrival.contents.company_id)
            await faults.close("delivery_unreadable", first_id)
        answer = Answer.STORED if is_new else Answer.SEEN
        told_id = arrival.delivery_id if is_new else first_id
        return Receipt(answer, told_id, arrival.contents.problems), is_new
    is_new = await database.add_new(connection, delivery_table, [row | {"status": "variant"}]) == 1
    log.warning("intake.variant", delivery_id=first_id)
    problem = Problem(
        "delivery_unreadable", "", "Another body came before under this webhook-id; that one stands."
    )
    return Receipt(Answer.VARIANT, first_id, (problem,)), is_new


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
        "problems": _problem_rows(contents) or None,
        "variant_of": None,
    }


def _problem_rows(contents: Contents) -> list[dict[str, str | None]]:
    return [asdict(problem) for problem in contents.problems]


def _status(contents: Contents) -> str:
    if contents.problems:
        return "unreadable"
    return "stored" if contents.is_known else "unknown_type"


async def _tell_unreadable(database: Database, connection: AsyncConnection, told: Sequence[_Arrival]) -> None:
    """Show people what could not be taken; the delivery itself is kept whole."""
    for arrival in (a for a in told if a.contents.problems):
        faults = Faults(database, connection, arrival.contents.company_id or "")
        for fault in faults_of(arrival.delivery_id, database.clock.now(), arrival.contents):
            await faults.open(fault)


async def _mark_conflicting(
    database: Database, connection: AsyncConnection, told: Sequence[_Arrival], tellings: Sequence[Telling]
) -> None:
    """Say of a delivery what it contradicts, beside what else is wrong with it, and show it to people."""
    for arrival, telling in zip(told, tellings, strict=True):
        if not telling.differing:
            continue
        names = [conflicts.name_of(fact) for fact in telling.differing]
        problems = [{"code": "conflicting", "at": one, "message": "It was told otherwise."} for one in names]
        mark = delivery_table.update().where(delivery_table.c.delivery_id == arrival.delivery_id)
        said = [*_problem_rows(arrival.contents), *problems]
        await connection.execute(mark.values(status="conflicting", problems=said))
        await conflicts.show(database, connection, telling)
        log.warning("intake.conflicting", delivery_id=arrival.delivery_id, facts=len(names))


async def _news(connection: AsyncConnection, companies: set[str]) -> tuple[set[str], set[str]]:
    """Return which companies have something to plan, and which have a conflict that may be settled now."""
    news: dict[str, set[str]] = {"work": set(), "disputed": set()}
    if companies:
        for company_id, what in await connection.execute(_NEWS, {"companies": companies}):
            news[what].add(company_id)
    return news["work"], news["disputed"]


async def _wake(database: Database, connection: AsyncConnection, due: set[str]) -> bool:
    """Make the lanes due of companies that have sessions to plan."""
    for company_id in sorted(due):
        await lane.wake(database, connection, company_id)
    return bool(due)
