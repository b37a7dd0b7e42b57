"""What the service tells about its work: short named events with fields, and counters."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

DELIVERIES = Counter("fortnox_sync_deliveries_total", "Webhook deliveries by answer", ["answer"])
VOUCHERS = Counter("fortnox_sync_vouchers_total", "Vouchers by the state they reached", ["state"])
FORTNOX_CALLS = Counter("fortnox_sync_fortnox_calls_total", "Calls to Fortnox", ["method", "path", "status"])
FORTNOX_SECONDS = Histogram("fortnox_sync_fortnox_call_seconds", "Time of calls to Fortnox", ["method"])

# A field by one of these names is never written, whoever logs it.
_SECRET_FIELDS = frozenset(
    {"token", "access_token", "refresh_token", "authorization", "secret", "client_secret", "body", "code"}
)

log: structlog.stdlib.BoundLogger = structlog.get_logger("fortnox_sync")


def drop_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's processor shape
    """Remove the fields that could hold a secret or a body."""
    for name in _SECRET_FIELDS & event.keys():
        del event[name]
    return event


def configure(level: str, form: str) -> None:
    """Send events to standard error, as JSON for machines or coloured for people.

    httpx logs whole addresses at INFO, and consent codes stand in addresses; aiosqlite logs every value it
    writes at DEBUG: they are kept quiet.
    """
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            drop_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    for noisy in ("httpx", "httpcore", "uvicorn.access", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
