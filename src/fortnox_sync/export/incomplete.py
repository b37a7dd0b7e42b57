"""A day that can't be exported yet, because the till's report and its receipts disagree."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fortnox_sync.accounting.posting import Names
from fortnox_sync.accounting.till import Tally
from fortnox_sync.export import tally
from fortnox_sync.export.backlog import Session
from fortnox_sync.fault.facts import DayIncompleteFacts
from fortnox_sync.fault.model import DayIncomplete
from fortnox_sync.fault.parts import Difference, TillRegister
from fortnox_sync.intake.completeness import compare
from fortnox_sync.intake.payload import Totals


async def day_incomplete(
    connection: AsyncConnection,
    company_id: str,
    session: Session,
    close: Any,  # noqa: ANN401 - a row of day_close
    tallies: tuple[Tally, ...],
    register_name: str,
    names: Names,
) -> DayIncomplete | None:
    """Return the fault of a day that does not agree to the öre and to the receipt; None if it does.

    A session keeps the business day of its first close: a corrected one that moves the day is a difference.
    """
    differing = compare(Totals.model_validate(close.totals, strict=False), tallies)
    received = await tally.transaction_count(connection, company_id, close.session_id)
    moved_to = close.business_date if close.business_date != session.business_date else None
    if not differing and received == close.transaction_count and moved_to is None:
        return None
    return DayIncomplete(
        facts=DayIncompleteFacts(
            session_id=close.session_id,
            till_register=TillRegister(register_id=close.register_id, name=register_name),
            z_number=close.z_number,
            business_date=session.business_date,
            reported_on=moved_to,
            differences=tuple(
                Difference(
                    of=one.of, name=names.of_sum(one.of), till_ore=one.till.ore, ledger_ore=one.ledger.ore
                )
                for one in differing
            ),
            missing_receipts=await tally.missing_receipts(connection, company_id, close.session_id),
            transactions_reported=close.transaction_count,
            transactions_received=received,
        )
    )


def digest_of(fault: DayIncomplete) -> str:
    """Digest what differs, not how it is called: an operator accepts exactly that, and nothing more."""
    facts = fault.facts
    said = [
        [[one.of, one.till_ore, one.ledger_ore] for one in facts.differences],
        facts.missing_receipts,
        facts.transactions_reported,
        facts.transactions_received,
        facts.reported_on and facts.reported_on.isoformat(),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
