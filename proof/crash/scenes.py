"""What else befalls real processes: one scene for each row of the failure matrix that is not a plain kill."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import redis
from tests.factories import a_batch, body_of

from fortnox_sync.runtime.bell import JOB, QUEUE, connect
from proof.crash import fail_points as points
from proof.crash import servers
from proof.crash.kills import of_struck
from proof.crash.oracle import BOOKED_ONCE, judged, wait_until_certain
from proof.crash.process import Deed, Order, Struck
from proof.crash.shop import Shop, TillGaveUpError, comes_within, open_shop
from proof.crash.stage import Running, Stage
from proof.finding import Finding, Tally

_LOOK_EVERY_S = 0.05
_TOKEN_AND_SETTLE_S = 8.0
_SLOW = {"switch": "delay", "operation": "POST /3/vouchers", "after_seconds": 1}
_AT_ONCE = 100
_CLICKS = 5
_GARBAGE = 50
_STOPPED_S = 1.0
# What a busy machine may add to a turn that was not rung for.
_SLACK_S = 2.0
_KEY_BYTES = 32
_USAGE = 2  # how the command says that a setting is wrong


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that can happen, and whether it needs a database server and a queue."""

    row: str
    what: str
    play: Callable[[Stage, Shop], Awaitable[Scened]]
    needs_servers: bool = False
    needs_files: bool = False


@dataclass(frozen=True, slots=True)
class Scened:
    """What came of a scene besides the sales: words when something else is wrong, figures, and the faults."""

    wrong: str = ""
    figures: str = ""
    faults: Counter[str] | None = None
    struck: tuple[Struck, ...] = ()


async def played(stage: Stage, scene: Scene, number: int) -> Finding:
    """Play a scene for a shop of its own and let the oracle judge."""
    shop = await open_shop(stage, number)
    scened = await scene.play(stage, shop)
    words, tally = await judged(shop, [one.at for one in scened.struck])
    tally += of_struck(scened.struck) + Tally(faults=scened.faults or Counter())
    found = "; ".join(filter(None, (scened.wrong, words))) if scened.wrong else words
    return Finding(
        stage.ground.name, f"row {scene.row}: {scene.what}", BOOKED_ONCE, found, scened.figures, tally
    )


async def _waits(stage: Stage, shop: Shop, point: points.FailPoint, deed: Deed) -> Struck | None:
    """Let a day be sold, and one of two workers be hit on its way."""
    order = Order(point, shop.company_id, deed)
    await stage.under([order])
    await shop.sell_day()
    return await stage.wait_until_struck(order)


async def _stopped(stage: Stage, shop: Shop, point: points.FailPoint, *, until_booked: bool) -> Scened:
    """Stop a worker at a place, let another take over, and wake it: early, or long after."""
    struck = await _waits(stage, shop, point, Deed.STOP)
    if struck is None:
        return Scened("nobody came by")
    if until_booked:
        await wait_until_certain(shop)
        await asyncio.sleep(_TOKEN_AND_SETTLE_S)  # its token is surely dead
    else:
        await _until_taken_over(shop)
    before = len(await shop.posts())
    os.kill(struck.pid, signal.SIGCONT)
    await asyncio.sleep(_STOPPED_S)  # it does what it has left to do
    posts = await shop.posts()
    late = [str(one["status"]) for one in posts[before:]]
    return Scened(
        "the dead token was honoured" if until_booked and set(late) - {"401"} else "",
        f"the sleeper's POST: {', '.join(late) or 'none'}; {len(posts)} in all",
        struck=(struck,),
    )


async def _until_taken_over(shop: Shop) -> None:
    """Wait until another worker has seen what the sleeper left."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _TOKEN_AND_SETTLE_S
    while loop.time() < until:
        vouchers = await shop.vouchers()
        if vouchers and vouchers[0]["state"] not in {"sending", "ready"}:
            return
        await asyncio.sleep(_LOOK_EVERY_S)


async def stopped_after_the_intent(stage: Stage, shop: Shop) -> Scened:
    """Row 17: another takes over while its token still lives."""
    return await _stopped(stage, shop, points.INTENT_COMMITTED, until_booked=False)


async def stopped_for_hours(stage: Stage, shop: Shop) -> Scened:
    """Row 18: its token is dead when it wakes."""
    return await _stopped(stage, shop, points.INTENT_COMMITTED, until_booked=True)


async def stopped_before_the_intent(stage: Stage, shop: Shop) -> Scened:
    """Row 19: its lease is over when it wakes, and the day is booked."""
    scened = await _stopped(stage, shop, points.BEFORE_THE_INTENT, until_booked=True)
    posts = await shop.posts()
    return scened if len(posts) == 1 else Scened(f"{len(posts)} POSTs", struck=scened.struck)


async def queue_wiped(stage: Stage, shop: Shop) -> Scened:
    """Row 21: the rings are wiped before anybody heard them; the day is booked at most a sweep later."""
    await stage.under([])
    rung = await _seconds_until_booked(shop)
    for worker in _pids(stage.workers):
        os.kill(worker, signal.SIGSTOP)
    await shop.sell_day()
    began = asyncio.get_running_loop().time()
    with redis.Redis.from_url(stage.settings.redis_url or "") as client:
        lost = client.zcard(QUEUE)
        client.flushall()
    for worker in _pids(stage.workers):
        os.kill(worker, signal.SIGCONT)
    await wait_until_certain(shop)
    took = asyncio.get_running_loop().time() - began
    return _in_time(stage, rung, took, f"{lost} rings lost", Counter(redis_wiped=1))


async def queue_killed(stage: Stage, shop: Shop) -> Scened:
    """Row 21: nobody can ring for longer than a sweep."""
    await stage.under([])
    rung = await _seconds_until_booked(shop)
    servers.kill_queue(stage.settings.redis_url or "")
    took = await _seconds_until_booked(shop)
    await servers.wait_for_queue(stage.settings.redis_url or "")
    return _in_time(stage, rung, took, "nobody could ring", Counter(redis_killed=1))


def _in_time(stage: Stage, rung: float, took: float, why: str, faults: Counter[str]) -> Scened:
    sweep = stage.settings.sweep_interval_s
    late = took > sweep + 2 * rung + _SLACK_S
    figures = f"{why}; {took:.1f} s, sweep {sweep:.0f} s, {rung:.1f} s when rung for"
    return Scened(f"booked {took:.1f} s later" if late else "", figures, faults)


async def _seconds_until_booked(shop: Shop) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await shop.sell_day()
    await wait_until_certain(shop)
    return loop.time() - began


def _pids(running: list[Running]) -> list[int]:
    return [one.process.pid for one in running if one.process is not None and one.process.pid is not None]


async def garbage_in_the_queue(stage: Stage, shop: Shop) -> Scened:
    """Row 22: jobs that are doubled, of no known kind, unreadable, or were never there."""
    await stage.under([])
    url = stage.settings.redis_url or ""
    with redis.Redis.from_url(url) as client:
        for number in range(_GARBAGE):
            client.set(f"arq:job:garbage_{number}", os.urandom(number + 1))
            client.zadd(QUEUE, {f"garbage_{number}": 1, f"nowhere_{number}": 1})
    bell = connect(url)
    for _ in range(_GARBAGE):
        await bell.enqueue_job(JOB)
        await bell.enqueue_job("no_such_job", {"company_id": shop.company_id})
    await bell.aclose(close_connection_pool=True)
    before = [one.exits[:] for one in stage.workers]
    took = await _seconds_until_booked(shop)
    died = sum(len(one.exits) - len(was) for one, was in zip(stage.workers, before, strict=True))
    left = await _left_in_queue(url)
    wrong = f"{died} workers died" if died else f"{left} jobs are still there" if left else ""
    return Scened(
        wrong, f"{4 * _GARBAGE} jobs, booked after {took:.1f} s", Counter(garbage_jobs=4 * _GARBAGE)
    )


async def _left_in_queue(url: str) -> int:
    """Count the jobs that are still there after the workers had time to pass them over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _TOKEN_AND_SETTLE_S
    with redis.Redis.from_url(url) as client:
        while (left := int(client.zcard(QUEUE))) and loop.time() < until:  # noqa: ASYNC110 - the queue tells nobody
            await asyncio.sleep(_LOOK_EVERY_S)
    return left


async def asked_to_stop_in_the_post(stage: Stage, shop: Shop) -> Scened:
    """Row 23: SIGTERM while Fortnox books; the POST is waited for and written down."""
    await shop.switch(**_SLOW)
    await stage.under([], workers=1)
    await shop.sell_day()
    loop = asyncio.get_running_loop()
    until = loop.time() + _TOKEN_AND_SETTLE_S
    while not await shop.posts() and loop.time() < until:  # noqa: ASYNC110 - another process tells nobody
        await asyncio.sleep(_LOOK_EVERY_S)
    (code,) = await stage.without_workers()
    (voucher,) = await shop.vouchers()
    tries = (await shop.backoffice.call("GET", f"/vouchers/{voucher['voucher_id']}"))["tries"]
    outcome = tries[0]["outcome"] if tries else "none"
    await stage.more_workers(1)
    wrong = "" if (code, outcome) == (0, "created") else f"it ended with {code}, its try as {outcome}"
    return Scened(wrong, "it waited for the answer", Counter(sigterm=1))


async def database_restarted(stage: Stage, shop: Shop) -> Scened:
    """Row 24: the server ends inside four transactions and after one, with and without its consent."""
    told: list[Struck] = []
    orders = [
        Order(point, shop.company_id, Deed.STOP)
        for point in (
            points.STORE_WRITTEN,
            points.PLAN_WRITTEN,
            points.INTENT_WRITTEN,
            points.OUTCOME_WRITTEN,
        )
    ]
    await stage.under(orders)
    selling = asyncio.create_task(shop.sell_day())
    for number, order in enumerate(orders):
        struck = await stage.wait_until_struck(order)
        if struck is None:
            return Scened(f"nobody came by {order.point.name}")
        told.append(struck)
        how = signal.SIGQUIT if number % 2 else signal.SIGINT
        await servers.end_postgres(stage.ground.database_url, how)
        os.kill(struck.pid, signal.SIGCONT)
    await selling
    return Scened("", f"{len(told)} restarts", Counter(postgres_restarted=len(told)), tuple(told))


async def no_room_at_the_intent(stage: Stage, shop: Shop) -> Scened:
    """Row 26: no file of the worker's can be written; nothing is sent, and it goes on when there is room."""
    struck = await _waits(stage, shop, points.BEFORE_THE_INTENT, Deed.DISK_FULL)
    return await _after_no_room(shop, struck)


async def no_room_at_the_door(stage: Stage, shop: Shop) -> Scened:
    """Row 26: the till is told 503 until there is room."""
    order = Order(points.STORE, shop.company_id, Deed.DISK_FULL)
    await stage.under([order])
    refused = Counter(shop.refused)
    await shop.sell_day()
    struck = await stage.wait_until_struck(order)
    told = shop.refused - refused
    if struck is None or set(told) != {503}:
        return Scened(f"the till was told {dict(told)}")
    return Scened("", f"{told[503]} times 503, then 202", struck=(struck,))


async def _after_no_room(shop: Shop, struck: Struck | None) -> Scened:
    if struck is None:
        return Scened("nobody came by")
    await wait_until_certain(shop)
    posts = await shop.posts()
    return Scened("" if len(posts) == 1 else f"{len(posts)} POSTs", f"{len(posts)} POST", struck=(struck,))


async def read_only_at_the_intent(stage: Stage, shop: Shop) -> Scened:
    """Row 26: the server takes no writes for a while; nothing is sent and the till is told 503."""
    struck = await _waits(stage, shop, points.BEFORE_THE_INTENT, Deed.STOP)
    if struck is None:
        return Scened("nobody came by")
    url = stage.ground.database_url
    await servers.set_read_only(url, is_read_only=True)
    os.kill(struck.pid, signal.SIGCONT)
    sold, close = shop.a_day()
    refused = await shop.send(body_of(a_batch(sold, company=shop.company_id)), f"msg_{uuid.uuid4().hex}")
    await asyncio.sleep(_STOPPED_S)  # whoever would send, does so now
    posts = len(await shop.posts())
    await servers.set_read_only(url, is_read_only=False)
    await shop.tell_sales(sold)
    await shop.tell(close)
    wrong = (
        "" if (refused.status_code, posts) == (503, 0) else f"the till: {refused.status_code}, {posts} POSTs"
    )
    return Scened(wrong, "503 at the door, nothing sent", Counter(read_only=1), (struck,))


async def the_same_webhook_at_once(stage: Stage, shop: Shop) -> Scened:
    """Row 27: a hundred times at the same moment."""
    await stage.under([])
    sold, close = shop.a_day()
    batch = a_batch(sold, company=shop.company_id)
    shop.deliveries.append(batch)
    body, webhook_id = body_of(batch), f"msg_{uuid.uuid4().hex}"
    answers = await asyncio.gather(*(shop.send(body, webhook_id) for _ in range(_AT_ONCE)))
    statuses = Counter(one.status_code for one in answers)
    ids = {one.json()["delivery_id"] for one in answers if one.is_success}
    await shop.tell(close)
    is_right = statuses == Counter({200: _AT_ONCE - 1, 202: 1}) and len(ids) == 1
    return Scened(
        "" if is_right else f"answered {dict(statuses)}, {len(ids)} ids",
        f"{statuses[202]} times 202, {statuses[200]} times 200",
        Counter(same_webhook=_AT_ONCE),
    )


async def clicks_while_a_close_runs(stage: Stage, shop: Shop) -> Scened:
    """Row 38: five people click for an export by hand at the moment the day is closed."""
    await stage.under([])
    sold, close = shop.a_day()
    await shop.tell_sales(sold)
    answers, _ = await asyncio.gather(
        asyncio.gather(*(shop.click_export(uuid.uuid4().hex) for _ in range(_CLICKS))), shop.tell(close)
    )
    statuses = Counter(one.status_code for one in answers)
    wrong = f"answered {dict(statuses)}" if set(statuses) - {200, 202} or statuses[202] > 1 else ""
    return Scened(wrong, f"{statuses[202]} began an export, {statuses[200]} saw it", Counter(clicks=_CLICKS))


async def keys_rotated_under_load(stage: Stage, shop: Shop) -> Scened:
    """Row 52: a new key comes in and the old one goes while days are sold; without a key no start."""
    old = stage.given["vault_keys"]
    new = f"k{uuid.uuid4().hex}:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"
    await stage.under([])
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_sell_until(enough, shop))
        for keys in (f"{old} {new}", f"{new} {old}"):
            await _restarted_with(stage, keys)
        rotated = await stage.code_of(("rotate-keys",))
        await _restarted_with(stage, new)
        without = await stage.code_of(("worker",), vault_keys="")
        enough.set()
    await wait_until_certain(shop)
    failed = {"the till": set(shop.refused), "rotate-keys": {rotated} - {0}}
    told = [f"{who}: {codes}" for who, codes in failed.items() if codes]
    if without != _USAGE:
        told.append(f"a worker without a key ended with {without}")
    return Scened("; ".join(told), f"{shop.days} days sold meanwhile", Counter(keys_rotated=1))


async def _restarted_with(stage: Stage, keys: str) -> None:
    """Replace every process by one with these keys, as a rolling deployment does."""
    stage.given["vault_keys"] = keys
    workers = len(stage.workers)
    await stage.without_workers()
    await stage.api.stop()
    await stage.api.start()
    await stage.more_workers(workers)


async def _sell_until(enough: asyncio.Event, shop: Shop) -> None:
    """Sell one day after another, each to its end: one that is told of only by half is no day to judge."""
    with suppress(TillGaveUpError):  # that day is missing then, and is told as lost
        await shop.sell_day()
        while not await comes_within(enough, _STOPPED_S):  # a shop's day is longer
            await shop.sell_day()


SCENES = (
    Scene("17", "a worker sleeps after its intent, another takes over", stopped_after_the_intent),
    Scene("18", "it sleeps until its token is dead", stopped_for_hours),
    Scene("19", "it sleeps before its intent until its lease is over", stopped_before_the_intent),
    Scene("21", "the queue is wiped before a ring is heard", queue_wiped, needs_servers=True),
    Scene("21", "the queue is killed and away for longer than a sweep", queue_killed, needs_servers=True),
    Scene("22", "garbage and doubled jobs in the queue", garbage_in_the_queue, needs_servers=True),
    Scene("23", "a worker is asked to stop in the middle of a POST", asked_to_stop_in_the_post),
    Scene("24", "the database is restarted inside transactions", database_restarted, needs_servers=True),
    Scene("26", "no room for the intent", no_room_at_the_intent, needs_files=True),
    Scene("26", "no room at the door", no_room_at_the_door, needs_files=True),
    Scene(
        "26",
        "the database is read-only at the intent and at the door",
        read_only_at_the_intent,
        needs_servers=True,
    ),
    Scene("27", "the same webhook a hundred times at once", the_same_webhook_at_once),
    Scene("38", "five clicks at once while a close runs", clicks_while_a_close_runs),
    Scene("52", "keys are rotated under load", keys_rotated_under_load),
)


def scenes(stage: Stage) -> tuple[Scene, ...]:
    """Choose what an arrangement can go through."""
    has_servers = stage.ground.redis_url is not None
    return tuple(one for one in SCENES if not (one.needs_files if has_servers else one.needs_servers))


async def play_all(stage: Stage, first_number: int) -> AsyncIterator[Finding]:
    """Play every scene, one after the other."""
    for number, scene in enumerate(scenes(stage)):
        yield await played(stage, scene, first_number + number)
