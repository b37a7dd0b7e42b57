"""The failure matrix: what may go wrong, how it must end, and which tests say so."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
_NAMED = re.compile(r"\b[Rr]ows? (\d+(?:(?:, | and | to |-)\d+)*)")
_RANGE = re.compile(r"(\d+)(?: to |-)(\d+)")


@dataclass(frozen=True, slots=True)
class Row:
    """Something that goes wrong, and how it must end."""

    fault: str
    ends_as: str


ROWS: Mapping[int, Row] = {
    1: Row("killed before the intent is on disk", "the next worker sends it"),
    2: Row("killed between the intent and the request", "absent at the fence, then sent once"),
    3: Row("killed while Fortnox books", "found at the first look"),
    4: Row("killed before the number is written down", "found at the first look"),
    5: Row("killed while looking, reading back or comparing", "done again, to no effect"),
    6: Row("the answer is lost on its way", "found by looking"),
    7: Row("no answer, booked some seconds later", "found by looking"),
    8: Row("no answer, booked almost a quarter of an hour later", "waited for, found"),
    9: Row("no answer, never booked", "absent at the fence, then sent once"),
    10: Row("never booked, twice in a row", "a person decides; no third request"),
    11: Row("an internal error, booked or not", "found, or absent at the fence"),
    12: Row("a gateway gives up, though booked", "found by looking"),
    13: Row("an account is switched off", "held with its number; booked once it is cured"),
    14: Row("a storm of 429", "slower, nothing lost"),
    15: Row("an answer that trickles", "given up at the deadline, found by looking"),
    16: Row("Fortnox executes one request twice", "the copy is told within a minute"),
    17: Row("a worker is stopped after its intent, another takes over", "the sleeper writes no state"),
    18: Row("the same for two hours, then its request leaves", "refused for its dead token, not repeated"),
    19: Row("two workers after a lease ran out", "the epoch lets one write"),
    20: Row("a second deployment books for the same company", "stopped before sending, and told"),
    21: Row("Redis is wiped, restarted or away", "booked by the sweep"),
    22: Row("jobs doubled, late, in any order, or garbage", "nothing"),
    23: Row("a worker is asked to end while Fortnox books", "the request is finished first"),
    24: Row("PostgreSQL restarts inside a transaction", "read again, nothing twice"),
    25: Row("yesterday's backup is restored", "suspected; compared and adopted before anything is sent"),
    26: Row("the disk is full or read-only", "nothing sent, 503 at the door, goes on afterwards"),
    27: Row("one webhook a hundred times at once", "kept once, all answered with success"),
    28: Row("one webhook's name with another body", "both kept, told, the first stands"),
    29: Row("a webhook captured and sent an hour later", "401"),
    30: Row("the same contents under another name", "no effect"),
    31: Row("a close before its sales, in any order", "waits, then one voucher with the right sums"),
    32: Row("one sale never comes", "waits, and what is missing is named"),
    33: Row("the close never comes", "told the next morning"),
    34: Row("a sale after its day was booked", "a supplement"),
    35: Row("a corrected close after its day was booked", "a supplement or a decision, never a rewrite"),
    36: Row("a delivery or a voucher that breaks us", "kept and told; the others go on"),
    37: Row("clocks apart or jumping", "nothing lost, nothing sent while they are apart"),
    38: Row("five clicks on export while a close runs", "each sale in one voucher, a clear answer"),
    39: Row("an export by hand over booked and unbooked days", "only what is not booked"),
    40: Row("refunds, voids, nothing at all, rounding, a thousand million kronor", "balances, verified"),
    41: Row("two workers renew a token at once", "one request"),
    42: Row("the answer to a renewal is lost", "told at once; goes on while the old token lives"),
    43: Row("consent is withdrawn in the middle", "held; goes on after a new consent"),
    44: Row("connected anew, to another company", "stopped: no voucher in the wrong books"),
    45: Row("series or accounts change between two tries", "looked for where it was tried"),
    46: Row("no year, no series, a locked period", "held and named; booked in the right year"),
    47: Row("a person rewords a voucher in doubt", "other evidence or a decision"),
    48: Row("a person deletes our voucher and its number is given again", "told; not booked by itself"),
    49: Row("lists lag by ten minutes", "absence is not believed before the fence"),
    50: Row("Fortnox is away for days, many companies wait", "all booked within the rate, none starved"),
    51: Row("one company back-fills thousands", "the others wait no longer"),
    52: Row("keys are changed under load, or missing", "no failure; refuses to start without"),
    53: Row("the database is stolen, or ciphertexts swapped", "unreadable; the swap is noticed"),
    54: Row("forged, oversized, nested or slow webhooks", "refused cheaply, real ones unharmed"),
    55: Row("another company's ids on any route", "404"),
}


def by_row(folder: Path) -> dict[int, list[str]]:
    """Name, for each row, the tests whose names or docstrings name it."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for file in sorted(folder.rglob("test_*.py")):
        for name, told in _tests_in(file):
            for number in named_in(told):
                found[number].append(f"{file.relative_to(folder.parent)}::{name}")
    return dict(found)


def _tests_in(file: Path) -> Iterator[tuple[str, str]]:
    for one in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_"):
            told = f"{one.name.replace('_', ' ')}. {ast.get_docstring(one) or ''}"
            yield one.name, " ".join(told.split())


def named_in(told: str) -> set[int]:
    """Read which rows a text names: `Row 3`, `rows 3, 6 and 12`, `Rows 41 to 44`."""
    numbers: set[int] = set()
    for listed in _NAMED.findall(told):
        for first, last in _RANGE.findall(listed):
            numbers |= set(range(int(first), int(last) + 1))
        numbers |= {int(number) for number in re.findall(r"\d+", listed)}
    return numbers
