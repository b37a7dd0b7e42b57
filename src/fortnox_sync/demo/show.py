"""What a person sees of the demonstration: progress, vouchers as an accountant reads them, and both sums."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from fortnox_sync.accounting.money import Money, total
from fortnox_sync.demo.books import EMAIL, PASSWORD
from fortnox_sync.demo.case import Case
from fortnox_sync.demo.outcome import BookedPart, Outcome
from fortnox_sync.demo.stage import Stage

_NARROWEST = 100
_MOST_VOUCHERS = 30


class Show:
    """Writes for people, or, when quiet, one JSON document for programs."""

    def __init__(self, *, quiet: bool) -> None:
        """Write to standard output; a pipe gets the width a voucher needs."""
        self._quiet = quiet
        console = Console(highlight=False)
        width = None if console.is_terminal else max(console.width, _NARROWEST)
        self._console = Console(highlight=False, quiet=quiet, width=width)

    def opening(self, case: Case, stage: Stage) -> None:
        """Say what is going to happen, and with what."""
        days = " to ".join(dict.fromkeys((str(case.business_dates[0]), str(case.business_dates[-1]))))
        self._console.print(f"\n[bold]{case.company_name}[/bold], {days}: from the till to Fortnox\n")
        self._console.print(f"Queue: {stage.queue}.")
        database = stage.settings.database_url.partition(":")[0].partition("+")[0]
        self._console.print(f"Database: {'SQLite' if database == 'sqlite' else 'PostgreSQL'}.\n")

    @contextmanager
    def working(self) -> Iterator[Callable[[str], None]]:
        """Show what is being done as it is done."""

        def doing(what: str) -> None:
            self._console.print(f"  [green]✓[/green] {what}")

        yield doing

    def vouchers(self, outcome: Outcome, names: dict[int, str]) -> None:
        """Show each voucher as it stands in Fortnox."""
        for part in outcome.parts[:_MOST_VOUCHERS]:
            self._console.print()
            self._console.print(_voucher(part, names))
        if len(outcome.parts) > _MOST_VOUCHERS:
            self._console.print(f"\n… and {len(outcome.parts) - _MOST_VOUCHERS} more vouchers.")

    def sums(self, outcome: Outcome) -> None:
        """Show the till's sums beside Fortnox's."""
        table = Table(title="Till and Fortnox", title_style="bold", title_justify="left")
        table.add_column("Sum of")
        for name in ("Till", "Fortnox", "Difference"):
            table.add_column(name, justify="right")
        for one in outcome.sums:
            style = "" if one.till == one.fortnox else "bold red"
            cells = (one.till, one.fortnox, one.fortnox - one.till)
            table.add_row(one.name, *(str(Money(cell)) for cell in cells), style=style)
        self._console.print()
        self._console.print(table)
        difference = sum(abs(one.fortnox - one.till) for one in outcome.sums)
        self._console.print(f"Difference [bold]{Money(difference)}[/bold] kr.")

    def faults(self, outcome: Outcome) -> None:
        """Show what waits, and why."""
        for fault in outcome.faults:
            self._console.print(f"\n[bold red]{fault['fault']['code']}[/bold red] {fault['title']}")
            self._console.print(fault["message"])
        for stranger in outcome.strangers:
            self._console.print(
                f"[bold red]Nobody here booked {stranger.series} {stranger.number}.[/bold red]"
            )

    def second_time(self, before: int, after: int) -> None:
        """Show that the same day told twice is booked once."""
        verdict = "Nothing was" if before == after else "[bold red]Something was[/bold red]"
        self._console.print(
            f"\nPlayed twice: {before} vouchers before, {after} after. {verdict} booked again."
        )

    def as_json(self, outcome: Outcome) -> None:
        """Write the outcome for a program."""
        if self._quiet:
            sys.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False, indent=1) + "\n")

    def closing(self, *, agrees: bool) -> None:
        """Say how it went."""
        verdict = "[green]The till and Fortnox agree.[/green]" if agrees else "[red]They differ.[/red]"
        self._console.print(f"\n[bold]{verdict}[/bold]")

    def where_to_look(self, stage: Stage, database_number: int) -> None:
        """Say what is still being served, and where."""
        self._console.print()
        self._console.print(f"API docs             {stage.api_url}/docs")
        self._console.print(f"The books in Fortnox {stage.simulator_url}/companies/{database_number}")
        self._console.print(f"Simulated login      {EMAIL} / {PASSWORD}")
        self._console.print("\nCtrl-C ends it.")


def _voucher(part: BookedPart, names: dict[int, str]) -> Table:
    booked = part.booked
    title = f"{booked.series} {booked.number}  {booked.transaction_date}  {booked.description}"
    table = Table(title=title, title_style="bold", title_justify="left", show_footer=True)
    debit, credit = (total(Money(a) for a in side) for side in _sides(part))
    table.add_column("Konto", footer="Summa")
    table.add_column("Benämning")
    table.add_column("Kst")
    table.add_column("Debet", justify="right", footer=str(debit))
    table.add_column("Kredit", justify="right", footer=str(credit))
    table.add_column("Text")
    for row, _ in part.rows:
        amounts = (str(Money(amount)) if amount else "" for amount in (row.debit, row.credit))
        table.add_row(str(row.account), names.get(row.account, ""), row.cost_center or "", *amounts, row.text)
    return table


def _sides(part: BookedPart) -> tuple[list[int], list[int]]:
    return [row.debit for row, _ in part.rows], [row.credit for row, _ in part.rows]
