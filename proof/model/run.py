"""Running Spin over every variant of the model, each in a folder that is thrown away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from proof.finding import CannotProveError, Finding
from proof.model.variants import VARIANTS, Variant, Verdict

MODEL = Path(__file__).with_name("protocol.pml")

_CURES = {
    "spin": "Spin is missing: install it (`apt-get install spin`, `brew install spin`, or spinroot.com).",
    "gcc": "A C compiler is missing, which Spin needs: install gcc (`apt-get install gcc`).",
}
_MOST_MEMORY_MB = 12_000
_BUILD_S = 120.0
# Of the processor, so that a busy machine gives the same verdict.
_QUICK_S = 100
_LONG_S = 1500
_DEEPEST = 100_000
_LONGEST_STATE = 2048
_MOST_TROUBLE_AT_LENGTH = 2
_NOTHING_FOUND = "errors: 0"
_CUT_SHORT = ("Search not completed", "max search depth too small", "reached -DMEMLIM", "out of memory")
# How pan spells what it found first; the assertions are those of the model's opening lines.
_SIGNS = {
    "assertion violated (copies<=1)": Verdict.TWO_VOUCHERS,
    "assertion violated stands": Verdict.NO_VOUCHER,
    "assertion violated same_rows": Verdict.OTHER_ROWS,
    "assertion violated  !(": Verdict.SILENT_COPY,
    "invalid end state": Verdict.STUCK,
    "non-progress cycle": Verdict.STUCK,
}


def prove(is_long: bool) -> Iterator[Finding]:  # noqa: FBT001 - every part is asked in this form
    """Search through every variant and say whether its verdict is the one expected."""
    for program, cure in _CURES.items():
        if shutil.which(program) is None:
            raise CannotProveError(cure)
    # The searches of the long form want the memory for themselves.
    with ThreadPoolExecutor(1 if is_long else os.cpu_count()) as pool:
        yield from pool.map(partial(_tried, is_long=is_long), VARIANTS)


def _tried(variant: Variant, *, is_long: bool) -> Finding:
    trouble = variant.trouble_long if is_long else variant.trouble
    began = time.monotonic()
    with TemporaryDirectory(prefix="proof-") as folder:
        _build(variant, trouble, Path(folder))
        said = _search(variant, Path(folder), _LONG_S if is_long else _QUICK_S)
    figures = f"{_counted(said)}, trouble {trouble}, {time.monotonic() - began:.0f} s"
    what = f"{variant.what}: every history ends" if variant.must_end else variant.what
    return Finding(variant.group, what, variant.expected.value, verdict_of(said).value, figures)


def _build(variant: Variant, trouble: int, folder: Path) -> None:
    """Make the search; a small one is built in less time and a large one kept in less memory."""
    flags = [f"-D{flag}" for flag in variant.flags]
    _run(["spin", "-a", f"-DTROUBLE={trouble}", *flags, str(MODEL)], folder)
    kind = "-DNP" if variant.must_end else "-DSAFETY"
    speed = ["-O0"] if trouble == 1 else ["-O2"]
    size = ["-DCOLLAPSE"] if trouble > _MOST_TROUBLE_AT_LENGTH else []
    limits = [f"-DMEMLIM={_MOST_MEMORY_MB}", f"-DVECTORSZ={_LONGEST_STATE}"]
    _run(["gcc", "-w", *speed, kind, *size, *limits, "-o", "pan", "pan.c"], folder)


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - no word of it comes from outside
        command, cwd=folder, capture_output=True, text=True, timeout=_BUILD_S, check=False
    )
    if done.returncode != 0:
        raise CannotProveError(f"{command[0]} does not take the model:\n{done.stdout}{done.stderr}")


def _search(variant: Variant, folder: Path, seconds: int) -> str:
    """Return what the search says; one that takes too long is killed and says nothing: unfinished."""
    search = f"./pan -m{_DEEPEST}{' -l' if variant.must_end else ''}"
    return subprocess.run(  # noqa: S603 - as above
        ["/bin/sh", "-c", f"ulimit -t {seconds}; exec {search}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def verdict_of(said: str) -> Verdict:
    """Read pan's report: the first error it tells of, or that it has seen every state and found none."""
    for line in said.splitlines():
        if line.startswith("pan:"):
            for sign, verdict in _SIGNS.items():
                if sign in line:
                    return verdict
    is_whole = _NOTHING_FOUND in said and not any(sign in said for sign in _CUT_SHORT)
    return Verdict.HOLDS if is_whole else Verdict.UNFINISHED


def _counted(said: str) -> str:
    states = re.search(r"([\d.e+]+) states, stored", said)
    depth = re.search(r"depth reached (\d+)", said)
    if states is None or depth is None:
        return "no figures"
    return f"{float(states[1]):,.0f} states, depth {depth[1]}"
