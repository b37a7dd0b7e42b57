"""The worker dies between any two steps: the next reads what was written down and goes on from there."""

from types import SimpleNamespace
from typing import Any

import pytest
from tests.little_shop import states, tell_day
from tests.world import KilledError, World

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import LeaseLostError
from fortnox_sync.export import push, resolve, turn, verify


async def die(*_: Any, **__: Any) -> Any:
    raise KilledError


async def test_killed_before_the_intent_it_is_sent_by_the_next(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 1."""
    await tell_day(shop)
    with monkeypatch.context() as patch:
        patch.setattr(push, "_intend", die)
        with pytest.raises(KilledError):
            await shop.work()
    assert await shop.posts() == []

    await shop.restart()
    await shop.work()

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1


async def test_killed_after_the_intent_it_is_in_doubt_until_the_fence(shop: World) -> None:
    """Row 2: nobody can know that the POST never left."""
    shop.wire.once(shop.wire.before, KilledError())
    await tell_day(shop)
    with pytest.raises(KilledError):
        await shop.work()
    assert await states(shop) == ["sending"]

    await shop.restart()
    await shop.work()
    assert await states(shop) == ["in_doubt"]
    assert await shop.faults() == ["answer_in_doubt"]
    await shop.work_for(minutes=80)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1
    assert await shop.faults() == []


async def test_killed_after_the_answer_it_is_found_at_the_first_look(shop: World) -> None:
    """Rows 3 and 4."""
    shop.wire.once(shop.wire.after, KilledError())
    await tell_day(shop)
    with pytest.raises(KilledError):
        await shop.work()
    assert await states(shop) == ["sending"]

    await shop.restart()
    await shop.work()

    (voucher,) = await shop.vouchers()
    assert (voucher["state"], voucher["booking"]["number"]) == ("booked", 1)
    assert len(await shop.posts()) == len(await shop.booked()) == 1
    assert await shop.faults() == []


@pytest.mark.parametrize("step", [(verify, "_verified"), (turn, "let_in")], ids=lambda one: one[1])
async def test_killed_after_the_outcome_it_is_verified_by_the_next(
    shop: World, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    """Row 5."""
    await tell_day(shop)
    with monkeypatch.context() as patch:
        patch.setattr(*step, die)
        with pytest.raises(KilledError):
            await shop.work()

    await shop.restart()
    await shop.work()

    (voucher,) = await shop.vouchers()
    assert voucher["booking"]["verified_at"]
    assert len(await shop.posts()) == 1


@pytest.mark.parametrize("step", ["_look", "_found"])
async def test_killed_while_looking_it_is_looked_for_again(
    shop: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Row 5."""
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await shop.work()
    shop.clock.advance(seconds=5)
    with monkeypatch.context() as patch:
        patch.setattr(resolve, step, die)
        with pytest.raises(KilledError):
            await shop.work()

    await shop.restart()
    await shop.work()

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1


async def test_a_worker_that_slept_through_its_lease_writes_no_state(shop: World) -> None:
    """Rows 17 and 19: its 201 becomes a fact; the one who holds the lane finds the voucher."""

    async def somebody_else_takes_over(request: Any) -> None:
        if request.method == "POST":
            shop.wire.after.clear()
            shop.clock.advance(seconds=91)
            taken = await lane.claim(shop.service.database, "another worker")
            assert taken is not None
            leases.append(taken)

    leases: list[lane.Lease] = []
    shop.wire.after.append(somebody_else_takes_over)
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["sending"]
    async with shop.service.database.read() as connection:
        facts = (await connection.exec_driver_sql("SELECT kind FROM attempt_fact")).scalars().all()
        outcomes = (await connection.exec_driver_sql("SELECT outcome FROM attempt")).scalars().all()
    assert (facts, outcomes) == (["created"], ["open"])

    await shop.service.counter.serve(leases[0])
    await shop.work()
    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1


async def test_a_worker_that_slept_before_its_intent_sends_nothing(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 17: the intent is not written without the lane, and without the intent nothing is sent."""
    leases: list[lane.Lease] = []
    intend = push._intend  # noqa: SLF001 - the step before which the worker sleeps

    async def sleep_and_intend(*asked: Any) -> Any:
        shop.clock.advance(seconds=91)
        taken = await lane.claim(shop.service.database, "another worker")
        assert taken is not None
        leases.append(taken)
        return await intend(*asked)

    await tell_day(shop)
    lease = await lane.claim(shop.service.database, "the sleeper")
    assert lease is not None
    with monkeypatch.context() as patch:
        patch.setattr(push, "_intend", sleep_and_intend)
        with pytest.raises(LeaseLostError):
            await shop.service.counter.serve(lease)

    assert await shop.posts() == []
    await shop.service.counter.serve(leases[0])
    await shop.work()
    assert len(await shop.posts()) == len(await shop.booked()) == 1


async def test_a_sleeper_with_a_dead_token_is_refused_and_gives_up(shop: World) -> None:
    """Row 18: two hours later its POST leaves at last; no refresh, nothing sent again by that worker."""

    async def sleep(request: Any) -> None:
        if request.method == "POST" and request.url.path == "/3/vouchers":
            shop.wire.before.clear()
            shop.clock.advance(hours=2)
            await shop.work()

    shop.wire.before.append(sleep)
    await tell_day(shop)
    await shop.work()
    posts = await shop.posts()
    assert [one["status"] for one in posts] == [401]

    await shop.work_for(minutes=20)

    assert await states(shop) == ["booked"]
    assert len(await shop.booked()) == 1


async def test_a_worker_that_slept_after_its_intent_sends_nothing(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 17: twenty seconds later nothing may leave any more; that it did not is certain, and written."""
    intend = push._intend  # noqa: SLF001 - the step after which the worker sleeps

    async def intend_and_sleep(*asked: Any) -> Any:
        intended = await intend(*asked)
        shop.clock.advance(seconds=20)
        return intended

    await tell_day(shop)
    with monkeypatch.context() as patch:
        patch.setattr(push, "_intend", intend_and_sleep)
        await shop.work()

    assert await shop.posts() == []
    async with shop.service.database.read() as connection:
        outcomes = (await connection.exec_driver_sql("SELECT outcome FROM attempt")).scalars().all()
    assert set(outcomes) == {"not_sent"}
    await shop.work_for(minutes=6)
    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1


async def test_a_worker_whose_machine_was_suspended_after_its_intent_sends_nothing(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 17: the clock on the wall may be set back meanwhile, the other one is not."""
    ticks = iter([0.0, 21.0])
    await tell_day(shop)
    with monkeypatch.context() as patch:
        patch.setattr(push, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        await shop.work()

    assert await shop.posts() == []
    await shop.work_for(minutes=1)
    assert len(await shop.posts()) == len(await shop.booked()) == 1
