"""The page `docs/reliability.md`: what was proven, of which commit, with which seeds, and what is assumed."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from itertools import groupby
from operator import add
from pathlib import Path

from proof.finding import Finding, Tally
from proof.matrix import ROWS, TESTS, by_row

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
_MOST_SEEDS = 6
_FEW = 3

_OPENING = """\
# Reliability

Written by `make prove`; not by hand. It says what was done to the service, what became of the sales, and what
the promise rests on. The protocol is told in [ADR 2](adr/0002-the-access-token-is-the-fence.md) and
[ADR 3](adr/0003-a-lane-not-a-job.md), its model in [ADR 14](adr/0014-a-model-of-the-promise.md).
"""

_ASSUMPTIONS = """\
## What it rests on

Fortnox can't be reached from here: a simulator that keeps to its documentation stands in. Each of these is
taken for granted, none could be measured, and each is needed: without it the *assumed* group of the model
breaks.

- Fortnox refuses an access token after its end.
- What Fortnox began with a token ends, and shows in counter, voucher and list, within the settle time
  (`FORTNOX_SETTLE_S`).
- What Fortnox answers with an error of its own was not booked.
- Fortnox executes a request at most once, or twice at the same moment.

## What can't be prevented

- A request that Fortnox executes twice makes two vouchers. The copy is told within a minute, and turned round
  by a click; one that is executed later is found by the nightly comparison.
- A booking that appears after the settle time, when the same sales were sent again, makes a copy. It is told
  by the nightly comparison.
- People may book, change or delete by hand at any time. It is told; nothing in their books is changed without
  a click.
- A person who decides against what stands in Fortnox is believed.
"""


def write(findings: Sequence[Finding], parts: Sequence[str], at_length: Sequence[str]) -> None:
    """Write the page anew, of the parts that were run, some of them at length."""
    lines = [
        f"- Parts run: {', '.join(_run(parts, at_length))}",
        *_head(findings),
        *_sums(findings),
        *_parts(findings),
        *_matrix(),
    ]
    PAGE.write_text(f"{_OPENING}\n{chr(10).join(lines)}\n{_ASSUMPTIONS}", encoding="utf-8")


def _run(parts: Sequence[str], at_length: Sequence[str]) -> Iterator[str]:
    for part in parts:
        yield f"{part} (the long form)" if part in at_length else part


def _head(findings: Sequence[Finding]) -> Iterator[str]:
    as_expected = sum(one.is_as_expected for one in findings)
    yield f"- Commit: {_commit()}"
    yield f"- Written: {datetime.now(UTC):%Y-%m-%d}"
    yield f"- As expected: {as_expected} of {len(findings)} findings"
    for group, tally in _by_group(findings):
        if tally.seeds:
            yield f"- Seeds of *{group}*: {_seeds(tally.seeds)}"
    yield ""


def _commit() -> str:
    """Name the commit; what is not committed is said to be so."""

    def git(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - no word of it comes from outside
            ["git", *words],  # noqa: S607 - whichever git there is
            cwd=PAGE.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "../src", "../migrations", "../proof", "../tests")
    return f"`{git('rev-parse', '--short', 'HEAD') or 'unknown'}`{' with changes' if changed else ''}"


def _seeds(seeds: Iterable[int]) -> str:
    in_order = sorted(seeds)
    if len(in_order) <= _MOST_SEEDS:
        return ", ".join(map(str, in_order))
    return f"{len(in_order)} from {in_order[0]} to {in_order[-1]}"


def _by_group(findings: Sequence[Finding]) -> Iterator[tuple[str, Tally]]:
    for group, of_group in groupby(findings, key=lambda one: one.group):
        tallies = [one.tally for one in of_group if one.tally is not None]
        if tallies:
            yield group, reduce(add, tallies)


def _sums(findings: Sequence[Finding]) -> Iterator[str]:
    tallies = [tally for _, tally in _by_group(findings)]
    if not tallies:
        return
    whole = reduce(add, tallies)
    yield "## What became of the sales"
    yield ""
    yield from _table(
        ("", "figure"),
        [
            ("faults that struck", f"{sum(whole.faults.values()):,}"),
            ("sales told", f"{whole.sales:,}"),
            ("vouchers in Fortnox", f"{whole.vouchers:,}"),
            ("vouchers too many", f"{whole.duplicates:,}"),
            ("sales lost", f"{whole.lost:,}"),
            ("difference on all accounts", f"{whole.ore_difference:,} öre"),
            ("decided by a person", f"{whole.needed_a_person:,}"),
            ("fail points at which a process died", f"{len(whole.fail_points):,}"),
        ],
    )
    yield "How long it took until a try without an answer was known to be booked, or proven absent. Storm"
    yield "and network have a clock of their own, with tokens and a settle time as in real life; crash has"
    yield "short ones."
    yield ""
    yield from _table(
        ("", "tries in doubt", "p50", "p99"),
        [
            (group, f"{len(tally.to_certainty_s):,}", *_quantiles(tally.to_certainty_s))
            for group, tally in _by_group(findings)
            if tally.to_certainty_s
        ],
    )
    yield "## Faults by kind"
    yield ""
    yield from _table(("", "struck"), _counted(whole.faults))
    yield "## Fail points visited"
    yield ""
    yield from _table(("a process died", "times"), _counted(whole.fail_points))


def _quantiles(seconds: Sequence[float]) -> tuple[str, str]:
    in_order = sorted(seconds)
    middle, late = in_order[len(in_order) // 2], in_order[min(len(in_order) - 1, len(in_order) * 99 // 100)]
    return _spelled(middle), _spelled(late)


def _spelled(seconds: float) -> str:
    minute = 60
    return f"{seconds:.1f} s" if seconds < minute else f"{seconds / minute:.0f} min"


def _counted(counts: Counter[str]) -> list[tuple[str, str]]:
    return [(what, f"{number:,}") for what, number in counts.most_common()]


def _parts(findings: Sequence[Finding]) -> Iterator[str]:
    yield "## What was tried"
    yield ""
    rows = [
        (one.group, one.what, one.found, one.figures, "as expected" if one.is_as_expected else "**NOT**")
        for one in findings
    ]
    yield from _table(("", "what", "found", "figures", ""), rows)


def _matrix() -> Iterator[str]:
    yield "## The failure matrix"
    yield ""
    yield "Each row is kept by tests of `make test` that name it."
    yield ""
    named: Mapping[int, list[str]] = by_row(TESTS)
    rows = [
        (str(number), row.fault, row.ends_as, _few(named.get(number, []))) for number, row in ROWS.items()
    ]
    yield from _table(("row", "what goes wrong", "how it must end", "tests"), rows)


def _few(tests: Sequence[str]) -> str:
    """Name some of them: enough to begin reading."""
    shown = [f"`{one.removeprefix('tests/')}`" for one in tests[:_FEW]]
    more = [f"and {len(tests) - _FEW} more"] if len(tests) > _FEW else []
    return "<br>".join([*shown, *more])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
