"""The person who is asked about a voucher that nothing proves booked or absent: one look in Fortnox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def said_of(marker: str, ledger: Sequence[Json]) -> Json:
    """Say what became of a voucher: it is the one that carries its marker, or stands nowhere."""
    there = [one for one in ledger if marker in (one["comments"] or "")]
    if there:
        return {"decision": "adopt", "reason": "Står där", "number": there[0]["number"]}
    return {"decision": "send_again", "reason": "Står inte i Fortnox"}
