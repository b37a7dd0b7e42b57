"""`openapi.yaml` is the app's own word: a change of the API shows in it, or these tests fail."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fortnox_sync import cli

WRITTEN = Path(__file__).parents[2] / "openapi.yaml"


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(WRITTEN.read_text("utf-8"))
    return read


def test_it_is_what_the_app_says(capsys: pytest.CaptureFixture[str]) -> None:
    cli.openapi()
    assert capsys.readouterr().out == WRITTEN.read_text("utf-8"), "write it anew: make openapi"


def test_every_call_says_in_words_what_it_does(contract: dict[str, Any]) -> None:
    calls = [call for path in contract["paths"].values() for call in path.values()]
    assert all(call.get("description") for call in calls)


def test_every_call_of_a_company_needs_a_bearer_token(contract: dict[str, Any]) -> None:
    guarded = [path for path in contract["paths"] if path.startswith("/v1/companies/")]
    assert guarded
    assert all(call["security"] for path in guarded for call in contract["paths"][path].values())


def test_every_refusal_of_the_api_is_a_problem_document(contract: dict[str, Any]) -> None:
    refusals = {
        (path, status): set(answer["content"])
        for path, calls in contract["paths"].items()
        if path.startswith("/v1/")
        for call in calls.values()
        for status, answer in call["responses"].items()
        if status.startswith(("4", "5"))
    }
    assert refusals
    assert {found for found, media in refusals.items() if "application/problem+json" not in media} == set()
