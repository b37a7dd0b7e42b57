"""Running the tests against every mutant, a few at a time; the same tests must pass without a change."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from proof.finding import CannotProveError, Finding
from proof.mutants.catalogue import HISTORIES, MUTANTS
from proof.mutants.mutant import Kind, Mutant, kind_of, on_both, told
from proof.mutants.tree import ROOT, change, compiled, copied
from proof.mutants.witness import REPORT

# More than the cores of a small machine: some only wait.
_AT_ONCE = 4
# For one mutant, on a machine that has much else to do; the code as it is has all tests to pass.
_QUICK_S = 180.0
_LONG_S = 1800.0
_ALL_OF_THEM = 5
_PASSED, _FAILED = 0, 1
_HUNG = "hung"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of tests came to; no code when it had to be ended."""

    code: int | None
    failed: frozenset[str]
    unprepared: frozenset[str]
    said: str


def prove(is_long: bool) -> Iterator[Finding]:  # noqa: FBT001 - every part is asked in this form
    """Take each safeguard away and say which kinds of test notice."""
    with TemporaryDirectory(prefix="proof-") as name, ThreadPoolExecutor(_AT_ONCE) as running:
        folder = Path(name)
        compiled(folder / "unchanged")
        unchanged = running.submit(_unchanged, folder, is_long=is_long)
        tried = [running.submit(_tried, folder, mutant, is_long=is_long) for mutant in MUTANTS]
        try:
            yield unchanged.result()
            yield from (one.result() for one in tried)
        finally:
            running.shutdown(cancel_futures=True)


def _unchanged(folder: Path, *, is_long: bool) -> Finding:
    """Run every test that is to kill: one that fails anyway kills nothing."""
    tests = dict.fromkeys(chain.from_iterable(_tests(one, is_long=is_long) for one in MUTANTS))
    began = time.monotonic()
    ran = _run(folder / "unchanged", tests, _ALL_OF_THEM * _seconds(is_long), is_long=is_long)
    if ran.code != _PASSED:
        raise CannotProveError(f"The tests fail without any change, so they prove nothing:\n{ran.said}")
    return Finding(
        "mutants", "the code as it is", told(frozenset()), told(frozenset()), _figures(tests, began)
    )


def _tried(folder: Path, mutant: Mutant, *, is_long: bool) -> Finding:
    tests = _tests(mutant, is_long=is_long)
    began = time.monotonic()
    tree = copied(folder / "unchanged", folder / mutant.name)
    change(tree, mutant.changes)
    ran = _run(tree, tests, _seconds(is_long), is_long=is_long)
    expected = told(mutant.kinds)
    figures = _figures(tests, began) + (f", model: {mutant.in_model}" if mutant.in_model else "")
    return Finding("mutants", mutant.without, expected, found_in(ran, mutant.kinds), figures)


def _tests(mutant: Mutant, *, is_long: bool) -> tuple[str, ...]:
    if not is_long:
        return mutant.killed_by
    return tuple(dict.fromkeys((*chain.from_iterable(map(on_both, mutant.killed_by)), *HISTORIES)))


def found_in(ran: Ran, expected: frozenset[Kind]) -> str:
    """Say which kinds of test noticed, or why nobody could."""
    if ran.code is None:
        return _HUNG
    # More kinds may notice, above all the histories of the long form; it is for these that it stands.
    noticed = frozenset(map(kind_of, ran.failed)) & expected
    is_tried = ran.code in {_PASSED, _FAILED} and not (ran.unprepared and noticed < expected)
    return told(noticed) if is_tried else f"broken: {ran.said}"


def _run(tree: Path, tests: Collection[str], seconds: float, *, is_long: bool) -> Ran:
    """Run tests on the code of a tree, in processes that are ended when they take too long."""
    witnessed = tree / "witness.jsonl"
    running = subprocess.Popen(  # noqa: S603 - no word of it comes from outside
        _command(tests),
        cwd=ROOT,
        env=_environment(tree, witnessed, is_long=is_long),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        said, _ = running.communicate()
        return Ran(None, frozenset(), frozenset(), said)
    lines = witnessed.read_text("utf-8").splitlines() if witnessed.is_file() else []
    failures = [json.loads(line) for line in lines]
    return Ran(
        running.returncode,
        frozenset(one["test"] for one in failures if one["when"] != "setup"),
        frozenset(one["test"] for one in failures if one["when"] == "setup"),
        said,
    )


def _seconds(is_long: bool) -> float:  # noqa: FBT001 - as `prove` is asked
    return _LONG_S if is_long else _QUICK_S


def _command(tests: Collection[str]) -> list[str]:
    quietly = ("-q", "--tb=line", "-p", "no:randomly", "-p", "no:cacheprovider", "-n", "0")
    return [sys.executable, "-m", "pytest", *quietly, "-p", "proof.mutants.witness", *tests]


def _environment(tree: Path, witnessed: Path, *, is_long: bool) -> dict[str, str]:
    return {
        # Python may keep what it compiled of the tests, the same for every mutant: it is a third of a run.
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        # Before the environment's own: what is installed there is the tree as it is.
        "PYTHONPATH": os.pathsep.join([str(tree / "src"), str(ROOT)]),
        "FORTNOX_SYNC_TEST_BACKENDS": "sqlite,postgresql" if is_long else "sqlite",
        REPORT: str(witnessed),
    }


def _figures(tests: Collection[str], began: float) -> str:
    return f"{len(tests)} tests, {time.monotonic() - began:.0f} s"
