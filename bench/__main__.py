"""`python -m bench`: measure everything, or one benchmark; an aim that is missed is said, and is no error."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rich.console import Console

from bench import backfill, intake, integration, planning, show
from bench.databases import SHELVES
from bench.figures import Figure
from fortnox_sync.runtime import telemetry

BENCHMARKS = {
    "planning": planning.measure,
    "intake": intake.measure,
    "backfill": backfill.measure,
    "integration": integration.measure,
}


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", choices=BENCHMARKS, help="one benchmark instead of all")
    asked = parser.parse_args()
    telemetry.configure("ERROR", "console")
    figures = list(_measured([asked.only] if asked.only else list(BENCHMARKS)))
    (show.as_json if asked.json else show.as_table)(figures)


def _measured(names: list[str]) -> Iterator[Figure]:
    progress = Console(stderr=True)
    for name in names:
        for lend in SHELVES:
            with lend() as shelf, progress.status(f"{name} on {shelf.kind}"):
                yield from BENCHMARKS[name](shelf)


if __name__ == "__main__":
    main()
