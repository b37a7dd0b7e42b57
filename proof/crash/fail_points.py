"""The named places in the walk at which a process can die: every step, and its moments around the COMMIT."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Role = Literal["serve", "worker"]
ANY = "*"


class Moment(StrEnum):
    """How far a step has come."""

    BEFORE = "before"
    DURING = "in the middle"  # asked abroad, not answered yet
    WRITTEN = "before COMMIT"  # everything is written and nothing is certain
    COMMITTED = "after COMMIT"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class FailPoint:
    """A moment of a step; the place is where the code looks the step up when it takes it."""

    step: str
    place: str
    moment: Moment
    row: int
    role: Role = "worker"
    # Nothing at this place tells which company it is about.
    is_anybodys: bool = False

    @property
    def name(self) -> str:
        """Name it as the findings do."""
        return f"{self.step}, {self.moment}"


class Trouble(StrEnum):
    """What the simulated Fortnox does to POSTs, so that a place is come by at all."""

    SLOW = "answers slowly"
    ANSWER_LOST = "loses answers"
    REQUEST_LOST = "loses a request"


@dataclass(frozen=True, slots=True)
class Story:
    """What befalls one shop: at each of these places a process that serves it dies, one after the other."""

    what: str
    points: tuple[FailPoint, ...]
    trouble: Trouble | None = None
    days: int = 1
    # The owner asks for an export by hand before the day is closed.
    has_click: bool = False
    # The owner asks to have the books compared, again and again.
    is_compared: bool = False


_BEFORE, _DURING, _AFTER = Moment.BEFORE, Moment.DURING, Moment.AFTER
_WRITTEN, _COMMITTED = Moment.WRITTEN, Moment.COMMITTED
_TURN = "fortnox_sync.export.turn"
_PUSH = "fortnox_sync.export.push"
_RESOLVE = "fortnox_sync.export.resolve"
_RECONCILE = "fortnox_sync.export.reconcile"
_LANE = "fortnox_sync.connection.lane"
_STORE = "fortnox_sync.intake.inbox:Inbox._store"
_RING = "fortnox_sync.runtime.bell:ArqBell.ring"
_CLICK = "fortnox_sync.export.routes.exports:once"
_KEEP = "fortnox_sync.connection.grants:Grants.keep_access"
_POST = "fortnox_sync.fortnox.client:FortnoxClient.create_voucher"

RING = FailPoint("ring the bell", _RING, _BEFORE, 21, "serve", is_anybodys=True)
INTENT_WRITTEN = FailPoint("intent", f"{_PUSH}:_intend", _WRITTEN, 1)
INTENT_COMMITTED = FailPoint("intent", f"{_PUSH}:_intend", _COMMITTED, 2)
BEFORE_THE_INTENT = FailPoint("intent", f"{_PUSH}:_intend", _BEFORE, 1)
BEFORE_THE_POST = FailPoint("POST", _POST, _BEFORE, 2)
IN_THE_POST = FailPoint("POST", _POST, _DURING, 3)
STORE = FailPoint("store a delivery", _STORE, _BEFORE, 1, "serve")
STORE_WRITTEN = FailPoint("store a delivery", _STORE, _WRITTEN, 1, "serve")
PLAN_WRITTEN = FailPoint("plan", f"{_TURN}:plan", _WRITTEN, 1)
OUTCOME_WRITTEN = FailPoint("outcome: booked", f"{_PUSH}:_created", _WRITTEN, 4)
# A voucher whose try is lost like this twice is for a person to decide on: one shop has one of them.
NEVER_SENT = (INTENT_COMMITTED, BEFORE_THE_POST)

STORIES = (
    Story(
        "the door",
        (STORE, STORE_WRITTEN, FailPoint("store a delivery", _STORE, _COMMITTED, 1, "serve"), RING),
    ),
    Story(
        "a click",
        (
            FailPoint("take a click", _CLICK, _BEFORE, 38, "serve"),
            FailPoint("take a click", _CLICK, _WRITTEN, 38, "serve"),
            FailPoint("take a click", _CLICK, _COMMITTED, 38, "serve"),
        ),
        has_click=True,
    ),
    Story(
        "from the claim to the plan",
        (
            FailPoint("claim the lane", f"{_LANE}:claim", _WRITTEN, 1, is_anybodys=True),
            FailPoint("claim the lane", f"{_LANE}:claim", _COMMITTED, 1, is_anybodys=True),
            FailPoint("look again", f"{_TURN}:look_again", _BEFORE, 1),
            FailPoint("keep a token", _KEEP, _BEFORE, 1),
            FailPoint("keep a token", _KEEP, _WRITTEN, 1),
            FailPoint("keep a token", _KEEP, _COMMITTED, 1),
        ),
    ),
    Story(
        "planning",
        (
            FailPoint("plan", f"{_TURN}:plan", _BEFORE, 1),
            PLAN_WRITTEN,
            FailPoint("plan", f"{_TURN}:plan", _COMMITTED, 1),
            FailPoint("doubt what is unfinished", f"{_TURN}:doubt_unfinished", _WRITTEN, 1),
            FailPoint("doubt what is unfinished", f"{_TURN}:doubt_unfinished", _COMMITTED, 1),
        ),
    ),
    Story(
        "the intent",
        (
            FailPoint("preflight", f"{_PUSH}:preflight", _BEFORE, 1),
            FailPoint("preflight", f"{_PUSH}:preflight", _AFTER, 1),
            INTENT_WRITTEN,
            INTENT_COMMITTED,
        ),
    ),
    Story(
        "reading back",
        (
            BEFORE_THE_POST,
            FailPoint("verify", f"{_TURN}:verify", _BEFORE, 5),
            FailPoint("verify", f"{_TURN}:verify", _WRITTEN, 5),
            FailPoint("verify", f"{_TURN}:verify", _COMMITTED, 5),
            FailPoint("let in", f"{_TURN}:let_in", _BEFORE, 5),
            FailPoint("let in", f"{_TURN}:let_in", _AFTER, 5),
        ),
        days=3,
    ),
    Story(
        "the answer",
        (
            IN_THE_POST,
            FailPoint("POST", _POST, _AFTER, 4),
            OUTCOME_WRITTEN,
            FailPoint("outcome: booked", f"{_PUSH}:_created", _COMMITTED, 5),
        ),
        trouble=Trouble.SLOW,
        days=5,
    ),
    Story(
        "looking up",
        (
            FailPoint("outcome: no answer", f"{_PUSH}:_write_down", _WRITTEN, 5),
            FailPoint("outcome: no answer", f"{_PUSH}:_write_down", _COMMITTED, 5),
            FailPoint("resolve", f"{_TURN}:resolve", _BEFORE, 5),
            FailPoint("resolve: look", f"{_RESOLVE}:_look", _AFTER, 5),
            FailPoint("resolve: found", f"{_RESOLVE}:_found", _WRITTEN, 5),
            FailPoint("resolve: found", f"{_RESOLVE}:_found", _COMMITTED, 5),
        ),
        trouble=Trouble.ANSWER_LOST,
        days=6,
    ),
    Story(
        "waiting",
        (
            FailPoint("resolve: wait", f"{_RESOLVE}:_wait", _WRITTEN, 5),
            FailPoint("resolve: wait", f"{_RESOLVE}:_wait", _COMMITTED, 5),
        ),
        trouble=Trouble.REQUEST_LOST,
    ),
    Story(
        "the fence",
        (
            FailPoint("resolve: at the fence", f"{_RESOLVE}:_at_the_fence", _BEFORE, 5),
            FailPoint("resolve: at the fence", f"{_RESOLVE}:_at_the_fence", _COMMITTED, 5),
            FailPoint("resolve: proven absent", f"{_RESOLVE}:_why_not_again", _BEFORE, 5),
        ),
        trouble=Trouble.REQUEST_LOST,
    ),
    Story(
        "reconciling",
        (
            FailPoint("reconcile", f"{_TURN}:reconcile", _BEFORE, 5),
            FailPoint("reconcile: read back", f"{_RECONCILE}:_read_back", _WRITTEN, 5),
            FailPoint("reconcile: settle", f"{_RECONCILE}:_settle", _WRITTEN, 5),
            FailPoint("reconcile", f"{_TURN}:reconcile", _AFTER, 5),
            FailPoint("release the lane", f"{_LANE}:release", _WRITTEN, 5),
            FailPoint("release the lane", f"{_LANE}:release", _COMMITTED, 5),
        ),
        days=2,
        is_compared=True,
    ),
)
# Told for those that no story of a kill needs.
OTHERS = (BEFORE_THE_INTENT,)
FAIL_POINTS = (*(point for story in STORIES for point in story.points), *OTHERS)
