"""What a delivery told that can't be taken as it is, as faults for people to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fortnox_sync.accounting.money import total
from fortnox_sync.accounting.till import EntryType
from fortnox_sync.fault.facts import DeliveryFacts, UnbalancedFacts
from fortnox_sync.fault.model import DeliveryUnreadable, TransactionUnbalanced
from fortnox_sync.fault.parts import TillRegister
from fortnox_sync.intake.contents import Contents
from fortnox_sync.intake.payload import Transaction


def faults_of(
    delivery_id: str, received_at: datetime, contents: Contents
) -> Iterator[DeliveryUnreadable | TransactionUnbalanced]:
    """Yield a fault for each transaction that does not balance, and one for all that can't be read."""
    for transaction in contents.unbalanced:
        yield TransactionUnbalanced(facts=_unbalanced(transaction))
    unread = [one for one in contents.problems if one.code == "delivery_unreadable"]
    if unread:
        more = f" (and {len(unread) - 1} more)" if len(unread) > 1 else ""
        problem = f"{unread[0].at}: {unread[0].message}{more}".removeprefix(": ")
        named = {one.transaction_id for one in unread if one.transaction_id}
        is_only_of_them = all(one.transaction_id for one in unread)
        facts = DeliveryFacts(
            delivery_id=delivery_id,
            received_at=received_at,
            problem=problem,
            transaction_ids=tuple(sorted(named)) if is_only_of_them else (),
        )
        yield DeliveryUnreadable(facts=facts)


def _unbalanced(transaction: Transaction) -> UnbalancedFacts:
    entries = transaction.entries
    return UnbalancedFacts(
        transaction_id=transaction.transaction_id,
        session_id=transaction.session_id,
        till_register=TillRegister(register_id=transaction.register_id),
        business_date=transaction.business_date,
        paid_ore=total(e.amount for e in entries if e.type is EntryType.PAYMENT).ore,
        sold_ore=total(e.amount for e in entries if e.type is not EntryType.PAYMENT).ore,
    )
