"""`python -m proof`: run every part, or one; whatever is not found as expected makes it fail."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from rich.console import Console
from rich.status import Status

from proof import page, show
from proof.crash import run as crash
from proof.door import run as door
from proof.finding import CannotProveError, Finding
from proof.model import run as model
from proof.mutants import run as mutants
from proof.network import run as network
from proof.storm import run as storm

Part = Callable[[bool], Iterator[Finding]]
PARTS: dict[str, Part] = {
    "model": model.prove,
    "crash": crash.prove,
    "door": door.prove,
    "mutants": mutants.prove,
    "network": network.prove,
    "storm": storm.prove,
}
# Killed processes wait for most of the time, for leases and fences: two other parts run beside them. Each of
# the rest has the machine for itself: a crowd is measured, mutants and storms take every core.
_BESIDE = {"crash": ("model", "network")}
_LANES = 2


def main() -> None:
    """Prove and tell; 1 says that something was not as expected, 2 that it could not be tried here."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="a part instead of all; may be repeated"
    )
    parser.add_argument("--write", action="store_true", help="write the page of these parts, too")
    parser.add_argument(
        "--long",
        metavar="PART",
        choices=PARTS,
        nargs="*",
        help="search deeper, the storm until 100 000 faults have struck; only in these parts, where named",
    )
    asked = parser.parse_args()
    names = asked.only or list(PARTS)
    at_length = [] if asked.long is None else asked.long or names
    try:
        findings = list(_found(list(dict.fromkeys(names)), at_length))
    except CannotProveError:
        sys.exit(2)
    show.as_table(findings)
    if asked.only is None or asked.write:
        page.write(findings, names, at_length)
    sys.exit(0 if all(finding.is_as_expected for finding in findings) else 1)


def _found(names: Sequence[str], at_length: Collection[str]) -> Iterator[Finding]:
    """Run the parts, some of them side by side, and return what was found in the order they are listed in."""
    found: dict[str, list[Finding]] = {}
    progress = Console(stderr=True)
    with progress.status("") as status, ThreadPoolExecutor(_LANES) as lanes:

        def run(lane: Sequence[str]) -> None:
            for name in lane:
                begun = monotonic()
                try:
                    found[name] = list(_told(PARTS[name](name in at_length), name, status))
                except CannotProveError as error:
                    # At once: what runs beside it may take minutes to its end.
                    progress.print(f"{name}: {error}", markup=False)
                    raise
                progress.print(f"{name}: {monotonic() - begun:.0f} s")

        for together in side_by_side(names):
            list(lanes.map(run, together))
    for name in names:
        yield from found[name]


def side_by_side(names: Sequence[str]) -> Iterator[list[list[str]]]:
    """Group parts into lanes: those of a group run at the same time, one part of a lane after the other."""
    lent = {one for name, others in _BESIDE.items() if name in names for one in others}
    for name in names:
        if name not in lent:
            beside = [one for one in _BESIDE.get(name, ()) if one in names]
            yield [lane for lane in ([name], beside) if lane]


def _told(findings: Iterator[Finding], name: str, status: Status) -> Iterator[Finding]:
    for finding in findings:
        status.update(f"{name}: {finding.what} - {finding.found}")
        yield finding


if __name__ == "__main__":
    main()
