"""Running days on torn wires: in every manner at every place, and in the long form at random."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from tests.factories import a_batch, a_transaction
from tests.little_shop import a_close, tell
from tests.servers import NoServerError

from proof.finding import CannotProveError, Finding, Tally
from proof.network.day import Ended, live, told_of
from proof.network.harm import Harm, How, Oddity, Place, Tear, name_of
from proof.network.shops import Opened, opened
from proof.network.till import Delivered, deliver
from proof.network.wired import Wired, wired

_ONCE = "each day booked once, to the öre"
_STORED_ONCE = "each delivery stored once"
_TORN = {how.value: tuple(Tear(how, place) for place in Place) for how in How}
_ODD = {
    "answered by somebody else": (
        Oddity.GARBAGE,
        Oddity.PORTAL,
        Oddity.BAD_GATEWAY,
        Oddity.UNAVAILABLE,
        Oddity.GATEWAY_TIMEOUT,
    ),
    "late, bit by bit, or not let in": (Oddity.LATE, Oddity.TRICKLE, Oddity.REFUSED),
    "delivered twice, the copy told": (Oddity.TWICE, Oddity.TWICE_LAST),
}
# Without a name of its own for every place: a day of random harm holds up to two calls in a row.
_SEEDS = 100
_DAYS_A_SEED = 12
_TWO_IN_A_ROW = 0.2


def prove(is_long: bool) -> Iterator[Finding]:  # noqa: FBT001 - every part is asked in this form
    """Tear the wires to Fortnox and to the till, and compare Fortnox's own ledger with the sales."""
    try:
        with opened() as shops:
            for shop in shops:
                yield from _on(shop, is_long=is_long)
    except NoServerError as error:
        raise CannotProveError(str(error)) from error


def _on(shop: Opened, *, is_long: bool) -> Iterator[Finding]:
    for what, harms in (_TORN | _ODD).items():
        began = time.monotonic()
        days = _days(shop, [(harm,) for harm in harms])
        yield _finding(shop, what, days, began)
    yield asyncio.run(_at_the_door(shop.copy(), shop))
    if is_long:
        yield _at_random(shop)


def _days(shop: Opened, harms: Sequence[tuple[Harm, ...]]) -> list[Ended]:
    """Live one day after another in one shop, each with harm of its own."""
    return asyncio.run(_lived(shop.copy(), shop, harms))


async def _lived(url: str, shop: Opened, harms: Sequence[tuple[Harm, ...]]) -> list[Ended]:
    async with wired(url, shop.kept) as made:
        return [await live(made, number, one) for number, one in enumerate(harms)]


def _finding(shop: Opened, what: str, days: Sequence[Ended], began: float, **more: Any) -> Finding:  # noqa: ANN401 - as Tally takes them
    tally = sum((one.tally for one in days), Tally(**more))
    trouble = [told_of(one) for one in days if one.trouble]
    longest = max(tally.to_certainty_s, default=0.0)
    figures = f"{len(days)} days, certain within {longest:.0f} s, {time.monotonic() - began:.0f} s"
    return Finding(f"network, {shop.kind}", what, _ONCE, "\n".join(trouble) or _ONCE, figures, tally)


def _at_random(shop: Opened) -> Finding:
    began = time.monotonic()
    days = [day for seed in range(_SEEDS) for day in _days(shop, drawn(seed))]
    return _finding(shop, "at random", days, began, seeds=tuple(range(_SEEDS)))


def drawn(seed: int) -> list[tuple[Harm, ...]]:
    """Draw the harm of some days: the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - nobody must not guess it
    return [_drawn(dice) for _ in range(_DAYS_A_SEED)]


def _drawn(dice: random.Random) -> tuple[Harm, ...]:
    first = _one(dice)
    # Only what was not executed is sent a second time, and can be harmed again.
    is_sent_again = isinstance(first, Tear) and not first.place.is_executed
    return (first, _one(dice)) if is_sent_again and dice.random() < _TWO_IN_A_ROW else (first,)


def _one(dice: random.Random) -> Harm:
    odd = list(Oddity)
    if dice.random() < len(odd) / (len(odd) + len(How) * len(Place)):
        return dice.choice(odd)
    return Tear(dice.choice(list(How)), dice.choice(list(Place)), dice.random())


async def _at_the_door(url: str, shop: Opened) -> Finding:
    """Tear the till's own wire at every place, and have it send again."""
    began = time.monotonic()
    harms = [Tear(how, place) for how in (How.CUT, How.RESET, How.HALF_CLOSE) for place in Place]
    async with wired(url, shop.kept) as made:
        sold = [a_transaction(number + 1) for number in range(len(harms))]
        ended = [await deliver(made, a_batch([one]), harm) for one, harm in zip(sold, harms, strict=True)]
        await tell(made.world, a_close(sold))
        await made.world.work()
        tally = await _door_tally(made, sold)
    trouble = [
        f"{name_of(harm)}: sent {one.sent} times, stored {one.stored} times"
        for harm, one in zip(harms, ended, strict=True)
        if one != Delivered(2, 1)
    ]
    if (tally.vouchers, tally.ore_difference) != (1, 0):
        trouble.append(f"{tally.vouchers} vouchers, {tally.ore_difference} öre off")
    figures = f"{len(ended)} deliveries, {time.monotonic() - began:.0f} s"
    found = "\n".join(trouble) or _STORED_ONCE
    return Finding(f"network, {shop.kind}", "the till's own wire", _STORED_ONCE, found, figures, tally)


async def _door_tally(made: Wired, sold: Sequence[dict[str, Any]]) -> Tally:
    booked = await made.world.booked()
    paid = sum(line["amount"] for one in sold for line in one["payments"])
    in_books = sum(row["debit"] for one in booked for row in one["rows"])
    return Tally(
        faults=made.door.struck,
        sales=len(sold),
        vouchers=len(booked),
        duplicates=max(0, len(booked) - 1),
        lost=0 if booked else len(sold),
        ore_difference=abs(in_books - paid) if booked else 0,
    )
