"""Voyages on both databases, on every core; one that does not end well is told with its seed."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import secrets
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import reduce
from itertools import count, islice
from operator import add
from tempfile import TemporaryDirectory

from tests.servers import NoServerError, find_postgres

from proof.finding import CannotProveError, Finding, Tally
from proof.storm.outside import Copies, sail_outside
from proof.storm.sail import StormError, sail
from proof.storm.waters import Dialect, Waters, memory, set_up

_BOOKED_ONCE = "each sale booked once"
_EACH_TOLD = "each copy told"
_QUICK_VOYAGES = 4
_OUTSIDE, _QUICK_OUTSIDE = 40, 2
_ENOUGH_FAULTS = 105_000
# A voyage on PostgreSQL takes longer; it has its part in the same faults.
_ON_POSTGRES = 3
_CORES = os.cpu_count() or 1

# Of the process that sails: what can't be handed from one process to another.
_waters: list[Waters] = []


@dataclass
class Log:
    """What became of the voyages on one database."""

    voyages: int = 0
    tally: Tally = field(default_factory=Tally)
    broken: list[str] = field(default_factory=list)

    @property
    def struck(self) -> int:
        """Return how many faults struck."""
        return sum(self.tally.faults.values())

    def enter(self, voyage: Future[Tally]) -> None:
        """Write down how a voyage ended."""
        self.voyages += 1
        try:
            self.tally += voyage.result()
        except StormError as error:
            self.broken.append(str(error))


def prove(is_long: bool) -> Iterator[Finding]:  # noqa: FBT001 - every part is asked in this form
    """Sail in weather that is always the same, or in new weather until enough has struck."""
    try:
        source = find_postgres(os.environ)
    except NoServerError as missing:
        raise CannotProveError(str(missing)) from missing
    began = time.monotonic()
    courses = (
        _courses(secrets.randbelow(1_000_000) * 1000) if is_long else islice(_courses(0), _QUICK_VOYAGES)
    )
    with (
        TemporaryDirectory(prefix="storm-", dir=memory()) as folder,
        source.open() as admin,
        ProcessPoolExecutor(
            _CORES,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_embark,
            initargs=(admin, folder),
        ) as pool,
    ):
        logs = _logs(courses, pool)
        yield from (_finding(on, log, time.monotonic() - began) for on, log in logs.items())
        yield _told(pool.map(_voyage_outside, range(_OUTSIDE if is_long else _QUICK_OUTSIDE)))


def _courses(first: int) -> Iterator[tuple[Dialect, int]]:
    for seed in count(first):
        yield ("PostgreSQL" if seed % _ON_POSTGRES == 0 else "SQLite"), seed


def _logs(courses: Iterator[tuple[Dialect, int]], pool: Executor) -> dict[Dialect, Log]:
    """Keep every core at sea until there are no more courses, or enough has struck."""
    logs: dict[Dialect, Log] = {"SQLite": Log(), "PostgreSQL": Log()}
    under_way: dict[Future[Tally], Dialect] = {}
    while True:
        if sum(log.struck for log in logs.values()) < _ENOUGH_FAULTS:
            for dialect, seed in islice(courses, 2 * _CORES - len(under_way)):
                under_way[pool.submit(_voyage, dialect, seed)] = dialect
        if not under_way:
            return logs
        for voyage in wait(under_way, return_when=FIRST_COMPLETED).done:
            logs[under_way.pop(voyage)].enter(voyage)


def _embark(admin: str, folder: str) -> None:
    _waters.append(set_up(admin, folder))


def _voyage(dialect: Dialect, seed: int) -> Tally:
    """Sail once, on a copy of the shop's database."""
    random.seed(seed)  # the jitter of the service's own waiting
    (waters,) = _waters
    with waters.copy(dialect) as url:
        return asyncio.run(sail(url, waters.kept(dialect), seed))


def _voyage_outside(seed: int) -> Copies | str:
    """Sail once with a Fortnox that breaks what is assumed of it; a text says what was wrong."""
    (waters,) = _waters
    dialect: Dialect = "PostgreSQL" if seed % _ON_POSTGRES == 0 else "SQLite"
    with waters.copy(dialect) as url:
        try:
            return asyncio.run(sail_outside(url, waters.kept(dialect), seed))
        except StormError as error:
            return str(error)


def _told(voyages: Iterable[Copies | str]) -> Finding:
    """Say of how many copies a person was told; they are no duplicates of ours, so they are in no sum."""
    ended = list(voyages)
    sailed = [one for one in ended if isinstance(one, Copies)]
    wrong = [one for one in ended if isinstance(one, str)]
    made, told = sum(one.made for one in sailed), sum(one.told for one in sailed)
    if made != told:
        wrong.append(f"{made} copies, {told} told")
    return Finding(
        "storm",
        "a Fortnox that books a request twice, or after the settle time",
        _EACH_TOLD,
        "; ".join(wrong) or _EACH_TOLD,
        f"{len(ended)} voyages, {made} copies, {told} told",
        reduce(add, (one.tally for one in sailed), Tally()),
    )


def _finding(dialect: Dialect, log: Log, took_s: float) -> Finding:
    tally = log.tally
    wrong = [*log.broken]
    if tally.duplicates or tally.lost or tally.ore_difference:
        wrong.append(f"{tally.duplicates} twice, {tally.lost} lost, {tally.ore_difference} öre off")
    figures = (
        f"{log.voyages} voyages, {log.struck:,} faults, {tally.vouchers:,} vouchers, "
        f"{tally.needed_a_person} decided by a person, {took_s:.0f} s"
    )
    return Finding(
        "storm",
        f"any weather on {dialect}",
        _BOOKED_ONCE,
        "; ".join(wrong) or _BOOKED_ONCE,
        figures,
        tally,
    )
