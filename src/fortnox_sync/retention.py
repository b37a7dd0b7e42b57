"""Retention: what nobody needs any more is let go of; what the law wants kept is not touched.

Vouchers, sales, day closes, reports, the audit log and everything else that tells how the books came to be
stay for seven years and are deleted by nothing here (BFL 5 kap. 11 § and 7 kap. 2 §, docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from fortnox_sync.connection import leftovers
from fortnox_sync.intake import raw
from fortnox_sync.runtime import events
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.telemetry import log
from fortnox_sync.settings import Settings
from fortnox_sync.web import idempotency

LettingGo = Callable[[Database], Awaitable[int]]


async def let_go(database: Database, settings: Settings) -> Mapping[str, int]:
    """Let go of everything that is due; return and log how much. What fails does not hold up the rest."""
    counts: dict[str, int] = {}
    for name, letting_go in _ways(settings).items():
        try:
            counts[name] = await letting_go(database)
        except Exception:  # noqa: BLE001 - an hour later it is tried again
            log.exception("retention.failed", what=name)
    if any(counts.values()):
        log.info("retention.let_go", **counts)
    return counts


def _ways(settings: Settings) -> Mapping[str, LettingGo]:
    kept = timedelta(days=settings.raw_deliveries_kept_days)
    return {
        "bodies": partial(raw.empty, kept=kept),
        "consents": leftovers.forget_consents,
        "lists": leftovers.forget_lists,
        "idempotency_keys": idempotency.prune,
        "events": events.prune,
    }
