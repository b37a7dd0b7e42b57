"""The crowd itself: a process of its own that calls at a steady pace and counts what it is answered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from proof.door.attack import (
    HELD_AT_ONCE,
    KEPT,
    LET_GO,
    NOT_LET_IN,
    WEIGHTS,
    Attack,
    Captured,
    beginnings,
    messages,
)

HOST = "127.0.0.1"
A_MINUTE = 12_000
_PATIENCE_S = 30.0
_A_BYTE_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to call, with what, and for how long."""

    port: int
    captured: Captured
    seconds: float


@dataclass(slots=True)
class Flooded:
    """What was sent in which time, and what was answered: a status, or what came instead of one."""

    answers: Counter[tuple[Attack, int]] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def a_minute(self) -> float:
        """Tell at which pace calls were made that were not slow ones."""
        calls = sum(number for (attack, _), number in self.answers.items() if attack in WEIGHTS)
        return calls * 60 / self.seconds


def run(asked: Asked, told: Connection) -> None:
    """Be the crowd: say that it is there, and in the end what it was told."""
    told.send(None)
    told.send(asyncio.run(_flooded(asked)))


async def _flooded(asked: Asked) -> Flooded:
    flooded, loop = Flooded(), asyncio.get_running_loop()
    began = loop.time()
    until = began + asked.seconds
    async with asyncio.TaskGroup() as crowd:
        for attack, beginning in beginnings(asked.captured).items():
            for _ in range(HELD_AT_ONCE[attack]):
                crowd.create_task(_be_slow(asked.port, attack, beginning, until, flooded))
        await _call_steadily(asked, until, flooded, crowd)
        flooded.seconds = loop.time() - began
    return flooded


async def _call_steadily(asked: Asked, until: float, flooded: Flooded, crowd: asyncio.TaskGroup) -> None:
    """Begin calls at a fixed pace, whether or not those before were answered: a crowd does not queue."""
    loop, spelled = asyncio.get_running_loop(), messages(asked.captured)
    lot = random.Random(1)  # noqa: S311 - the same crowd each time, not a secret
    due = loop.time()
    while due < until:
        await asyncio.sleep(max(0.0, due - loop.time()))  # the crowd's own pace
        attack = lot.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        crowd.create_task(_call(asked.port, attack, spelled, flooded))
        due += 60 / A_MINUTE


async def _call(port: int, attack: Attack, spelled: Mapping[Attack, bytes], flooded: Flooded) -> None:
    flooded.answers[attack, await _answered(port, spelled[attack])] += 1


async def _be_slow(port: int, attack: Attack, beginning: bytes, until: float, flooded: Flooded) -> None:
    """Hold a connection as long as it is let, and come again."""
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        flooded.answers[attack, await _answered(port, beginning, is_slow=True)] += 1


async def _answered(port: int, message: bytes, *, is_slow: bool = False) -> int:
    """Send something and return the status of its answer, or what came instead of one."""
    try:
        async with asyncio.timeout(_PATIENCE_S), _connected(port) as (reader, writer):
            return await _asked(reader, writer, message, is_slow=is_slow)
    except TimeoutError:
        return KEPT
    except OSError:
        return NOT_LET_IN


async def _asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes, *, is_slow: bool
) -> int:
    trickling = None
    try:
        writer.write(message)
        if is_slow:
            trickling = asyncio.create_task(_trickle(writer))
        else:
            await writer.drain()
        return _status(await reader.readline())
    except ConnectionError:
        return LET_GO
    finally:
        if trickling is not None:
            trickling.cancel()


async def _trickle(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        await asyncio.sleep(_A_BYTE_EVERY_S)  # what makes it slow
        writer.write(b"x")


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()


def _status(line: bytes) -> int:
    words = line.split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else LET_GO
