"""The oracle: Fortnox's own ledger beside what the till sold, reckoned without a line of the service."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.independent import expected_vouchers

from proof.crash.shop import Shop
from proof.finding import Tally

Json = dict[str, Any]
# Signed debits in öre, by account, of one business day.
Sums = Counter[int]
_LOOK_EVERY_S = 0.3
BOOKED_ONCE = "every sale booked once"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one shop's sales."""

    sales: int
    vouchers: int
    duplicates: int
    lost: int
    ore_difference: int

    @property
    def words(self) -> str:
        """Say it as a finding does."""
        if self.duplicates or self.lost or self.ore_difference:
            return f"{self.duplicates} duplicates, {self.lost} sales lost, {self.ore_difference} öre differ"
        return BOOKED_ONCE


def judge(case: Json, ledger: Sequence[Json], known: Sequence[Json]) -> Judged:
    """Compare day by day: vouchers by their marker, sums by their account, and strangers."""
    told: defaultdict[str, Sums] = defaultdict(Sums)
    for voucher in expected_vouchers(case):
        told[voucher["transaction_date"]].update(_debits(voucher["rows"]))
    stands: defaultdict[str, Sums] = defaultdict(Sums)
    for voucher in ledger:
        stands[voucher["transaction_date"]].update(_debits(voucher["rows"]))
    sold = _sales_by_day(case)
    return Judged(
        sales=sum(sold.values()),
        vouchers=len(ledger),
        duplicates=_too_many(ledger, known),
        lost=sum(number for day, number in sold.items() if _turnover(stands[day]) < _turnover(told[day])),
        ore_difference=sum(_difference(told[day], stands[day]) for day in told.keys() | stands.keys()),
    )


def _debits(rows: Sequence[Json]) -> Sums:
    sums = Sums()
    for row in rows:
        sums[row["account"]] += row["debit"] - row["credit"]
    return sums


def _turnover(sums: Sums) -> int:
    return sum(amount for amount in sums.values() if amount > 0)


def _difference(one: Mapping[int, int], other: Mapping[int, int]) -> int:
    return sum(abs(one.get(account, 0) - other.get(account, 0)) for account in one.keys() | other.keys())


def _sales_by_day(case: Json) -> Counter[str]:
    told = {
        one["transaction_id"]: one for d in case["deliveries"] for one in d["data"].get("transactions", ())
    }
    return Counter(one["business_date"] for one in told.values())


def _too_many(ledger: Sequence[Json], known: Sequence[Json]) -> int:
    """Count vouchers beyond the first with one marker, and those that the service does not call its own."""
    booked = Counter(one["marker"] for one in known if one["state"] == "booked")
    found = Counter(marker for one in ledger for marker in booked if marker in one["comments"])
    strangers = sum(not any(marker in one["comments"] for marker in booked) for one in ledger)
    return strangers + sum(number - 1 for number in found.values())


async def wait_until_certain(
    shop: Shop, seconds: float = 240.0, *, is_owner_there: bool = False
) -> str | None:
    """Wait until all of a shop's days are booked and read back; return what stands in the way after that.

    Only an owner who is there decides what the service asks.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        if await _is_certain(shop):
            return None
        if is_owner_there:
            await shop.decide()
        await asyncio.sleep(_LOOK_EVERY_S)
    return f"not booked after {seconds:.0f} s: {_states(await shop.vouchers())}"


async def _is_certain(shop: Shop) -> bool:
    shown = await shop.backoffice.integration()
    return bool(shown["unbooked"]["at_rest"]) and all(map(_verified_at, await shop.vouchers()))


def _states(vouchers: Sequence[Json]) -> str:
    return (
        ", ".join(f"{number} {state}" for state, number in Counter(v["state"] for v in vouchers).items())
        or "none"
    )


def _verified_at(voucher: Json) -> datetime | None:
    at = (voucher["booking"] or {}).get("verified_at")
    return datetime.fromisoformat(at) if at else None


async def judged(
    shop: Shop, struck: Sequence[float] = (), *, is_owner_there: bool = False
) -> tuple[str, Tally]:
    """Wait for the end of a shop's story and tell it in words and figures; `struck` is when it was hit."""
    trouble = await wait_until_certain(shop, is_owner_there=is_owner_there)
    vouchers = await shop.vouchers()
    found = judge(shop.case, await shop.ledger(), vouchers)
    tally = Tally(
        sales=found.sales,
        vouchers=found.vouchers,
        duplicates=found.duplicates,
        lost=found.lost,
        ore_difference=found.ore_difference,
        needed_a_person=shop.decided,
        to_certainty_s=tuple(
            [waited for one in vouchers if (waited := await _doubted_for(shop, one, struck))]
        ),
    )
    return trouble or found.words, tally


async def _doubted_for(shop: Shop, voucher: Json, struck: Sequence[float]) -> float | None:
    """Count the seconds from the first try of a voucher to its proof, if its shop was hit between the two."""
    proven = _verified_at(voucher)
    told = await shop.backoffice.call("GET", f"/vouchers/{voucher['voucher_id']}")
    if proven is None or not told["tries"]:
        return None
    began = datetime.fromisoformat(told["tries"][0]["started_at"])
    is_hit = any(began.timestamp() <= at <= proven.timestamp() for at in struck)
    return (proven - began).total_seconds() if is_hit else None
