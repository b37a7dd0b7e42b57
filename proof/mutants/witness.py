"""A plugin for pytest that writes down what failed, and keeps Hypothesis from making a failure smaller.

A failure while something is prepared proves nothing: there the mutant is broken, not its promise.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

REPORT = "PROOF_WITNESS"


def pytest_configure() -> None:
    """Have Hypothesis tell the first failure it finds, and remember none: the next mutant is another."""
    settings.register_profile("witness", phases=(Phase.explicit, Phase.generate), database=None)
    settings.load_profile("witness")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down every failure as a line of JSON: the test, and whether it was in it or before it."""
    if report.failed:
        line = json.dumps({"test": report.nodeid, "when": report.when})
        with Path(os.environ[REPORT]).open("a", encoding="utf-8") as witnessed:
            witnessed.write(line + "\n")
