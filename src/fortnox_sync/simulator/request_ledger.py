"""Every request the simulator saw: the oracle tests compare their own story with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fortnox_sync.simulator import amounts
from fortnox_sync.simulator.books import VoucherKey
from fortnox_sync.simulator.rate_window import WINDOW


@dataclass(slots=True)
class SeenRequest:
    """One request, what was answered, and what it booked; a late booking is added when it happens."""

    uid: str
    at: datetime
    method: str
    path: str
    query: str
    tenant: int | None
    client_id: str | None
    comments: str | None = None
    status: int | None = None
    delivered: str = "whole"
    switch: str | None = None
    booked: list[VoucherKey] = field(default_factory=list)


def voucher_comments(body: bytes) -> str | None:
    """Read the Comments of a POSTed voucher, if the body has them."""
    try:
        voucher = amounts.read_json(body)
    except (ValueError, RecursionError):
        return None
    inner = voucher.get("Voucher") if isinstance(voucher, dict) else None
    comments = inner.get("Comments") if isinstance(inner, dict) else None
    return comments if isinstance(comments, str) else None


def peaks(requests: Iterable[SeenRequest]) -> dict[int, int]:
    """Count, per company, the most API requests in any 5 seconds, refused ones included."""
    times: defaultdict[int, list[datetime]] = defaultdict(list)
    for request in requests:
        if request.tenant is not None and request.path.startswith("/3/"):
            times[request.tenant].append(request.at)
    return {tenant: _peak(sorted(seen)) for tenant, seen in times.items()}


def _peak(times: list[datetime]) -> int:
    first, most = 0, 0
    for last, moment in enumerate(times):
        while times[first] <= moment - WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most
