"""The mutants of the proof are up to date: each changes the code that is there, and names who notices."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from proof.finding import CannotProveError
from proof.model.variants import SAFEGUARDS, VARIANTS, Verdict
from proof.mutants.catalogue import MUTANTS
from proof.mutants.mutant import Change, Kind, Mutant, kind_of, on_both, told
from proof.mutants.run import Ran, found_in
from proof.mutants.tree import ROOT, changed

TWO = frozenset({Kind.ROOM, Kind.JOURNEY})
IN_A_ROOM = "tests/export/test_push.py::test_x[sqlite]"
ON_THE_WAY = "tests/journeys/test_killed.py::test_y[sqlite-reset]"


def mutated(mutant: Mutant) -> dict[str, str]:
    """Return the files a mutant changes, as it leaves them."""
    texts: dict[str, str] = {}
    for one in mutant.changes:
        texts[one.file] = changed(texts.get(one.file) or (ROOT / one.file).read_text("utf-8"), one)
    return texts


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_each_change_has_its_one_place_in_the_code_and_makes_a_difference(mutant: Mutant) -> None:
    for file, text in mutated(mutant).items():
        assert text != (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_each_mutant_is_killed_by_two_kinds_of_test_that_are_there(mutant: Mutant) -> None:
    assert len(mutant.kinds) >= 2
    for node_id in mutant.killed_by:
        file, _, test = node_id.partition("::")
        assert re.search(
            rf"^(async )?def {test.partition('[')[0]}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE
        )


def test_no_mutant_dies_of_a_name_that_nobody_knows(tmp_path: Path) -> None:
    """It would be killed by every test, and prove nothing."""
    for mutant in MUTANTS:
        for file, text in mutated(mutant).items():
            copy = tmp_path / mutant.name / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
    ruff = [
        str(Path(sys.executable).with_name("ruff")),
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "F82",
    ]
    said = subprocess.run([*ruff, str(tmp_path)], capture_output=True, text=True, check=False)  # noqa: S603
    assert said.returncode == 0, said.stdout


def test_what_the_model_can_do_without_alone_is_taken_out_of_the_code_too() -> None:
    """What has something else behind it breaks nothing alone, neither there nor here."""
    named = {one.in_model for one in MUTANTS if one.in_model}
    alone = {one.flags for one in VARIANTS if one.expected is Verdict.HOLDS}
    belts = {flags[0] for flags in alone if len(flags) == 1 and flags[0] in SAFEGUARDS}
    assert named <= set(SAFEGUARDS)
    assert set(SAFEGUARDS) - named <= belts


def test_names_are_given_once() -> None:
    assert len({one.name for one in MUTANTS}) == len({one.without for one in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("text", ["", "x = 1\nx = 1\n"])
def test_a_text_that_is_not_there_just_once_makes_a_mutant_stale(text: str) -> None:
    with pytest.raises(CannotProveError, match="stale"):
        changed(text, Change("src/a.py", "x = 1", "x = 2"))


def test_a_test_is_of_the_kind_of_its_folder() -> None:
    assert kind_of(IN_A_ROOM) is Kind.ROOM
    assert kind_of(ON_THE_WAY) is Kind.JOURNEY
    assert kind_of("tests/journeys/test_any_history.py::test_z") is Kind.HISTORY
    assert kind_of("tests/network/test_torn_wire.py::test_z") is Kind.NETWORK


def test_a_test_named_on_sqlite_runs_on_both_databases_in_the_long_form() -> None:
    assert on_both(ON_THE_WAY) == (ON_THE_WAY, "tests/journeys/test_killed.py::test_y[postgresql-reset]")
    assert on_both("tests/a.py::test_z") == ("tests/a.py::test_z",)


@pytest.mark.parametrize(
    ("ran", "found"),
    [
        (Ran(0, frozenset(), frozenset(), ""), "survives"),
        (Ran(1, frozenset({IN_A_ROOM}), frozenset(), ""), "killed by room"),
        (Ran(1, frozenset({IN_A_ROOM, ON_THE_WAY}), frozenset(), ""), "killed by journey and room"),
        (Ran(1, frozenset({"tests/contract/test_x.py::test_x"}), frozenset(), ""), "survives"),
        (Ran(None, frozenset({IN_A_ROOM}), frozenset(), ""), "hung"),
        (Ran(1, frozenset({IN_A_ROOM}), frozenset({ON_THE_WAY}), "NameError"), "broken: NameError"),
        (
            Ran(1, frozenset({IN_A_ROOM, ON_THE_WAY}), frozenset({"tests/a/b.py"}), ""),
            "killed by journey and room",
        ),
        (Ran(2, frozenset(), frozenset(), "SyntaxError"), "broken: SyntaxError"),
        (Ran(4, frozenset(), frozenset(), "no such test"), "broken: no such test"),
    ],
)
def test_a_run_is_read(ran: Ran, found: str) -> None:
    """Only who should notice counts; what could not even begin proves nothing."""
    assert found_in(ran, TWO) == found


def test_kinds_are_told_in_one_way() -> None:
    assert told(TWO) == "killed by journey and room"
