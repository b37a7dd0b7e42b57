"""A copy of the code in which one thing is different; the tree itself is never touched."""

from __future__ import annotations

import compileall
import shutil
from collections.abc import Iterable
from importlib.util import cache_from_source
from pathlib import Path

from proof.finding import CannotProveError
from proof.mutants.mutant import Change

ROOT = Path(__file__).parents[2]
# What a process needs to be the service: its code, and the migrations that it looks for beside it.
_PARTS = ("src", "migrations")
_ERRORS_ONLY = 1


def compiled(target: Path) -> None:
    """Copy the code and compile it, so that no mutant has to."""
    copied(ROOT, target)
    compileall.compile_dir(target, quiet=_ERRORS_ONLY)


def copied(source: Path, target: Path) -> Path:
    """Copy the code with what was compiled of it: it stays good for every file that keeps its time."""
    half_written = shutil.ignore_patterns("*.pyc.*")
    for part in _PARTS:
        shutil.copytree(source / part, target / part, ignore=half_written)
    return target


def change(tree: Path, changes: Iterable[Change]) -> None:
    """Make the changes; one whose text is not there just once is stale, and proves nothing."""
    for one in changes:
        path = tree / one.file
        path.write_text(changed(path.read_text("utf-8"), one), "utf-8")
        Path(cache_from_source(path)).unlink(missing_ok=True)


def changed(text: str, one: Change) -> str:
    """Return a file's text with a change made in it."""
    found = text.count(one.old)
    if found != 1:
        raise CannotProveError(
            f"A mutant is stale: {one.file} holds its text {found} times, not once. "
            f"Write it anew in proof/mutants/catalogue.py:\n{one.old}"
        )
    return text.replace(one.old, one.new)
