"""Everything there is in one simulated Fortnox."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fortnox_sync.simulator import refusals
from fortnox_sync.simulator.chance import Chance
from fortnox_sync.simulator.clock import Clock
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.delivery import Delivery, Sleep, Whole
from fortnox_sync.simulator.rate_window import RateWindow
from fortnox_sync.simulator.request_ledger import SeenRequest
from fortnox_sync.simulator.switches import Switchboard
from fortnox_sync.simulator.tokens import ClientApp, Tokens


@dataclass(frozen=True, slots=True)
class Postponed:
    """Work that was accepted and is done later."""

    due_at: datetime
    work: Callable[[datetime], None]


@dataclass(slots=True)
class Exchange:
    """One request on its way through: what the ledger will say of it, and how its answer is to travel."""

    seen: SeenRequest
    delivery: Delivery = field(default_factory=Whole)


class World:
    """Apps, companies, tokens, switches and what happened so far."""

    def __init__(self, seed: int, clock: Clock, sleep: Sleep) -> None:
        self.seed = seed
        self.clock = clock
        self.sleep = sleep
        self.chance = Chance(seed)
        # Request ids come from a stream of their own, so that one more request changes no token.
        self.request_ids = Chance(seed + 1)
        self.client_apps: dict[str, ClientApp] = {}
        self.companies: dict[int, Company] = {}
        self.tokens = Tokens(self.chance, clock.now)
        self.window = RateWindow()
        self.switches = Switchboard()
        self.requests: list[SeenRequest] = []
        self._postponed: list[Postponed] = []

    def begin_again(self) -> "World":
        """Make an empty world of the same seed and clock."""
        return World(self.seed, Clock(self.clock.source), self.sleep)

    def postpone(self, due_at: datetime, work: Callable[[datetime], None]) -> None:
        """Do some work when the clock has passed a moment."""
        self._postponed.append(Postponed(due_at, work))

    def settle(self) -> None:
        """Do the work that is due, in the order it fell due."""
        now = self.clock.now()
        due = sorted((one for one in self._postponed if one.due_at <= now), key=lambda one: one.due_at)
        self._postponed = [one for one in self._postponed if one.due_at > now]
        for one in due:
            try:
                one.work(one.due_at)
            except refusals.RefusedError:
                continue  # the books have changed since; nobody listens any more
