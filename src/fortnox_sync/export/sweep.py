"""The sweep: a worker serves every lane that is due, whether or not anybody rang."""

from __future__ import annotations

import asyncio
import os
import socket

from fortnox_sync.connection import lane
from fortnox_sync.connection.lane import LeaseLostError
from fortnox_sync.export.overdue import tell_overdue
from fortnox_sync.export.turn import Counter
from fortnox_sync.runtime.database import Database
from fortnox_sync.runtime.ids import new_id
from fortnox_sync.runtime.telemetry import log


def worker_name() -> str:
    """Name a worker so that an operator finds its process; no two share a name."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{new_id()[-8:]}"


async def sweep(
    database: Database, counter: Counter, owner: str, stopping: asyncio.Event | None = None
) -> int:
    """Serve lane after lane until none is due, or until asked to stop; return how many turns were taken."""
    turns = 0
    while not (stopping and stopping.is_set()):
        await _tell_overdue(database)
        await counter.memory.check()
        lease = await lane.claim(database, owner)
        if lease is None:
            break
        turns += 1
        try:
            await counter.serve(lease, stopping)
        except LeaseLostError:
            log.warning("lane.lost", company_id=lease.company_id, epoch=lease.epoch)
        except Exception:  # noqa: BLE001 - one company's trouble must not stop the others
            # The lease runs out and somebody looks again.
            log.exception("lane.failed", company_id=lease.company_id, epoch=lease.epoch)
    return turns


async def _tell_overdue(database: Database) -> None:
    """Tell which days should have closed; should that fail, what has closed is booked all the same."""
    try:
        await tell_overdue(database)
    except Exception:  # noqa: BLE001 - as above; the next turn tries again
        log.exception("watch.failed")
