"""Row 54: a till sells beside a crowd of strangers, and its every sale is taken and booked."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from tests.factories import body_of, signed

from fortnox_sync.intake.tables import delivery
from fortnox_sync.runtime.database import Database
from proof.crash.oracle import BOOKED_ONCE, judged
from proof.crash.process import HASTE
from proof.crash.shop import Shop, open_shop
from proof.crash.stage import Ground, Stage, postgres_and_queue, sqlite, staged
from proof.door.attack import ANSWERS, KEPT, LET_GO, NOT_LET_IN, Attack, Captured
from proof.door.flood import Asked, Flooded, run
from proof.finding import CannotProveError, Finding, Tally

_GROUNDS: tuple[Callable[[], AbstractContextManager[Ground]], ...] = (sqlite, postgres_and_queue)
_SHOP = 3000
_CAPTURED = "msg_captured"
_CALM_S, _QUICK_S, _LONG_S = 5.0, 10.0, 120.0
_A_SALE_EVERY_S = 0.1
_AT_LEAST_A_MINUTE = 10_000
# More than all bodies that the crowd has on their way at once; a leak of a flood would be many times that.
_MOST_GROWTH_MIB = 128
_MIB = 1024 * 1024
# Slow calls are let go of sooner than in earnest, so that each comes again several times.
_DOOR = MappingProxyType(
    {"fortnox_sync.web.limits:BODY_WITHIN_S": 4.0, "fortnox_sync.web.server:HEAD_WITHIN_S": 3.0}
)
_PROCESSES = multiprocessing.get_context("spawn")


def prove(is_long: bool) -> Iterator[Finding]:  # noqa: FBT001 - every part is asked in this form
    """Let a crowd stand before the door on both arrangements, one after the other."""
    for lend in _GROUNDS:
        with lend() as ground:
            yield from asyncio.run(_on(ground, _LONG_S if is_long else _QUICK_S))


async def _on(ground: Ground, seconds: float) -> list[Finding]:
    async with staged(ground, haste={**HASTE, **_DOOR}) as stage:
        await stage.more_workers(1)
        shop = await open_shop(stage, _SHOP)
        calm = await _sell(shop, _CALM_S)
        before = _memory_mib(stage)
        flooded, besieged = await _besieged(shop, seconds)
        words, tally = await judged(shop)
        beside = Beside(
            calm,
            besieged,
            flooded,
            _memory_mib(stage) - before,
            await _stored(ground) - len(shop.deliveries) - 1,
            shop.refused.total() + shop.unanswered,
            words,
        )
        found = "; ".join(beside.trouble) or BOOKED_ONCE
        group = f"door, {ground.name}"
        what = "row 54: the till beside them"
        return [
            *_answered(ground, flooded),
            Finding(group, what, BOOKED_ONCE, found, beside.figures, tally),
        ]


async def _besieged(shop: Shop, seconds: float) -> tuple[Flooded, list[float]]:
    """Sell while the crowd calls, from its first call on to its last."""
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    asked = Asked(shop.stage.api_port, await _captured(shop), seconds)
    crowd = _PROCESSES.Process(target=run, args=(asked, theirs), daemon=True)
    crowd.start()
    theirs.close()  # so that the end of the crowd is seen, however it ends
    try:
        await _heard(ours)
        beside = await _sell(shop, seconds)
        return await _heard(ours), beside
    finally:
        await asyncio.to_thread(crowd.join)


async def _heard(ours: Connection) -> Any:  # noqa: ANN401 - what the crowd has to say
    try:
        return await asyncio.to_thread(ours.recv)
    except EOFError:
        raise CannotProveError("The crowd at the door broke up; what it ended with stands above.") from None


async def _captured(shop: Shop) -> Captured:
    """Tell the last delivery once more, and take it off the wire: with signatures of now and an hour ago."""
    body, secret = body_of(shop.deliveries[-1]), shop.stage.secret
    (await shop.send(body, _CAPTURED)).raise_for_status()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    return Captured(body, signed(body, secret, _CAPTURED), signed(body, secret, _CAPTURED, long_ago))


async def _sell(shop: Shop, seconds: float) -> list[float]:
    """Sell day after day, each sale told at once; return how long each was waited for, in seconds."""
    loop = asyncio.get_running_loop()
    until, waited = loop.time() + seconds, []
    while loop.time() < until:
        sold, close = shop.a_day()
        for one in sold:
            began = loop.time()
            await shop.tell_sales([one])
            waited.append(loop.time() - began)
            await asyncio.sleep(_A_SALE_EVERY_S)  # the guests' own pace
        await shop.tell(close)
    return waited


def _memory_mib(stage: Stage) -> float:
    """Return what the API has in memory."""
    process = stage.api.process
    assert process is not None  # noqa: S101 - it was started, and is kept up
    pages = int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / _MIB


async def _stored(ground: Ground) -> int:
    database = Database(ground.database_url)
    try:
        async with database.read() as connection:
            counted = await connection.execute(sa.select(sa.func.count()).select_from(delivery))
            stored: int = counted.scalar_one()
    finally:
        await database.dispose()
    return stored


def _answered(ground: Ground, flooded: Flooded) -> Iterator[Finding]:
    """Tell what each kind of call was answered, beside what it should have been."""
    for attack in Attack:
        answers = Counter({status: n for (one, status), n in flooded.answers.items() if one is attack})
        # The highest is what is meant; that an answer was lost to a reset is no answer.
        is_well = answers.keys() <= ANSWERS[attack] and max(ANSWERS[attack]) in answers
        found = _spelled(ANSWERS[attack] if is_well else answers)
        calls = answers.total()
        yield Finding(
            f"door, {ground.name}",
            attack.value,
            _spelled(ANSWERS[attack]),
            found if calls else "never sent",
            f"{calls:,} calls",
            Tally(faults=Counter({attack.value: calls})),
        )


def _spelled(statuses: Iterable[int]) -> str:
    words = {LET_GO: "let go", KEPT: "kept", NOT_LET_IN: "not let in"}
    return " or ".join(words.get(status) or str(status) for status in sorted(statuses, reverse=True))


@dataclass(frozen=True, slots=True)
class Beside:
    """How it went for the till beside the crowd."""

    calm: Sequence[float]
    besieged: Sequence[float]
    flooded: Flooded
    growth_mib: float
    # Deliveries on disk beyond those that the till told.
    too_many: int
    refused: int
    words: str

    @property
    def trouble(self) -> Iterator[str]:
        """Say all that is not as it must be."""
        if self.words != BOOKED_ONCE:
            yield self.words
        if self.refused:
            yield f"the till was not taken {self.refused} times"
        if self.too_many:
            yield f"{self.too_many} deliveries of strangers were stored"
        if self.growth_mib > _MOST_GROWTH_MIB:
            yield f"its memory grew by {self.growth_mib:.0f} MiB"
        if self.flooded.a_minute < _AT_LEAST_A_MINUTE:
            yield f"only {self.flooded.a_minute:,.0f} hostile calls a minute"

    @property
    def figures(self) -> str:
        """Say how many there were, and what the till felt of them."""
        calm, besieged = _late(self.calm), _late(self.besieged)
        return (
            f"{self.flooded.a_minute:,.0f} calls a minute; the till's p99 {besieged / calm:.1f} times that"
            f" in calm, {besieged * 1000:.0f} ms; memory {self.growth_mib:+.0f} MiB"
        )


def _late(seconds: Sequence[float]) -> float:
    """Return the p99."""
    return sorted(seconds)[len(seconds) * 99 // 100]
