"""How findings are shown: a table for people, one section per group."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from proof.finding import Finding


def as_table(findings: Sequence[Finding]) -> None:
    """Print what was tried and what came of it; what should have come is told where it did not."""
    table = Table()
    for heading in ("", "what", "found", "figures", ""):
        table.add_column(heading)
    before = None
    for finding in findings:
        if before not in {None, finding.group}:
            table.add_section()
        group = "" if finding.group == before else finding.group
        before = finding.group
        table.add_row(group, finding.what, finding.found, finding.figures, _mark(finding))
    Console(width=150).print(table)


def _mark(finding: Finding) -> str:
    if finding.is_as_expected:
        return "[green]as expected[/]"
    return f"[bold red]EXPECTED: {finding.expected}[/]"
