"""One day on a torn wire: told, harmed, worked at until nothing moves, and compared with Fortnox's ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from tests.factories import a_payment, a_sale, a_transaction, vat_of
from tests.little_shop import CARD, VAT, tell_day
from tests.standing import START

from fortnox_sync.export.tables import attempt, booking, voucher
from proof.finding import Tally
from proof.network.harm import Harm, Oddity, name_of
from proof.network.wired import Wired

Json = dict[str, Any]
_FIRST = date(2026, 10, 2)
_FIRST_Z = 500
_LUNCHES = (11200, 9950, 1)
# The life of a token and all that settles after it, with two looks behind the fence.
_UNTIL_CERTAIN = timedelta(minutes=85)
_UNTIL_LET_IN = timedelta(minutes=10)
_AFTER_THE_FIRST_LOOK_S = 6.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a day ended; without trouble it is booked once, to the öre, and read back."""

    day: date
    harms: tuple[Harm, ...]
    trouble: tuple[str, ...]
    tally: Tally


async def live(wired: Wired, number: int, harms: tuple[Harm, ...]) -> Ended:
    """Let a day be sold, closed and booked while harm is done to the calls that book it."""
    world, day = wired.world, _FIRST + timedelta(days=number)
    world.clock.moment = max(world.clock.moment, START + timedelta(days=number))
    sold = _sold(number, day)
    before = Counter(wired.fortnox.struck)
    not_sent = await _not_sent(wired)
    await tell_day(world, sold, session=f"K1-{_FIRST_Z + number}", day=day.isoformat())
    wired.fortnox.harms.extend(harms)
    await world.work()
    await wired.fortnox.listen()
    world.clock.advance(seconds=_AFTER_THE_FIRST_LOOK_S)
    await world.work()
    await wired.fortnox.deliver_late()
    for _ in harms:
        await world.work_for(seconds=_UNTIL_CERTAIN.total_seconds())
        await wired.fortnox.listen()
    await world.work_for(seconds=_UNTIL_LET_IN.total_seconds())
    decided = await _decide(wired)
    struck = wired.fortnox.struck - before
    not_sent = await _not_sent(wired) - not_sent
    struck += Counter({Oddity.REFUSED.value: not_sent})
    trouble, tally = await _compared(wired, day, sold)
    if not_sent and Oddity.REFUSED not in harms:
        trouble = (*trouble, f"{not_sent} tries that left are taken for not sent")
    # Harm that never struck proves nothing.
    if struck.total() < len(harms):
        trouble = (*trouble, f"only {struck.total()} of {len(harms)} harms struck")
    return Ended(day, harms, trouble, tally + Tally(faults=struck, needed_a_person=decided))


def _sold(number: int, day: date) -> list[Json]:
    """Sell lunches at prices that no other day has, so that no öre can stand in for another's."""
    session = f"K1-{_FIRST_Z + number}"
    return [
        a_transaction(
            position + 1,
            sales=[a_sale("food", "12", gross + number * 7, vat_of(gross + number * 7, "12"))],
            payments=[a_payment("card", gross + number * 7)],
            session=session,
            business_date=day.isoformat(),
        )
        for position, gross in enumerate(_LUNCHES)
    ]


async def _not_sent(wired: Wired) -> int:
    """Count the tries that found nobody to connect to."""
    query = sa.select(sa.func.count()).select_from(attempt).where(attempt.c.outcome == "not_sent")
    async with wired.world.service.database.read() as connection:
        count: int = (await connection.execute(query)).scalar_one()
    return count


async def _decide(wired: Wired) -> int:
    """Send again by a person's decision what was absent twice (row 10); return how often one was needed."""
    world = wired.world
    waiting = [one for one in await world.vouchers() if one["state"] == "needs_decision"]
    for one in waiting:
        body = {"decision": "send_again", "reason": "Finns inte i Fortnox"}
        await world.ok("POST", f"/vouchers/{one['voucher_id']}/decision", body)
        await world.work_for(seconds=_UNTIL_CERTAIN.total_seconds())
    return len(waiting)


async def _compared(wired: Wired, day: date, sold: list[Json]) -> tuple[tuple[str, ...], Tally]:
    """Put what Fortnox's own ledger has on the day beside what the till sold."""
    world = wired.world
    there = [one for one in await world.booked() if one["transaction_date"] == day.isoformat()]
    shown = [one for one in await world.vouchers() if one["transaction_date"] == day.isoformat()]
    told = await _is_copy_told(wired, day)
    copies = max(0, len(there) - 1)
    difference = _difference(there[0], sold) if there else 0
    trouble = [
        *([] if there else ["not booked"]),
        *([f"booked {len(there)} times"] if copies and not told else []),
        *(["a copy told that is none"] if told and not copies else []),
        *([f"{difference} öre off"] if difference else []),
        *(f"is {one['state']}" for one in shown if one["state"] != "booked"),
        *("is not verified" for one in shown if one["booking"] and not one["booking"]["verified_at"]),
    ]
    tally = Tally(
        sales=len(sold),
        vouchers=len(there),
        duplicates=0 if told else copies,
        lost=0 if there else len(sold),
        ore_difference=difference,
        needed_a_person=copies if told else 0,
        to_certainty_s=await _to_certainty(wired, day),
    )
    return tuple(trouble), tally


def _difference(booked: Json, sold: list[Json]) -> int:
    """Sum how far a voucher is from the sales, in öre: what was paid, and the VAT."""
    sums: Counter[int] = Counter()
    for row in booked["rows"]:
        sums[row["account"]] += row["debit"] - row["credit"]
    paid = sum(line["amount"] for one in sold for line in one["payments"])
    vat = sum(line["vat"] for one in sold for line in one["sales"])
    difference: int = abs(sums[CARD] - paid) + abs(sums[VAT] + vat) + abs(sums.total())
    return difference


async def _is_copy_told(wired: Wired, day: date) -> bool:
    faults = [one["fault"] for one in (await wired.world.ok("GET", "/faults"))["faults"]]
    copies = [one["facts"] for one in faults if one["code"] == "voucher_duplicate"]
    return any(facts["transaction_date"] == day.isoformat() for facts in copies)


async def _to_certainty(wired: Wired, day: date) -> tuple[float, ...]:
    """Return the seconds from a first try that was not answered to a number, where there was such a try."""
    query = (
        sa.select(sa.func.min(attempt.c.started_at).label("tried"), booking.c.booked_at)
        .join(voucher, voucher.c.voucher_id == attempt.c.voucher_id)
        .join(booking, booking.c.voucher_id == attempt.c.voucher_id)
        .where(voucher.c.transaction_date == day)
        .group_by(attempt.c.voucher_id, booking.c.booked_at, booking.c.source)
        .having(sa.or_(sa.func.count() > 1, booking.c.source == "lookup"))
    )
    async with wired.world.service.database.read() as connection:
        rows = (await connection.execute(query)).all()
    return tuple(_seconds(row.tried, row.booked_at) for row in rows)


def _seconds(tried: datetime, booked_at: datetime) -> float:
    return (booked_at - tried).total_seconds()


def told_of(ended: Ended) -> str:
    """Say of a day what went wrong on it."""
    return f"{ended.day} ({', then '.join(map(name_of, ended.harms))}): {'; '.join(ended.trouble)}"
