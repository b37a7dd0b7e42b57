"""Any history at all: whatever till, people and Fortnox do in whichever order, the books come out right."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from tests.factories import a_batch, a_mapping, a_payment, a_sale, a_transaction, an_event, vat_of
from tests.little_shop import a_close
from tests.servers import Postgres
from tests.world import World, a_world
from tests.worlds import Opened, hold

Json = dict[str, Any]
T = TypeVar("T")
Open = Callable[[], tuple[str, Callable[[], None]]]

REGISTERS = ("K1", "K2")
DAYS = (1, 2, 3)
TILLS = [(register, day) for register in REGISTERS for day in DAYS]
GROUPS = {"12": "food", "25": "wine", "6": "snack"}
PAID_ON = {1686, 1580, 1910, 1930}
VAT_ON = {"12": 2621, "25": 2611, "6": 2631}
WHOLE_MAP = [
    a_mapping("payment_method", "card", 1686),
    a_mapping("payment_method", "cash", 1910),
    a_mapping("payment_method", "swish", 1930),
    a_mapping("article_group", "food", 3002),
    a_mapping("article_group", "wine", 3001),
    a_mapping("article_group", "snack", 3003),
    *(a_mapping("vat_rate", rate, account) for rate, account in VAT_ON.items()),
    a_mapping("event", "tip", 2820),
]
TROUBLES: list[Json] = [
    {"name": "lose_answer_after_booking"},
    {"name": "fail_after_booking", "status": 502},
    {"name": "book_late", "after_seconds": 40},
]
# In `make test` the same histories every time; HISTORIES=500 draws so many new ones.
DRAWN = int(os.environ.get("HISTORIES", "0"))


class History(RuleBasedStateMachine):
    """A shop of two registers over three days; every step is something that happens to real shops."""

    opened: Opened
    begin: Open

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        url, self.drop = type(self).begin()
        self.world: World = self.do(self.stack.enter_async_context(a_world(url, kept=type(self).opened.kept)))
        self.sold: dict[tuple[str, int], list[Json]] = {key: [] for key in TILLS}
        self.undelivered: dict[str, Json] = {}
        self.revisions: Counter[tuple[str, int]] = Counter()
        self.counted: dict[tuple[str, int], int] = {}
        self.is_never_booked = False

    def do(self, doing: Coroutine[Any, Any, T]) -> T:
        """Let something happen in the world."""
        return self.runner.run(doing)

    # The till

    @rule(
        key=st.sampled_from(TILLS),
        method=st.sampled_from(["card", "card", "cash", "swish"]),
        rate=st.sampled_from(["12", "12", "25", "6"]),
        gross=st.sampled_from([11200, 9950, 1, 0, -11200, 4567]),
        tip=st.sampled_from([0, 0, 500]),
    )
    def sell(self, key: tuple[str, int], method: str, rate: str, gross: int, tip: int) -> None:
        """Sell, refund or give away; the till tells of it later."""
        number = len(self.sold[key]) + 1
        sale = a_sale(GROUPS[rate], rate, gross, vat_of(abs(gross), rate) * (-1 if gross < 0 else 1))
        one = a_transaction(
            number,
            sales=[sale],
            events=[an_event("tip", tip)] if tip else [],
            payments=[a_payment(method, gross + tip)],
            register=key[0],
            session=session_of(key),
            business_date=day_of(key),
        )
        self.sold[key].append(one)
        self.undelivered[one["transaction_id"]] = one

    @precondition(lambda self: self.undelivered)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """Tell some of what was sold, in any order, some of it twice."""
        ids = data.draw(st.lists(st.sampled_from(sorted(self.undelivered)), min_size=1, max_size=6))
        self.tell(a_batch([self.undelivered[one] for one in dict.fromkeys(ids)]))
        for one in ids:
            self.undelivered.pop(one, None)

    @rule(key=st.sampled_from(TILLS))
    def tell_again(self, key: tuple[str, int]) -> None:
        """Tell a whole session again, as a till does that has lost its place."""
        told = [one for one in self.sold[key] if one["transaction_id"] not in self.undelivered]
        if told:
            self.tell(a_batch(reversed(told)))

    @rule(key=st.sampled_from(TILLS), carries=st.booleans())
    def close(self, key: tuple[str, int], *, carries: bool) -> None:
        """Close a session, or correct its close: the report counts what was sold, told or not."""
        self.revisions[key] += 1
        self.counted[key] = len(self.sold[key])
        missing = [one for one in self.sold[key] if one["transaction_id"] in self.undelivered]
        more: Json = {"transactions": missing} if carries else {}
        close = a_close(
            self.sold[key], session_of(key), day=day_of(key), revision=self.revisions[key], **more
        )
        self.tell(close)
        if carries:
            for one in missing:
                del self.undelivered[one["transaction_id"]]

    def tell(self, delivery: Json) -> None:
        answer = self.do(self.world.send(delivery))
        assert answer.status_code == 202, answer.text

    # People

    @rule()
    def click(self) -> None:
        """Export by hand."""
        assert self.do(self.world.call("POST", "/exports")).status_code in {200, 202}

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """Reverse a booked voucher: its sales are booked anew by the accounts of then."""
        shown = self.do(self.world.vouchers())
        free = [
            one["voucher_id"]
            for one in shown
            if one["state"] == "booked" and not (one["reverses"] or one["reversed_by"])
        ]
        if free:
            voucher_id = data.draw(st.sampled_from(free))
            self.do(self.world.ok("POST", f"/vouchers/{voucher_id}/reversal", {"reason": "Fel konto"}))

    @rule(account=st.sampled_from([1686, 1580]))
    def move_the_cards(self, account: int) -> None:
        """Choose another account for cards: what is booked stays where it is."""
        self.do(self.world.ok("PUT", "/mappings/payment_method/card", {"account": account}))

    @rule(key=st.sampled_from(["swish", "cash"]))
    def forget_an_account(self, key: str) -> None:
        """Take a choice back: what needs it waits."""
        self.do(self.world.call("DELETE", f"/mappings/payment_method/{key}"))

    @rule()
    def choose_all_accounts(self) -> None:
        """Choose everything anew."""
        self.do(self.world.ok("PUT", "/mappings", {"mappings": WHOLE_MAP}))

    @rule(day=st.sampled_from(DAYS))
    def move_the_start(self, day: int) -> None:
        """Begin the books another day."""
        self.do(self.world.ok("PATCH", "/integration/settings", {"start_on": f"2026-10-0{day}"}))

    # Fortnox

    @rule(trouble=st.sampled_from(TROUBLES))
    def lose_an_answer(self, trouble: Json) -> None:
        """Have the next booking go wrong in one of the ways that leave doubt."""
        self.do(self.world.switch(**trouble))

    @precondition(lambda self: not self.is_never_booked)
    @rule()
    def book_nothing(self) -> None:
        """Have Fortnox answer nothing and book nothing: once, for twice is a person's to decide (row 10)."""
        self.is_never_booked = True
        self.do(self.world.switch("never_book"))

    @rule(active=st.booleans())
    def switch_an_account(self, *, active: bool) -> None:
        """Have a person switch an account off or on in Fortnox."""
        self.do(self.world.control("PATCH", "/accounts/3002", {"active": active}))

    # The service

    @rule()
    def work(self) -> None:
        """Let the worker sweep."""
        self.do(self.world.work())

    @rule(hours=st.sampled_from([1, 3]))
    def wait(self, hours: int) -> None:
        """Let time pass and the worker work."""
        self.do(self.world.work_for(hours=hours))

    @rule()
    def restart(self) -> None:
        """Have another process take over."""
        self.do(self.world.restart())

    # The end

    def teardown(self) -> None:
        """Bring everything to rest, and look whether the books are right."""
        try:
            self.come_to_rest()
            self.do(self.check())
        finally:
            self.do(self.stack.aclose())
            self.runner.close()
            self.drop()

    def come_to_rest(self) -> None:
        """Tell what was not told, close what is open, choose what is missing, cure what is broken."""
        self.do(hold(self.world))
        for key in TILLS:
            if self.counted.get(key) != len(self.sold[key]):
                self.close(key, carries=True)
        if self.undelivered:
            self.tell(a_batch(self.undelivered.values()))
        self.switch_an_account(active=True)
        self.choose_all_accounts()
        self.move_the_start(1)
        self.do(self.world.work_for(hours=30))

    async def check(self) -> None:
        await hold(self.world)
        assert await self.world.faults() == []
        assert {one["state"] for one in await self.world.vouchers()} <= {"booked", "empty", "dismissed"}
        shown = await self.world.integration()
        assert shown["unbooked"]["transactions"] == 0
        assert shown["unbooked"]["at_rest"] is True
        assert await self.in_fortnox() == self.by_the_till()

    async def in_fortnox(self) -> Counter[str]:
        """Sum what stands in Fortnox: all that was paid, and the VAT of each rate."""
        sums: Counter[str] = Counter()
        for row in (row for one in await self.world.booked() for row in one["rows"]):
            debit = row["debit"] - row["credit"]
            sums["paid"] += debit if row["account"] in PAID_ON else 0
            for rate, account in VAT_ON.items():
                sums[rate] -= debit if row["account"] == account else 0
        return sums

    def by_the_till(self) -> Counter[str]:
        """Sum the same from what was sold."""
        sums: Counter[str] = Counter({"paid": 0, **dict.fromkeys(VAT_ON, 0)})
        for one in (one for sold in self.sold.values() for one in sold):
            sums["paid"] += sum(line["amount"] for line in one["payments"])
            for line in one["sales"]:
                sums[line["vat_rate"]] += line["vat"]
        return sums


def session_of(key: tuple[str, int]) -> str:
    return f"{key[0]}-{500 + key[1]}"


def day_of(key: tuple[str, int]) -> str:
    return f"2026-10-0{key[1]}"


def test_any_history_ends_with_each_sale_booked_once_on_sqlite(sqlite_shop: Opened, tmp_path: Path) -> None:
    def begin() -> tuple[str, Callable[[], None]]:
        copy = shutil.copy(sqlite_shop.database, tmp_path / f"{secrets.token_hex(6)}.db")
        return f"sqlite+aiosqlite:///{copy}", Path(copy).unlink

    run(sqlite_shop, begin, examples=14)


def run(opened: Opened, begin: Open, examples: int) -> None:
    machine = type("History", (History,), {"opened": opened, "begin": staticmethod(begin)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=DRAWN or examples,
            stateful_step_count=25,
            deadline=None,
            derandomize=not DRAWN,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_any_history_ends_with_each_sale_booked_once_on_postgresql(
    postgres_shop: Opened, postgres_server: Postgres
) -> None:
    def begin() -> tuple[str, Callable[[], None]]:
        name = f"{postgres_shop.database}_{secrets.token_hex(4)}"
        url = postgres_server.create(name, template=postgres_shop.database)
        return url, lambda: postgres_server.drop(name)

    run(postgres_shop, begin, examples=6)
