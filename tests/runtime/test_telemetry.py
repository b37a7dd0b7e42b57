"""Events are short names with fields; a field that could hold a secret is never written."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fortnox_sync.runtime import telemetry
from fortnox_sync.runtime.telemetry import log


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Let the tests that follow log as they would have."""
    yield
    structlog.reset_defaults()


SECRETS = dict.fromkeys(
    ("token", "access_token", "refresh_token", "authorization", "secret", "client_secret", "body", "code"),
    "s3cr3t",
)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_has_no_field(capsys: pytest.CaptureFixture[str], form: str) -> None:
    telemetry.configure("DEBUG", form)
    log.info("export.booked", company_id="c_1", **SECRETS)

    said = capsys.readouterr().err
    assert "s3cr3t" not in said
    assert "export.booked" in said
    assert "c_1" in said


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_where_and_not_what(capsys: pytest.CaptureFixture[str], form: str) -> None:
    telemetry.configure("INFO", form)
    try:
        fail("s3" + "cr3t")  # the line itself stands in the traceback
    except ValueError:
        log.exception("sweep.failed")

    said = capsys.readouterr().err
    assert "in fail" in said
    assert "s3cr3t" not in said


def fail(token: str) -> None:
    raise ValueError(len(token))


def test_an_event_is_one_line_of_json_with_its_level_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("info", "json")
    log.debug("left.out")
    log.warning("bell.unheard", reason="a\nb")

    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["reason"]) == ("bell.unheard", "warning", "a\nb")
    assert told["timestamp"].endswith("Z")


@pytest.mark.parametrize("noisy", ["httpx", "httpcore", "aiosqlite", "uvicorn.access"])
def test_libraries_that_log_addresses_and_values_are_kept_quiet(noisy: str) -> None:
    telemetry.configure("DEBUG", "json")
    assert not logging.getLogger(f"{noisy}.any").isEnabledFor(logging.INFO)
