"""A copy of the code in which one thing is different; the tree itself is never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from proof.finding import CannotProveError
from proof.mutants.mutant import Change

ROOT = Path(__file__).parents[2]
# What a process needs to be the service: its code, and the migrations that it looks for beside it.
_PARTS = ("src", "migrations")


def copied(target: Path) -> Path:
    """Copy the code with what was compiled of it, so that every mutant starts as quickly as the tree does."""
    half_written = shutil.ignore_patterns("*.pyc.*")
    for part in _PARTS:
        shutil.copytree(ROOT / part, target / part, ignore=half_written)
    return target


def change(tree: Path, changes: Iterable[Change]) -> None:
    """Make the changes; one whose text is not there just once is stale, and proves nothing."""
    for one in changes:
        path = tree / one.file
        path.write_text(changed(path.read_text("utf-8"), one), "utf-8")


def changed(text: str, one: Change) -> str:
    """Return a file's text with a change made in it."""
    found = text.count(one.old)
    if found != 1:
        raise CannotProveError(
            f"A mutant is stale: {one.file} holds its text {found} times, not once. "
            f"Write it anew in proof/mutants/catalogue.py:\n{one.old}"
        )
    return text.replace(one.old, one.new)
