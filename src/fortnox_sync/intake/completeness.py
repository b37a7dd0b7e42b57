"""A Z report against the transactions behind it: equal to the öre, or not complete."""

from __future__ import annotations

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.till import Difference, Tally, differences, merged, totals_of
from fortnox_sync.intake.payload import Totals


def reported(totals: Totals) -> dict[str, Money]:
    """Spell a Z report's sums as the ledger spells its own."""
    sums: dict[str, Money] = {}
    for sale in totals.sales:
        merged(sums, f"sales:{sale.vat_rate}", Money(sale.gross))
        merged(sums, f"vat:{sale.vat_rate}", Money(sale.vat))
    for payment in totals.payments:
        merged(sums, f"payment:{payment.payment_method_id}", Money(payment.amount))
    for event in totals.events:
        merged(sums, f"event:{event.event_id}", Money(event.amount))
    return sums


def compare(totals: Totals, tallies: tuple[Tally, ...]) -> tuple[Difference, ...]:
    """List where the report and the ledger disagree; nothing where they agree."""
    return differences(reported(totals), totals_of(tallies))
