"""No window ever holds more starts than Fortnox allows, and people are served first."""

import asyncio
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fortnox_sync.fortnox import Throttle

WINDOW = 5.0


class VirtualTime:
    """A clock that jumps to the next sleeper once everybody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._order = count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        self._sleepers.append((self.now + seconds, next(self._order), awake))
        await awake.wait()

    async def run(self, *tasks: "asyncio.Task[None]") -> None:
        while not all(task.done() for task in tasks):
            for _ in range(3 * len(tasks) + 5):
                await asyncio.sleep(0)
            if self._sleepers:
                first = min(self._sleepers)
                self._sleepers.remove(first)
                self.now = max(self.now, first[0])
                first[2].set()
        await asyncio.gather(*tasks)


class Counter:
    """Callers at a throttle, and when each got its turn."""

    def __init__(self, **options: float) -> None:
        self.time = VirtualTime()
        self.throttle = Throttle(clock=self.time.clock, sleep=self.time.sleep, **options)  # type: ignore[arg-type]
        self.starts: list[tuple[float, str]] = []

    async def caller(self, name: str, at: float = 0.0, *, interactive: bool = False) -> None:
        if at:
            await self.time.sleep(at)
        await self.throttle.acquire(interactive=interactive)
        self.starts.append((self.time.now, name))

    def names(self) -> list[str]:
        return [name for _, name in self.starts]

    def most_in_a_window(self) -> int:
        times = [at for at, _ in self.starts]
        return max(sum(begin <= at < begin + WINDOW for at in times) for begin in times)


def background(counter: Counter, many: int, at: float = 0.0) -> list["asyncio.Task[None]"]:
    return [asyncio.create_task(counter.caller(f"b{n}", at)) for n in range(many)]


def people(counter: Counter, many: int, at: float = 0.0) -> list["asyncio.Task[None]"]:
    return [asyncio.create_task(counter.caller(f"p{n}", at, interactive=True)) for n in range(many)]


async def test_background_work_leaves_a_share_for_people() -> None:
    counter = Counter()
    await counter.time.run(*background(counter, 30), *people(counter, 4, at=1.0))
    assert [name for at, name in counter.starts if at == 0.0] == [f"b{n}" for n in range(19)]
    assert [name for at, name in counter.starts if at == 1.0] == ["p0", "p1", "p2", "p3"]


async def test_people_alone_may_use_the_whole_window() -> None:
    counter = Counter()
    await counter.time.run(*people(counter, 24))
    assert [at for at, _ in counter.starts] == pytest.approx([0.0] * 23 + [5.25])


async def test_turns_are_given_in_the_order_of_asking() -> None:
    counter = Counter()
    await counter.time.run(*background(counter, 60))
    assert counter.names() == [f"b{n}" for n in range(60)]
    assert counter.most_in_a_window() == 19


async def test_the_window_is_a_little_longer_than_fortnox_counts() -> None:
    counter = Counter(limit=1, reserve=0, guard=0.5)
    await counter.time.run(*background(counter, 3))
    assert [at for at, _ in counter.starts] == pytest.approx([0.0, 5.5, 11.0], abs=0.01)


async def test_after_a_429_nothing_starts_for_a_while_and_then_half_as_much() -> None:
    counter = Counter()
    counter.throttle.slow_down(30.0)
    await counter.time.run(*people(counter, 12))
    assert [round(at) for at, _ in counter.starts] == [30] * 11 + [35]


async def test_the_full_rate_is_back_after_ten_minutes() -> None:
    counter = Counter()
    counter.throttle.slow_down(0.0)
    await counter.time.run(*people(counter, 23, at=601.0))
    assert {at for at, _ in counter.starts} == {601.0}


async def test_a_429_without_a_time_means_five_seconds() -> None:
    counter = Counter()
    counter.throttle.slow_down()
    await counter.time.run(*people(counter, 1))
    assert counter.starts == [(5.0, "p0")]


async def test_who_gives_up_waiting_costs_the_others_nothing() -> None:
    counter = Counter(limit=1, reserve=0)
    first, second, third = background(counter, 3)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second.cancel()
    await counter.time.run(first, third)
    assert [(round(at), name) for at, name in counter.starts] == [(0, "b0"), (5, "b2")]


def test_a_reserve_that_takes_everything_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="reserve"):
        Throttle(4, reserve=4)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 6),
    st.data(),
    st.lists(st.tuples(st.floats(0.01, 20), st.booleans()), min_size=1, max_size=40),
)
def test_no_window_ever_holds_more_than_the_limit(
    limit: int, data: st.DataObject, callers: list[tuple[float, bool]]
) -> None:
    reserve = data.draw(st.integers(0, limit - 1))

    async def crowd() -> Counter:
        counter = Counter(limit=limit, reserve=reserve)
        tasks = [
            asyncio.create_task(counter.caller("p" if person else "b", at, interactive=person))
            for at, person in callers
        ]
        await counter.time.run(*tasks)
        return counter

    counter = asyncio.run(crowd())
    assert len(counter.starts) == len(callers)
    assert counter.most_in_a_window() <= limit
    counter.starts = [start for start in counter.starts if start[1] == "b"] or [(0.0, "b")]
    assert counter.most_in_a_window() <= max(limit - reserve, 1)
