"""`python -m proof`: run every part, or one; whatever is not found as expected makes it fail."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from time import monotonic

from rich.console import Console

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
        findings = list(_found(names, at_length))
    except CannotProveError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    show.as_table(findings)
    if asked.only is None or asked.write:
        page.write(findings, names, at_length)
    sys.exit(0 if all(finding.is_as_expected for finding in findings) else 1)


def _found(names: list[str], at_length: list[str]) -> Iterator[Finding]:
    progress = Console(stderr=True)
    for name in names:
        begun = monotonic()
        with progress.status(name) as status:
            for finding in PARTS[name](name in at_length):
                status.update(f"{name}: {finding.what} - {finding.found}")
                yield finding
        progress.print(f"{name}: {monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
