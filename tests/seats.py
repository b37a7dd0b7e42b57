"""Apps made once a process and lent to one world after another: making routes takes longer than most tests.

An app keeps nothing of its own: all that can change is in the parts of the service it was made around, and
in the simulated world. So a seat lends the app twins of those parts, which become the parts of whoever sits.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

from fastapi import FastAPI

from fortnox_sync.app import create_app
from fortnox_sync.bootstrap import Service
from fortnox_sync.simulator import SimulatedFortnox
from fortnox_sync.simulator import create_app as create_simulator

_free: dict[Hashable, list[Seat]] = {}
_free_simulators: list[SimulatedFortnox] = []


class Seat:
    """An app around twins, which are the parts of whichever service sits here."""

    def __init__(self, service: Service) -> None:
        """Make the app; two parts are taken out of others while it is made, so these have their twins too."""
        self._twins = {name: _twin(part) for name, part in _parts(service).items()}
        self.sit(service)
        clock, tokens = self._twins.pop("clock"), self._twins.pop("tokens")
        database, link = self._twins["database"], self._twins["link"]
        database.__dict__ = {**database.__dict__, "clock": clock}
        link.__dict__ = {**link.__dict__, "tokens": tokens}
        self.app = create_app(replace(service, **self._twins))
        self._twins |= {"clock": clock, "tokens": tokens}

    def sit(self, service: Service) -> None:
        """Let every twin be the service's part, down to what it remembers."""
        for name, part in _parts(service).items():
            _become(self._twins[name], part)


def _parts(service: Service) -> dict[str, Any]:
    """Name everything that routes may hold on to; the settings they only read while they are made."""
    parts = {
        field.name: getattr(service, field.name) for field in fields(service) if field.name != "settings"
    }
    return {**parts, "clock": service.database.clock, "tokens": service.link.tokens}


@contextmanager
def seated(service: Service) -> Iterator[FastAPI]:
    """Lend an app around a service; worlds that are there at once have one each."""
    settings = service.settings
    free = _free.setdefault((settings.backoffice_return_urls, settings.backoffice_origins), [])
    seat = free.pop() if free else Seat(service)
    seat.sit(service)
    yield seat.app
    free.append(seat)


@contextmanager
def a_simulator() -> Iterator[SimulatedFortnox]:
    """Lend a simulated Fortnox; whoever takes it puts a world of their own in it."""
    fortnox = _free_simulators.pop() if _free_simulators else create_simulator()
    yield fortnox
    _free_simulators.append(fortnox)


def _twin(part: Any) -> Any:
    """Make an empty one of the same kind."""
    return object.__new__(type(part))


def _become(twin: Any, part: Any) -> None:
    """Share what the part remembers; one that is frozen remembers only what it was made of."""
    if type(twin) is not type(part):
        raise TypeError(f"a {type(part).__name__} cannot sit where a {type(twin).__name__} was")
    if is_dataclass(part) and not hasattr(part, "__dict__"):
        for field in fields(part):
            object.__setattr__(twin, field.name, getattr(part, field.name))
    else:
        twin.__dict__ = part.__dict__
