"""What holds after every journey: each sale in exactly one voucher or in a fault that names it, to the öre.

An oracle of its own: it reads the tables and the simulator's ledger directly and shares no code with the
service but the tables' names.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from tests.independent import spelled
from tests.world import World

from fortnox_sync.runtime.database import metadata

Json = dict[str, Any]
UNSETTLED = {"ready", "sending", "in_doubt", "held", "needs_decision"}
LIVE = {"open", "in_doubt"}


class Ledgers:
    """Everything both sides wrote down, read once."""

    def __init__(
        self,
        tables: dict[str, list[Json]],
        told: dict[tuple[str, str], Json],
        booked: list[Json],
        posts: list[Json],
    ) -> None:
        self.tables = tables
        self.told = told
        self.booked = booked
        self.posts = posts
        self.vouchers = {one["voucher_id"]: one for one in tables["voucher"]}
        self.bookings = {one["voucher_id"]: one for one in tables["booking"]}
        self.rows = defaultdict(list)
        for row in sorted(tables["voucher_row"], key=lambda one: one["position"]):
            voucher = self.vouchers[row["voucher_id"]]
            if row["revision"] == voucher["revision"]:
                self.rows[row["voucher_id"]].append(row)
        self.mirrors = {key for key, one in self.vouchers.items() if one["reverses"]}
        self.reversed = {self.vouchers[key]["reverses"] for key in self.mirrors}
        self.gone = {key for key, one in self.bookings.items() if one["gone_at"]}
        # Where copies stand that Fortnox made of a voucher and that were entered here to be turned round.
        self.copies = {
            _place(self.bookings[key])
            for key, one in self.vouchers.items()
            if one["part"].startswith("copy:") and key in self.reversed
        }
        codes = {one["fault_id"]: one["code"] for one in tables["fault"]}
        self.told_of = {
            (one["waiting_id"], codes[one["fault_id"]])
            for one in (*tables["fault_waiting"], *tables["fault_released"])
        }
        self.attempts = defaultdict(list)
        for attempt in sorted(tables["attempt"], key=lambda one: one["no"]):
            self.attempts[attempt["voucher_id"]].append(attempt)
        open_faults = {one["fault_id"]: one for one in tables["fault"] if one["resolved_at"] is None}
        self.waiting = {
            (one["kind"], one["waiting_id"], open_faults[one["fault_id"]]["code"])
            for one in tables["fault_waiting"]
            if one["fault_id"] in open_faults
        }

    def waits(self, kind: str, waiting_id: str) -> bool:
        return any(one[:2] == (kind, waiting_id) for one in self.waiting)

    def in_fortnox(self, voucher: Json) -> list[Json]:
        return [one for one in self.booked if voucher["marker"] in _texts(one)]


def _place(booking: Json) -> tuple[int, str, int]:
    return booking["financial_year"], booking["series"], booking["number"]


def _texts(booked: Json) -> str:
    rows = (row["transaction_information"] for row in booked["rows"])
    return "\n".join(filter(None, (booked["comments"], booked["description"], *rows)))


async def check(world: World) -> None:
    """Fail with every broken rule at once."""
    ledgers = await _read(world)
    broken = [problem for rule in RULES for problem in rule(ledgers)]
    assert not broken, "\n".join(broken)


async def _read(world: World) -> Ledgers:
    tables: dict[str, list[Json]] = {}
    async with world.service.database.read() as connection:
        for table in metadata.sorted_tables:
            found = await connection.execute(sa.select(table))
            tables[table.name] = [dict(row) for row in found.mappings()]
    posts = [
        {**one, "at": datetime.fromisoformat(one["at"]) - await _skew(world)} for one in await world.posts()
    ]
    remembered = [one for one in posts if world.restored_at is None or one["at"] >= world.restored_at]
    return Ledgers(tables, world.told, await world.booked(), remembered)


async def _skew(world: World) -> timedelta:
    """Tell how far Fortnox's clock is ahead of ours; a test may have set it."""
    theirs = (await world.simulator.get("/_simulator/clock")).json()["now"]
    return datetime.fromisoformat(theirs) - world.clock.now()


def every_sale_is_in_one_voucher_or_named_by_a_fault(ledgers: Ledgers) -> Iterator[str]:
    """Invariant 1."""
    live: Counter[tuple[str, str]] = Counter()
    for claim in ledgers.tables["claim"]:
        if claim["released_at"] is None:
            live[claim["company_id"], claim["transaction_id"]] += 1
    start = {one["company_id"]: one["start_on"] for one in ledgers.tables["company"]}
    planned = {
        (one["company_id"], one["session_id"]): one["closed_at"] and one["planned_changes"] == one["changes"]
        for one in ledgers.tables["till_session"]
    }
    for sale in ledgers.tables["till_transaction"]:
        company, session = sale["company_id"], sale["session_id"]
        times = live[company, sale["transaction_id"]]
        if times > 1:
            yield f"{sale['transaction_id']} is in {times} vouchers"
        is_due = start[company] is not None and sale["business_date"] >= start[company]
        if times == 0 and is_due and planned[company, session] and not ledgers.waits("session", session):
            yield f"{sale['transaction_id']} is in no voucher and no fault says why"


def a_voucher_that_waits_says_for_what(ledgers: Ledgers) -> Iterator[str]:
    """Part of invariant 1: a claim in a voucher that stands still needs its fault too."""
    for voucher in ledgers.vouchers.values():
        stands_still = voucher["state"] in {"held", "in_doubt", "needs_decision"}
        is_new = voucher["state"] == "in_doubt" and not any(
            one["looks"] for one in ledgers.attempts[voucher["voucher_id"]]
        )
        if stands_still and not is_new and not ledgers.waits("voucher", voucher["voucher_id"]):
            yield f"{voucher['description']} is {voucher['state']} and no fault says why"


def rows_are_the_sums_of_the_sales(ledgers: Ledgers) -> Iterator[str]:
    """Invariant 2, from what the till sent: per payment method, VAT rate and event, in öre."""
    claimed: dict[tuple[str, str], str] = {
        (one["company_id"], one["transaction_id"]): one["voucher_id"]
        for one in ledgers.tables["claim"]
        if one["released_at"] is None
    }
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, transaction in ledgers.told.items():
        if key in claimed:
            told[claimed[key]].update(_debits(transaction))
    for voucher_id, voucher in ledgers.vouchers.items():
        written: Counter[str] = Counter()
        for row in ledgers.rows[voucher_id]:
            # Only movements of the drawer are kept apart by an @; elsewhere it belongs to the till's own id.
            of = row["of"].partition("@")[0] if voucher["part"].startswith("drawer") else row["of"]
            written[of] += row["debit"] - row["credit"]
        differing = {
            key for key in told[voucher_id].keys() | written.keys() if told[voucher_id][key] != written[key]
        }
        # A dismissed voucher holds nothing and was never sent; a mirror and what it mirrors hold nothing now.
        # Nor does one that was deleted in Fortnox and whose sales were booked again.
        is_given_up = voucher_id in ledgers.gone and voucher_id not in claimed.values()
        holds_nothing = (
            voucher["state"] == "dismissed" or is_given_up or voucher_id in ledgers.reversed | ledgers.mirrors
        )
        if differing and not holds_nothing:
            yield f"{voucher['description']} does not add up: {sorted(differing)}"


def _debits(transaction: Json) -> Counter[str]:
    debits: Counter[str] = Counter()
    for line in transaction.get("payments", ()):
        debits[f"payment:{line['payment_method_id']}"] += line["amount"]
    for line in transaction.get("events", ()):
        debits[f"event:{line['event_id']}"] -= line["amount"]
    for line in transaction.get("sales", ()):
        debits[f"sales:{spelled(line['vat_rate'])}"] -= line["gross"] - line["vat"]
        debits[f"vat:{spelled(line['vat_rate'])}"] -= line["vat"]
    return debits


def a_mirror_turns_every_row_of_a_booked_voucher(ledgers: Ledgers) -> Iterator[str]:
    """Find mirrors that do not cancel what they reverse, and reversed vouchers that still hold sales."""
    for mirror_id in ledgers.mirrors:
        mirror = ledgers.vouchers[mirror_id]
        first = ledgers.vouchers[mirror["reverses"]]
        turned = sorted((a, c, credit, debit) for a, c, debit, credit in _amounts(ledgers.rows[mirror_id]))
        if turned != sorted(_amounts(ledgers.rows[mirror["reverses"]])) or first["state"] != "booked":
            yield f"{mirror['description']} does not cancel {first['description']}"
        if any(
            one["voucher_id"] in {mirror_id, mirror["reverses"]} and one["released_at"] is None
            for one in ledgers.tables["claim"]
        ):
            yield f"{first['description']} is reversed and still holds sales"


def vouchers_balance_and_are_as_frozen(ledgers: Ledgers) -> Iterator[str]:
    """Invariant 3."""
    for voucher_id, voucher in ledgers.vouchers.items():
        rows = ledgers.rows[voucher_id]
        if sum(row["debit"] - row["credit"] for row in rows):
            yield f"{voucher['description']} does not balance"
        spelled = [[r["account"], r["cost_center"], r["debit"], r["credit"], r["text"]] for r in rows]
        said = [
            voucher["series"], voucher["transaction_date"].isoformat(), voucher["description"], spelled
        ]  # fmt: skip
        if (
            hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
            != voucher["payload_hash"]
        ):
            yield f"{voucher['description']} is not what was frozen"


def one_try_at_a_time_and_one_booking(ledgers: Ledgers) -> Iterator[str]:
    """Invariants 4 and 5."""
    for voucher_id, attempts in ledgers.attempts.items():
        if sum(one["outcome"] in LIVE for one in attempts) > 1:
            yield f"{voucher_id} has several live tries"
        for earlier, later in pairwise(attempts):
            if earlier["ended_at"] is None or earlier["ended_at"] > later["started_at"]:
                yield f"try {later['no']} of {voucher_id} began while try {earlier['no']} could be alive"
    places = Counter(
        (one["fortnox_company"], one["financial_year"], one["series"], one["number"])
        for one in ledgers.tables["booking"]
        if one["gone_at"] is None
    )
    yield from (f"{place} is the booking of several vouchers" for place, n in places.items() if n > 1)


def every_post_has_an_older_intent(ledgers: Ledgers) -> Iterator[str]:
    """Invariant 6: as many tries at least as POSTs, each written down before."""
    of_marker = {one["marker"]: voucher_id for voucher_id, one in ledgers.vouchers.items()}
    posts: defaultdict[str, list[datetime]] = defaultdict(list)
    for post in ledgers.posts:
        marker = (post["comments"] or "").partition(" ")[0]
        posts[marker].append(post["at"])
    for marker, moments in posts.items():
        attempts = ledgers.attempts[of_marker[marker]] if marker in of_marker else []
        began = [one["started_at"] for one in attempts if one["outcome"] != "not_sent"]
        if len(began) < len(moments) or any(at < start for at, start in zip(moments, began, strict=False)):
            yield f"{marker} was POSTed {len(moments)} times, written down {len(began)} times before"


def what_is_booked_is_in_fortnox_once(ledgers: Ledgers) -> Iterator[str]:
    """Invariant 7, and the oracle: the simulator's own ledger holds each voucher once, to the öre."""
    for voucher_id, voucher in ledgers.vouchers.items():
        there = ledgers.in_fortnox(voucher)
        state, booking = voucher["state"], ledgers.bookings.get(voucher_id)
        if (state == "booked") != (booking is not None):
            yield f"{voucher['description']} is {state} with booking {booking}"
        uncorrected = [o for o in there if (o["year"], o["series"], o["number"]) not in ledgers.copies]
        if len(uncorrected) > 1 and ("voucher", voucher_id, "voucher_duplicate") not in ledgers.waiting:
            yield f"{voucher['description']} is in Fortnox {len(uncorrected)} times"
        if state in {"ready", "held", "empty"} and there:
            yield f"{voucher['description']} is {state}, yet in Fortnox"
        if booking is not None and booking["gone_at"] is not None:
            yield from _not_as_gone(ledgers, voucher, there)
        elif booking is not None and booking["verified_at"] is not None:
            yield from _not_as_verified(ledgers, voucher, booking)


def _not_as_gone(ledgers: Ledgers, voucher: Json, there: list[Json]) -> Iterator[str]:
    if there:
        yield f"{voucher['description']} counts as deleted, yet is in Fortnox"
    if (voucher["voucher_id"], "voucher_deleted") not in ledgers.told_of:
        yield f"{voucher['description']} counts as deleted and nobody was told"


def _not_as_verified(ledgers: Ledgers, voucher: Json, booking: Json) -> Iterator[str]:
    there = [o for o in ledgers.booked if (o["year"], o["series"], o["number"]) == _place(booking)]
    is_untouched = all(one["modified_at"] == one["booked_at"] for one in there)
    theirs = [sorted(_amounts(one["rows"])) for one in there]
    if is_untouched and theirs != [sorted(_amounts(ledgers.rows[voucher["voucher_id"]]))]:
        yield f"{voucher['description']} counts as verified and differs"


def _amounts(rows: list[Json]) -> Iterator[tuple[int, str, int, int]]:
    for row in rows:
        yield row["account"], row["cost_center"] or "", row["debit"], row["credit"]


def nothing_else_is_in_fortnox(ledgers: Ledgers) -> Iterator[str]:
    """Look from the oracle's other side: no voucher of ours that nobody here knows or was told of."""
    markers = [one["marker"] for one in ledgers.vouchers.values()]
    adopted = {_place(one) for one in ledgers.bookings.values()}
    told = [o["facts"]["voucher"] for o in ledgers.tables["fault"] if o["code"] == "voucher_foreign"]
    for one in ledgers.booked:
        is_told = any((o["series"], o["number"]) == (one["series"], one["number"]) for o in told)
        is_known = is_told or (one["year"], one["series"], one["number"]) in adopted
        if is_known or one["made_by"] == "person":
            continue
        if not any(marker in _texts(one) for marker in markers):
            yield f"{one['series']} {one['number']} is in Fortnox and unknown here"


def open_faults_are_about_something(ledgers: Ledgers) -> Iterator[str]:
    """Find faults that nothing waits for, unless they are about the door to Fortnox or to the till."""
    door = {"authorization_expired", "license_missing", "fortnox_unavailable", "rate_limited"}
    door |= {
        "delivery_unreadable",
        "transaction_unbalanced",
        "wrong_company",
        "z_number_gap",
        "delivery_conflicting",
        "voucher_foreign",
        "voucher_numbers_missing",
    }
    waited_for = {one["fault_id"] for one in ledgers.tables["fault_waiting"]}
    for one in ledgers.tables["fault"]:
        is_idle = one["fault_id"] not in waited_for and one["code"] not in door | {"rejected_by_fortnox"}
        if one["resolved_at"] is None and is_idle:
            yield f"{one['code']} is open and nothing waits for it"


RULES = (
    every_sale_is_in_one_voucher_or_named_by_a_fault,
    a_voucher_that_waits_says_for_what,
    rows_are_the_sums_of_the_sales,
    a_mirror_turns_every_row_of_a_booked_voucher,
    vouchers_balance_and_are_as_frozen,
    one_try_at_a_time_and_one_booking,
    every_post_has_an_older_intent,
    what_is_booked_is_in_fortnox_once,
    nothing_else_is_in_fortnox,
    open_faults_are_about_something,
)
