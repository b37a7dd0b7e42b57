"""Events are short names with fields; a field that could hold a secret is never written."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from fortnox_sync.runtime import telemetry
from fortnox_sync.runtime.telemetry import log


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Catch what is logged."""
    caught = io.StringIO()
    monkeypatch.setattr(sys, "stderr", caught)
    yield caught
    structlog.reset_defaults()


SECRETS = dict.fromkeys(
    ("token", "access_token", "refresh_token", "authorization", "secret", "client_secret", "body", "code"),
    "s3cr3t",
)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_has_no_field(stderr: io.StringIO, form: str) -> None:
    telemetry.configure("DEBUG", form)
    log.info("export.booked", company_id="c_1", **SECRETS)

    assert "s3cr3t" not in stderr.getvalue()
    assert "export.booked" in stderr.getvalue()
    assert "c_1" in stderr.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_where_and_not_what(stderr: io.StringIO, form: str) -> None:
    telemetry.configure("INFO", form)
    try:
        fail("s3cr3t")
    except ValueError:
        log.exception("sweep.failed")

    assert "in fail" in stderr.getvalue()
    assert "s3cr3t" not in stderr.getvalue()


def fail(token: str) -> None:
    raise ValueError(len(token))


def test_an_event_is_one_line_of_json_with_its_level_and_time(stderr: io.StringIO) -> None:
    telemetry.configure("info", "json")
    log.debug("left.out")
    log.warning("bell.unheard", reason="a\nb")

    [line] = stderr.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["reason"]) == ("bell.unheard", "warning", "a\nb")
    assert told["timestamp"].endswith("Z")


@pytest.mark.usefixtures("stderr")
@pytest.mark.parametrize("noisy", ["httpx", "httpcore", "aiosqlite", "uvicorn.access"])
def test_libraries_that_log_addresses_and_values_are_kept_quiet(noisy: str) -> None:
    telemetry.configure("DEBUG", "json")
    assert not logging.getLogger(f"{noisy}.any").isEnabledFor(logging.INFO)
