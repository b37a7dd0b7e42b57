"""What the model is asked: without which safeguard, in which world, and the verdict expected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a search of all histories says."""

    HOLDS = "holds"
    TWO_VOUCHERS = "two vouchers"
    NO_VOUCHER = "booked without a voucher"
    OTHER_ROWS = "other rows in the books"
    SILENT_COPY = "a copy nobody is told of"
    STUCK = "stuck"
    UNFINISHED = "not searched to the end"


SAFEGUARDS = {
    "NO_INTENT": "the intent is committed after the request instead of before",
    "NO_FENCE": "absence is believed while the token lives",
    "NO_SETTLE": "absence is believed as soon as the token has expired",
    "NO_SECOND_LOOK": "absence is believed after one look",
    "NO_WATERMARK": "only the list is searched, not the numbers since the watermark",
    "NO_MARKER": "the next number is taken for ours, whatever it carries",
    "NO_STRANGERS": "unknown vouchers since the watermark stop nothing",
    "NO_EPOCH": "a worker writes though its lease is lost",
    "NO_FREEZE": "settings change a voucher that is being sent",
    "NO_TAKEOVER": "nobody doubts what was left sending",
    "NO_LEASE_END": "a lease never ends",
    "RESEND_ON_401": "a refused token is renewed, and the request sent again",
    "RESEND_LOST": "a request without an answer is sent again at once",
    "NO_READ_BACK": "what was booked is not read back for copies",
    "NO_UNIQUE": "no constraint against a second live attempt",
    "NO_STATE_CHECK": "a voucher is moved whatever its state is by now",
    "NO_ATTEMPT_ID": "an outcome ends whichever attempt is live",
    "NO_LIMIT": "absent twice is sent a third time without a person",
    "ONLY_LAST_SERIES": "only the series it is for now is searched",
}

# What Fortnox and people may do; those of the first group are what the promise assumes they do not.
ASSUMPTIONS = {
    "LATE": "Fortnox books, or shows, after the settle time",
    "DEAD_TOKEN_LET_IN": "Fortnox lets in an expired token",
    "REFUSED_BUT_BOOKED": "Fortnox books what it said it refused",
    "TWICE_LATER": "Fortnox executes a request twice, the second time after a while",
}
WORLDS = {
    "TWICE": "Fortnox executes each request twice at once",
    "SETTINGS_STAY": "nobody changes the settings",
}
# Leaves out the check of rows, so that the search goes on to vouchers that are there twice.
CHECKS = {"ONLY_COUNT": "(vouchers counted, rows not compared)"}

TOLD = SAFEGUARDS | ASSUMPTIONS | WORLDS | CHECKS


@dataclass(frozen=True, slots=True)
class Variant:
    """The model with some flags; `trouble` says how often something may go wrong, in both forms."""

    group: str
    flags: tuple[str, ...]
    expected: Verdict
    trouble: int = 1
    trouble_long: int = 2
    # Also search for histories that go round in circles; it takes twice as long.
    must_end: bool = False

    @property
    def what(self) -> str:
        """Say what is different from the protocol as it is."""
        different = "; ".join(TOLD[flag] for flag in self.flags if flag not in CHECKS)
        return " ".join(
            [different or "the protocol as it is", *(CHECKS[flag] for flag in self.flags if flag in CHECKS)]
        )


_WHOLE = "whole"
_NEEDED = "needed"
_BELT = "second belt"
_ASSUMED = "assumed"

VARIANTS = (
    Variant(_WHOLE, (), Verdict.HOLDS, trouble=2, trouble_long=3),
    Variant(_WHOLE, (), Verdict.HOLDS, must_end=True),
    Variant(_WHOLE, ("TWICE",), Verdict.HOLDS),
    Variant(_NEEDED, ("NO_INTENT",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("NO_FENCE",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("NO_SETTLE",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("NO_SECOND_LOOK",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("NO_WATERMARK",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("NO_STRANGERS",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("RESEND_ON_401",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("RESEND_LOST",), Verdict.TWO_VOUCHERS),
    Variant(_NEEDED, ("NO_MARKER",), Verdict.NO_VOUCHER),
    Variant(_NEEDED, ("NO_EPOCH",), Verdict.OTHER_ROWS, trouble_long=1),
    Variant(_NEEDED, ("NO_FREEZE",), Verdict.OTHER_ROWS),
    Variant(_NEEDED, ("NO_TAKEOVER",), Verdict.STUCK),
    Variant(_NEEDED, ("NO_LEASE_END",), Verdict.STUCK),
    Variant(_NEEDED, ("TWICE", "NO_READ_BACK"), Verdict.SILENT_COPY),
    # Nothing breaks without one of these, for something else stands behind it; without both it does.
    Variant(_BELT, ("NO_UNIQUE",), Verdict.HOLDS),
    Variant(_BELT, ("NO_STATE_CHECK",), Verdict.HOLDS),
    Variant(_BELT, ("NO_ATTEMPT_ID",), Verdict.HOLDS),
    Variant(_BELT, ("NO_EPOCH", "SETTINGS_STAY"), Verdict.HOLDS),
    Variant(_BELT, ("NO_EPOCH", "NO_ATTEMPT_ID", "ONLY_COUNT"), Verdict.TWO_VOUCHERS, trouble=2),
    Variant(_BELT, ("NO_EPOCH", "NO_UNIQUE", "NO_STATE_CHECK", "ONLY_COUNT"), Verdict.TWO_VOUCHERS),
    Variant(_BELT, ("ONLY_LAST_SERIES",), Verdict.HOLDS),
    Variant(_BELT, ("NO_FREEZE", "ONLY_COUNT"), Verdict.HOLDS),
    Variant(_BELT, ("NO_FREEZE", "ONLY_LAST_SERIES", "ONLY_COUNT"), Verdict.TWO_VOUCHERS),
    # Against a world that the promise assumes away: then a person looks before a third request.
    Variant(_BELT, ("NO_LIMIT",), Verdict.HOLDS),
    Variant(_ASSUMED, ("LATE",), Verdict.TWO_VOUCHERS),
    Variant(_ASSUMED, ("DEAD_TOKEN_LET_IN",), Verdict.TWO_VOUCHERS),
    Variant(_ASSUMED, ("REFUSED_BUT_BOOKED",), Verdict.TWO_VOUCHERS),
    Variant(_ASSUMED, ("TWICE_LATER",), Verdict.SILENT_COPY),
)
