"""The play: connect a company, send its day, wait until it is booked, and look at both sides."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from fortnox_sync.demo import books as fortnox
from fortnox_sync.demo import case as cases
from fortnox_sync.demo.backoffice import BackOffice, BackOfficeError
from fortnox_sync.demo.case import Case, CaseError
from fortnox_sync.demo.outcome import Outcome, compare
from fortnox_sync.demo.show import Show
from fortnox_sync.demo.stage import Stage, StageError, staged
from fortnox_sync.demo.till import Till, TillError
from fortnox_sync.runtime import telemetry
from fortnox_sync.settings import SettingsError

_PORT = 8000
_LOOK_EVERY_S = 0.1
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the till, the BackOffice and the books in Fortnox."""

    case: Case
    till: Till
    backoffice: BackOffice
    books: fortnox.Books


class TooSlowError(Exception):
    """The day is not booked, and nothing moves any more."""


def run(path: Path | None, *, once: bool, as_json: bool, port: int | None) -> int:
    """Play a case; return 0 when both sides agree, 1 when they differ, 2 when it can't be played here."""
    telemetry.configure("CRITICAL" if as_json else "ERROR", "console")
    show = Show(quiet=as_json)
    # Ended by a supervisor it cleans up after itself, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        case = cases.read(path)
        return asyncio.run(_play(case, show, once=once, port=_port_for(port, once=once)))
    except (CaseError, StageError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (BackOfficeError, TillError, TooSlowError, httpx.HTTPError) as error:
        sys.stderr.write(f"The demonstration broke off: {error}\n")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


def _port_for(port: int | None, *, once: bool) -> int | None:
    """Serve where people look for it; a run that ends by itself takes any port that is free."""
    return port if port is not None or once else _PORT


async def _play(case: Case, show: Show, *, once: bool, port: int | None) -> int:
    async with staged(port) as stage, _cast(case, stage) as cast:
        show.opening(case, stage)
        first = await _first_time(cast, show)
        again = await _second_time(cast, show, first)
        agrees = first.agrees and again
        show.closing(agrees=agrees)
        if not once:
            show.where_to_look(stage, cast.books.database_number)
            await asyncio.Event().wait()
    return 0 if agrees else 1


@asynccontextmanager
async def _cast(case: Case, stage: Stage) -> AsyncIterator[Cast]:
    timeout = httpx.Timeout(60)
    async with (
        httpx.AsyncClient(base_url=stage.api_url, timeout=timeout, trust_env=False) as api,
        httpx.AsyncClient(base_url=stage.simulator_url, timeout=timeout, trust_env=False) as simulator,
    ):
        books = await fortnox.found(simulator, stage.settings, case)
        secret = stage.settings.till_webhook_secrets[0].get_secret_value()
        backoffice = BackOffice(api, stage.settings, stage.signing_key, case.company_id)
        if not stage.is_own_database:
            backoffice.company_id = await _unused_id(backoffice, case.company_id)
        yield Cast(case, Till(api, secret), backoffice, books)


async def _unused_id(backoffice: BackOffice, wanted: str) -> str:
    """Stand in for the company under a new id where the database has seen it in an earlier run."""
    taken = 1
    while await backoffice.is_known():
        taken += 1
        backoffice.company_id = f"{wanted}-{taken}"
    return backoffice.company_id


async def _first_time(cast: Cast, show: Show) -> Outcome:
    with show.working() as doing:
        doing("The till announces its catalogue")
        for delivery in _catalogs(cast.case):
            await cast.till.send(delivery, cast.backoffice.company_id)
        doing("BackOffice connects the company: consent in Fortnox")
        await cast.backoffice.connect(cast.books.database_number)
        doing("BackOffice sets series, start date, accounts and cost centres")
        start_on = str(cast.case.business_dates[0])
        await cast.backoffice.set_up(start_on, cast.case.mapping, cast.case.cost_centers, fortnox.SERIES)
        doing("The till sends its day")
        await _send_all(cast)
        doing("The day is booked")
        shown = await _rest(cast)
    outcome = await _look(cast, shown)
    show.vouchers(outcome, await cast.books.account_names())
    show.sums(outcome)
    show.faults(outcome)
    return outcome


async def _second_time(cast: Cast, show: Show, first: Outcome) -> bool:
    """Play the same day again, under new webhook ids; tell whether nothing came of it."""
    with show.working() as doing:
        doing("The till sends the same day once more")
        await _send_all(cast)
        shown = await _rest(cast)
    again = await _look(cast, shown)
    unchanged = [part.booked for part in again.parts] == [part.booked for part in first.parts]
    show.second_time(len(first.parts), len(again.parts) + len(again.strangers))
    show.as_json(again)
    return unchanged and again.strangers == first.strangers


def _catalogs(case: Case) -> list[dict[str, Any]]:
    return [delivery for delivery in case.deliveries if delivery["type"] == "catalog.changed"]


async def _send_all(cast: Cast) -> None:
    for delivery in cast.case.deliveries:
        await cast.till.send(delivery, cast.backoffice.company_id)


async def _rest(cast: Cast) -> dict[str, Any]:
    """Wait until nothing moves any more: all is booked and read back, or held by a fault."""
    moved_at, last = time.monotonic(), None
    while time.monotonic() - moved_at < _PATIENCE_S:
        shown = await cast.backoffice.integration()
        if shown["unbooked"]["at_rest"]:
            return shown
        if shown["unbooked"] != last:
            moved_at, last = time.monotonic(), shown["unbooked"]
        await asyncio.sleep(_LOOK_EVERY_S)
    raise TooSlowError(f"nothing has moved for {_PATIENCE_S:.0f} seconds, and the day is not booked")


async def _look(cast: Cast, shown: dict[str, Any]) -> Outcome:
    vouchers = await cast.backoffice.vouchers()
    return compare(cast.case, await cast.books.vouchers(), vouchers, shown["faults"])
