"""What the shop sells on a voyage, and what its books must say of it in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.factories import a_batch, a_payment, a_sale, a_transaction, an_event, vat_of
from tests.little_shop import CARD, CASH, SALES, TIPS, VAT, a_close

Json = dict[str, Any]
_AMOUNTS = (11200, 9950, 4567, 1, 0, -11200, 100_000_00)
_DAYS = 12
_REGISTERS = ("K1", "K2")
_MOST_SALES = 6


@dataclass(frozen=True, slots=True)
class Voyage:
    """The sales of some days, and the deliveries that tell of them, in no order at all."""

    sold: tuple[Json, ...]
    deliveries: tuple[Json, ...]

    @property
    def by_account(self) -> Counter[int]:
        """Return what the accounts must hold in the end, debit less credit, in öre."""
        sums: Counter[int] = Counter()
        for one in self.sold:
            for paid in one["payments"]:
                sums[CARD if paid["payment_method_id"] == "card" else CASH] += paid["amount"]
            for line in one["sales"]:
                sums[SALES] -= line["gross"] - line["vat"]
                sums[VAT] -= line["vat"]
            for event in one["events"]:
                sums[TIPS] -= event["amount"]
        return sums


def a_voyage(chance: Random) -> Voyage:
    """Draw what is sold on two registers in six days, and how the till happens to tell of it."""
    sold: list[Json] = []
    deliveries: list[Json] = []
    for day in range(_DAYS):
        for register in _REGISTERS:
            session, on = f"{register}-{500 + day}", f"2026-10-{day + 1:02d}"
            receipts = [
                _a_receipt(chance, number + 1, register, session, on)
                for number in range(chance.randint(1, _MOST_SALES))
            ]
            sold += receipts
            cut = chance.randrange(len(receipts) + 1)
            batches = [part for part in (receipts[:cut], receipts[cut:]) if part]
            deliveries += [a_batch(part) for part in batches]
            deliveries.append(a_close(receipts, session, day=on))
    chance.shuffle(deliveries)
    return Voyage(tuple(sold), tuple(deliveries))


def _a_receipt(chance: Random, number: int, register: str, session: str, on: str) -> Json:
    gross = chance.choice(_AMOUNTS)
    tip = chance.choice([0, 0, 0, 500])
    vat = vat_of(abs(gross), "12") * (-1 if gross < 0 else 1)
    return a_transaction(
        number,
        sales=[a_sale("food", "12", gross, vat)],
        events=[an_event("tip", tip)] if tip else [],
        payments=[a_payment(chance.choice(["card", "card", "cash"]), gross + tip)],
        register=register,
        session=session,
        business_date=on,
    )
