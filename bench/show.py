"""How figures are shown: a table for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.figures import Figure

_NOISE = (
    "Ratios of one run on this machine, medians of rounds by turns; the range shows how noisy it was. "
    "Servers are thrown away after and save nothing to a disk for good."
)
_COLOURS = {"holds": "green", "MISSED": "bold red", "told": "dim"}


def as_table(figures: Sequence[Figure]) -> None:
    """Print what was measured, to what, and whether it is what it should be."""
    table = Table(caption=_NOISE, caption_justify="left")
    for heading in ("", "database", "what", "to"):
        table.add_column(heading)
    for heading in ("ratio", "range", "aim"):
        table.add_column(heading, justify="right")
    table.add_column("")
    before = None
    for figure in figures:
        if before not in {None, (figure.benchmark, figure.database)}:
            table.add_section()
        before = (figure.benchmark, figure.database)
        table.add_row(
            figure.benchmark,
            figure.database,
            figure.name,
            figure.against,
            f"{figure.ratio:.2f}",
            f"{min(figure.ratios):.2f} - {max(figure.ratios):.2f}",
            str(figure.aim or ""),
            f"[{_COLOURS[figure.verdict]}]{figure.verdict}[/]",
        )
    Console(width=130).print(table)


def as_json(figures: Sequence[Figure]) -> None:
    """Print the same, every round's ratio too."""
    told = [
        {
            "benchmark": figure.benchmark,
            "database": figure.database,
            "what": figure.name,
            "to": figure.against,
            "ratio": round(figure.ratio, 3),
            "rounds": [round(one, 3) for one in figure.ratios],
            "aim": str(figure.aim) if figure.aim else None,
            "verdict": figure.verdict,
        }
        for figure in figures
    ]
    Console(soft_wrap=True, highlight=False).print_json(json.dumps(told))
