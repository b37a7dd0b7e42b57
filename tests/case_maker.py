"""Makes big, lifelike cases in the shape of the worked day.

`python -m tests.case_maker --days 30 > case.json` writes one. The same seed makes the same case; the vouchers
to expect come from the independent calculation.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.resources import files
from random import Random
from zoneinfo import ZoneInfo

from tests.factories import (
    COMPANY,
    Json,
    a_batch,
    a_day_close,
    a_delivery,
    a_payment,
    a_sale,
    a_transaction,
    an_event,
    body_of,
    vat_of,
)
from tests.independent import expected_vouchers

FIRST_DAY = date(2026, 10, 1)
MOST_TRANSACTIONS = 1000
_MOST_BYTES = 900_000  # a delivery holds at most 1 MiB
_SWEDEN = ZoneInfo("Europe/Stockholm")
_OPENS, _OPEN_FOR = 10, timedelta(hours=15)  # until one at night
_CENTERS = ("restaurant", "shop")
_WAYS_TO_PAY = ("card",) * 12 + ("swish",) * 4 + ("cash",) * 3 + ("gift_card", "meal_card", "invoice")
_WHAT_HAPPENS = (
    ("sale",) * 90 + ("refund",) * 4 + ("gift_card",) * 3 + ("purchase", "tip_paid_out", "exchange")
)


def make_case(
    seed: int,
    days: int,
    registers: int,
    receipts_per_day: int,
    *,
    first_day: date = FIRST_DAY,
    company_id: str = COMPANY,
) -> Json:
    """Make a case: each register sells so many receipts each day, and closes each day.

    The first days of a year are reached by a `first_day` late in December. The accounts are those of the
    worked day; a register after the second keeps its cash on the account they share.
    """
    random = Random(seed)  # noqa: S311 - chance that can be had again, no secret
    model = json.loads((files("fortnox_sync") / "demo" / "krogen-2026-10-02.json").read_text("utf-8"))
    sessions = [
        _Session(random, f"K{number}", z_number, first_day + timedelta(days=z_number - 1), company_id)
        for z_number in range(1, days + 1)
        for number in range(1, registers + 1)
    ]
    case = {
        "about": f"Made by chance, seed {seed}: {days} days, {registers} registers, "
        f"{receipts_per_day} receipts a day and register.",
        "cost_centers": model["cost_centers"],
        "mapping": model["mapping"],
        "deliveries": [
            _catalog(model, registers, first_day, company_id),
            *(delivery for session in sessions for delivery in session.deliveries(receipts_per_day)),
        ],
    }
    return case | {"expected_vouchers": expected_vouchers(case)}


def _catalog(model: Json, registers: int, first_day: date, company_id: str) -> Json:
    named = [
        {"register_id": f"K{n}", "name": f"Kassa {n}", "cost_center_id": _CENTERS[(n - 1) % len(_CENTERS)]}
        for n in range(1, registers + 1)
    ]
    data = model["deliveries"][0]["data"] | {"company_id": company_id, "registers": named}
    return a_delivery(data, at=f"{first_day - timedelta(days=1)}T08:00:00Z")


@dataclass
class _Session:
    """One register's day, as chance has it."""

    random: Random
    register: str
    z_number: int
    day: date
    company_id: str
    told: list[Json] = field(default_factory=list)

    def deliveries(self, receipts: int) -> Iterator[Json]:
        """Yield the day in batches, and its close, which may carry the last receipts."""
        moments = sorted(self._opened_at + _OPEN_FOR * self.random.random() for _ in range(receipts))
        if receipts:
            self._drawer("float", 200_000, self._opened_at, "Växel från bank")
        for moment in moments:
            self._happen(moment)
        if receipts:
            self._close_drawer()
        carried = self.told[-self.random.randint(1, 3) :] if self.random.random() < 0.25 else []
        for batch in _batches(self.told[: len(self.told) - len(carried)]):
            yield a_batch(batch, at=batch[-1]["occurred_at"], company=self.company_id)
        yield a_delivery(self._close(carried), at=self._closed_at.isoformat())

    @property
    def _opened_at(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, _OPENS, tzinfo=_SWEDEN)

    @property
    def _closed_at(self) -> datetime:
        return self._opened_at + _OPEN_FOR + timedelta(minutes=12)

    def _close(self, carried: Sequence[Json]) -> Json:
        return a_day_close(
            self.told,
            register=self.register,
            session=f"{self.register}-{self.z_number}",
            z_number=self.z_number,
            day=self.day.isoformat(),
            company_id=self.company_id,
            opened_at=self._opened_at.isoformat(),
            closed_at=self._closed_at.isoformat(),
            transactions=list(carried),
        )

    def _happen(self, moment: datetime) -> None:
        match self.random.choice(_WHAT_HAPPENS):
            case "gift_card":
                amount = self.random.choice((10_000, 25_000, 50_000, 100_000))
                self._add(moment, [a_payment("card", amount)], events=[an_event("gift_card_sold", amount)])
            case "purchase":
                self._purchase(moment)
            case "tip_paid_out":
                self._drawer(
                    "tip_paid_out", -self.random.randint(50, 500) * 100, moment, "Dricks enligt lista"
                )
            case "refund":
                self._sell(moment, -1)
            case "exchange":  # returned and sold again on one receipt: nothing is paid
                line = self._line()
                self._add(moment, [], sales=[line, _returned(line)])
            case _:
                self._sell(moment, 1)

    def _sell(self, moment: datetime, sign: int) -> None:
        lines = [self._line() for _ in range(self.random.choice((1, 1, 2, 2, 3, 5)))]
        sales = lines if sign > 0 else [_returned(line) for line in lines[:1]]
        due = sum(line["gross"] for line in sales)
        way = self.random.choice(_WAYS_TO_PAY)
        if way == "cash":
            rounding = _rounding(due)
            events = [an_event("rounding", rounding)] if rounding else []
            self._add(moment, [a_payment("cash", due + rounding)], sales=sales, events=events)
        elif way == "gift_card":
            redeemed = due // 2
            split = [a_payment("gift_card", redeemed), a_payment("card", due - redeemed)]
            self._add(moment, split, sales=sales)
        else:
            tip = self.random.randint(1, 100) * 100 if sign > 0 and self.random.random() < 0.1 else 0
            events = [an_event("tip", tip)] if tip else []
            self._add(moment, [a_payment(way, due + tip)], sales=sales, events=events)

    def _line(self) -> Json:
        """Sell something at the rate its group has that day; now and then at a discount."""
        group, rate = self.random.choice(
            (
                ("drinks", "25"),
                ("food", "12"),
                ("food", _take_away(self.day)),
                ("shop", "25"),
                ("deposit", "6"),
            )
        )
        gross = self.random.randint(1, 40) * 500 + self.random.choice((0, 0, 400, 900))
        gross -= gross * self.random.choice((0, 0, 0, 0, 10, 15)) // 100
        center = self.random.choice(_CENTERS) if self.random.random() < 0.1 else None
        return a_sale(group, rate, gross, vat_of(gross, rate), center)

    def _purchase(self, moment: datetime) -> None:
        vat = self.random.randint(100, 5_000)
        cost = [an_event("purchase_supplies", -4 * vat), an_event("input_vat", -vat)]
        self._add(
            moment, [a_payment("cash", -5 * vat)], events=cost, kind="purchase", text="Blommor, kvitto 118"
        )

    def _close_drawer(self) -> None:
        short = self.random.choice((0, 0, -200, -1_00, 5_00, -37_00))
        if short:
            counted = [an_event("cash_difference", short)]
            self._add(self._closed_at, [a_payment("cash", short)], events=counted, kind="cash_count")
        self._drawer("bank_drop", -150_000, self._closed_at, "Insättning på väg")

    def _drawer(self, event: str, amount: int, moment: datetime, text: str) -> None:
        moved = [an_event(event, amount)]
        self._add(moment, [a_payment("cash", amount)], events=moved, kind="drawer", text=text)

    def _add(
        self,
        moment: datetime,
        payments: Sequence[Json],
        *,
        sales: Sequence[Json] = (),
        events: Sequence[Json] = (),
        kind: str = "sale",
        **more: object,
    ) -> None:
        self.told.append(
            a_transaction(
                len(self.told) + 1,
                sales=sales,
                payments=payments,
                events=events,
                register=self.register,
                session=f"{self.register}-{self.z_number}",
                kind=kind,
                business_date=self.day.isoformat(),
                occurred_at=moment.isoformat(timespec="seconds"),
                **more,
            )
        )


def _take_away(day: date) -> str:
    """Return the rate of food to take away (SFS 2026:118 and 119)."""
    return "6" if date(2026, 4, 1) <= day < date(2028, 1, 1) else "12"


def _returned(line: Json) -> Json:
    return line | {"gross": -line["gross"], "vat": -line["vat"]}


def _rounding(due: int) -> int:
    """Round cash to whole kronor, 50 öre up (lag 1970:1029), a refund as its sale."""
    whole = (abs(due) + 50) // 100 * 100
    return (whole - abs(due)) * (1 if due >= 0 else -1)


def _batches(told: Sequence[Json]) -> Iterator[list[Json]]:
    """Cut transactions into deliveries of at most a thousand that stay well below 1 MiB."""
    batch: list[Json] = []
    size = 0
    for transaction in told:
        length = len(body_of(transaction))
        if len(batch) == MOST_TRANSACTIONS or size + length > _MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(transaction)
        size += length
    if batch:
        yield batch


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a case to standard output."""
    parser = argparse.ArgumentParser(prog="python -m tests.case_maker", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--registers", type=int, default=2)
    parser.add_argument("--receipts", type=int, default=100, help="a day and register")
    parser.add_argument("--first-day", type=date.fromisoformat, default=FIRST_DAY)
    parser.add_argument("--company", default=COMPANY)
    told = parser.parse_args(arguments)
    case = make_case(
        told.seed,
        told.days,
        told.registers,
        told.receipts,
        first_day=told.first_day,
        company_id=told.company,
    )
    json.dump(case, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
