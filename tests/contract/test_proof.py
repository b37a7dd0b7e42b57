"""The proof takes away what the model has: no safeguard is forgotten, and verdicts are read right."""

import re

import pytest
from proof.model.run import MODEL, verdict_of
from proof.model.variants import ASSUMPTIONS, SAFEGUARDS, TOLD, VARIANTS, Verdict

SAID_BY_PAN = {
    "pan:1: assertion violated (copies<=1) (at depth 90)\nerrors: 1\n": Verdict.TWO_VOUCHERS,
    "pan:1: assertion violated stands (at depth 54)\nerrors: 1\n": Verdict.NO_VOUCHER,
    "pan:1: assertion violated same_rows (at depth 88)\nerrors: 1\n": Verdict.OTHER_ROWS,
    "pan:1: assertion violated  !((((state==3)&&(copies>1))&& !(told))) (at depth 73)\n": Verdict.SILENT_COPY,
    "pan:1: invalid end state (at depth 64)\nerrors: 1\n": Verdict.STUCK,
    "pan:1: non-progress cycle (at depth 64)\nerrors: 1\n": Verdict.STUCK,
    "error: max search depth too small\nState-vector 120 byte, errors: 0\n": Verdict.UNFINISHED,
    "pan: reached -DMEMLIM bound\nState-vector 120 byte, errors: 0\n": Verdict.UNFINISHED,
    "State-vector 120 byte, depth reached 188, errors: 0\n": Verdict.HOLDS,
    "": Verdict.UNFINISHED,
}


def _conditions() -> set[str]:
    told = re.findall(r"^#(?:ifdef|ifndef|if|elif) (.+)$", MODEL.read_text("utf-8"), re.MULTILINE)
    return {name for line in told for name in re.findall(r"[A-Z][A-Z0-9_]+", line)}


def test_each_condition_in_the_model_is_told_of() -> None:
    assert _conditions() - {"TROUBLE"} == set(TOLD)


@pytest.mark.parametrize("name", sorted({*SAFEGUARDS, *ASSUMPTIONS}))
def test_each_safeguard_and_assumption_is_taken_away_alone(name: str) -> None:
    others = [{flag for flag in one.flags if flag in SAFEGUARDS | ASSUMPTIONS} for one in VARIANTS]
    assert {name} in others


def test_a_safeguard_without_which_all_holds_has_something_behind_it_that_is_taken_away_too() -> None:
    held = {one.flags[0] for one in VARIANTS if one.expected is Verdict.HOLDS and one.group == "second belt"}
    broken = {flag for one in VARIANTS if one.expected is not Verdict.HOLDS for flag in one.flags}
    # Its world is one that the promise assumes away.
    assert held - broken == {"NO_LIMIT"}


@pytest.mark.parametrize(("said", "verdict"), SAID_BY_PAN.items(), ids=lambda one: str(one)[:40])
def test_a_verdict_is_read(said: str, verdict: Verdict) -> None:
    assert verdict_of(said) is verdict
