"""A bad or missing setting stops the start, by name, and its value is never repeated."""

import base64
import json
import subprocess
import sys
from typing import Any

import pytest

from fortnox_sync.settings import Settings, SettingsError, read
from fortnox_sync.specimen import specimen_settings

REQUIRED = (
    "FORTNOX_CLIENT_ID", "FORTNOX_CLIENT_SECRET", "TILL_WEBHOOK_SECRETS", "VAULT_KEYS", "JWT_ISSUER",
    "JWT_AUDIENCE", "JWT_JWKS",
)  # fmt: skip
KEY = base64.b64encode(bytes(32)).decode()
SECRET = "whsec_" + base64.b64encode(b"x" * 24).decode()
GOOD = {
    "FORTNOX_CLIENT_ID": "id",
    "FORTNOX_CLIENT_SECRET": "secret",
    "TILL_WEBHOOK_SECRETS": SECRET,
    "VAULT_KEYS": f"k1:{KEY}",
    "JWT_ISSUER": "https://backoffice.example",
    "JWT_AUDIENCE": "fortnox-sync",
    "JWT_JWKS": "https://backoffice.example/jwks",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a service needs and nothing else."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_a_complete_environment_is_read() -> None:
    settings = read()
    assert settings.database_url.startswith("sqlite+aiosqlite:///")
    assert settings.redirect_uri == "http://127.0.0.1:8000/v1/oauth/fortnox/callback"
    assert [key for key, _ in settings.vault_keys.items()] == ["k1"]


def test_every_missing_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError) as error:
        read()
    assert str(error.value).splitlines() == [f"{name} is not set." for name in sorted(REQUIRED, key=order)]


def order(name: str) -> int:
    return list(Settings.model_fields).index(name.lower())


BAD = "hunter2"
SHARED_KEY = json.dumps({"keys": [{"kty": "oct", "k": "A" * 43}]})
JWK_WITHOUT_KEY = json.dumps({"keys": [{"kid": BAD}]})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in REQUIRED),
        *((name, "  ") for name in REQUIRED),
        ("DATABASE_URL", f"mysql://u:{BAD}@h/d"), ("DATABASE_URL", BAD), ("DATABASE_URL", ""),
        ("DATABASE_URL", f"postgresql://u:{BAD}@h:port/d"), ("DATABASE_URL", f"postgresql://u:{BAD}@[::1/d"),
        ("DATABASE_URL", "sqlite://"), ("DATABASE_URL", "sqlite:///"), ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite+aiosqlite://"), ("DATABASE_URL", "sqlite:///file::memory:?uri=true"),
        ("DATABASE_URL", "sqlite:///file:x?mode=memory&uri=true"),
        ("REDIS_URL", BAD), ("REDIS_URL", f"http://u:{BAD}@h"), ("REDIS_URL", f"redis://u:{BAD}@h:port/0"),
        ("PORT", BAD), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "80.5"),
        ("PUBLIC_URL", BAD), ("PUBLIC_URL", f"ftp://{BAD}"), ("PUBLIC_URL", ""),
        ("FORTNOX_AUTH_URL", BAD), ("FORTNOX_API_URL", f"//{BAD}"),
        ("API_CALLS_PER_MINUTE", "0"), ("API_CALLS_PER_MINUTE", BAD), ("API_CALLS_PER_MINUTE", "1000001"),
        ("BACKOFFICE_ORIGINS", BAD), ("BACKOFFICE_ORIGINS", "*"), ("BACKOFFICE_ORIGINS", "null"),
        ("BACKOFFICE_ORIGINS", "https://a.example/"), ("BACKOFFICE_ORIGINS", "https://A.example:443/x"),
        ("BACKOFFICE_RETURN_URLS", BAD), ("BACKOFFICE_RETURN_URLS", f"https://a.example {BAD}"),
        ("FORTNOX_POST_DEADLINE_S", "0"), ("FORTNOX_POST_DEADLINE_S", "301"),
        ("FORTNOX_POST_DEADLINE_S", BAD),
        ("FORTNOX_POST_DEADLINE_S", "nan"), ("FORTNOX_POST_DEADLINE_S", "inf"), ("FORTNOX_SETTLE_S", "-1"),
        ("FORTNOX_SETTLE_S", "inf"), ("FORTNOX_SETTLE_S", "nan"), ("FORTNOX_SETTLE_S", "1e300"),
        ("SWEEP_INTERVAL_S", "0"), ("SWEEP_INTERVAL_S", "nan"), ("SWEEP_INTERVAL_S", "3601"),
        ("TILL_WEBHOOK_SECRETS", BAD + "!"), ("TILL_WEBHOOK_SECRETS", f"{SECRET} whsec_"),
        ("TILL_WEBHOOK_SECRETS", f"whsec_{BAD}å"),
        ("VAULT_KEYS", BAD), ("VAULT_KEYS", f"k1:{BAD}"), ("VAULT_KEYS", f":{KEY}"),
        ("VAULT_KEYS", f"k:1:{KEY}"),
        ("VAULT_KEYS", f"k1:{KEY[:-4]}"), ("VAULT_KEYS", f"k1:{KEY} k1:{KEY}"), ("VAULT_KEYS", f"k1:å{KEY}"),
        ("JWT_JWKS", BAD), ("JWT_JWKS", "{}"), ("JWT_JWKS", '{"keys": []}'), ("JWT_JWKS", "[1]"),
        ("JWT_JWKS", '{"keys": 5}'), ("JWT_JWKS", JWK_WITHOUT_KEY),
        ("JWT_JWKS", '{"keys": [{"kty": "oct"}]}'), ("JWT_JWKS", SHARED_KEY),
        ("JWT_ALGORITHMS", "none"), ("JWT_ALGORITHMS", "RS256 HS256"), ("JWT_ALGORITHMS", BAD),
        ("JWT_ALGORITHMS", ""),
        ("LOG_LEVEL", BAD), ("LOG_LEVEL", ""), ("LOG_FORMAT", BAD), ("FORTNOX_SCOPES", ""),
    ],
)  # fmt: skip
def test_a_bad_setting_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read()

    [complaint] = str(error.value).splitlines()
    assert complaint.startswith(f"{name} is "), complaint
    assert BAD not in complaint
    assert complaint.endswith(".")


@pytest.mark.parametrize(
    ("name", "value", "read_as"),
    [
        ("DATABASE_URL", "postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("DATABASE_URL", "postgresql://u:p@h:5/d?ssl=require", "postgresql+asyncpg://u:p@h:5/d?ssl=require"),
        ("DATABASE_URL", "sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("REDIS_URL", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("REDIS_URL", "rediss://u:p@h:6380/1", "rediss://u:p@h:6380/1"),
        ("PUBLIC_URL", "https://sync.example/", "https://sync.example"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        (
            "BACKOFFICE_RETURN_URLS",
            " https://a.example/x  http://b:3 ",
            ("https://a.example/x", "http://b:3"),
        ),
        ("BACKOFFICE_ORIGINS", "https://a.example http://b:3", ("https://a.example", "http://b:3")),
        ("JWT_ALGORITHMS", "ES256 EdDSA", ("ES256", "EdDSA")),
    ],
)
def test_what_people_have_at_hand_is_understood(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, read_as: Any
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(read(), name.lower()) == read_as


def test_several_secrets_and_keys_are_separated_by_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILL_WEBHOOK_SECRETS", f"{SECRET}  {SECRET[:-1]}A")
    monkeypatch.setenv("VAULT_KEYS", f"k2:{KEY} k1:{KEY}")
    settings = read()
    assert len(settings.till_webhook_secrets) == 2
    assert list(settings.vault_keys) == ["k2", "k1"], "the first one encrypts"


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({}, ["bookkeeping", "companyinformation", "costcenter", "settings", "inbox", "connectfile"]),
        ({"ATTACH_REPORTS": "false"}, ["bookkeeping", "companyinformation", "costcenter", "settings"]),
        ({"FORTNOX_SCOPES": "bookkeeping inbox"}, ["bookkeeping", "inbox", "connectfile"]),
        ({"FORTNOX_SCOPES": "bookkeeping inbox", "ATTACH_REPORTS": "false"}, ["bookkeeping", "inbox"]),
    ],
    ids=["papers", "none", "one named already", "named and none"],
)
def test_the_rights_for_papers_are_asked_for_once_and_only_where_papers_are_wanted(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], asked: list[str]
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert list(read().asked_scopes) == asked


def test_settings_that_are_printed_show_no_secret() -> None:
    settings = specimen_settings(fortnox_client_secret=BAD)
    shown = repr(settings) + str(settings) + str(settings.model_dump())
    keys = [key.get_secret_value() for key in settings.vault_keys.values()]
    webhook = [secret.get_secret_value() for secret in settings.till_webhook_secrets]
    assert not any(secret in shown for secret in (BAD, *keys, *webhook))


def test_a_command_that_cannot_start_says_why_in_a_sentence() -> None:
    ended = run("serve", {**GOOD, "LOG_LEVEL": BAD})

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("fortnox-sync can't start.\nLOG_LEVEL is wrong: ")
    assert len(ended.stderr.splitlines()) == 2
    assert BAD not in ended.stderr


def test_a_command_without_its_database_says_what_to_run(tmp_path: Any) -> None:
    ended = run("serve", {**GOOD, "DATABASE_URL": f"sqlite:///{tmp_path}/new.db"})

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1].endswith("Run: fortnox-sync migrate")


def test_a_database_that_cannot_be_reached_is_a_sentence_too() -> None:
    ended = run("worker", {**GOOD, "DATABASE_URL": f"postgresql://u:{BAD}@127.0.0.1:1/d"})

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert BAD not in ended.stderr
    assert len(ended.stderr.splitlines()) == 2


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of ours with nothing but this environment."""
    call = [sys.executable, "-c", "from fortnox_sync.cli import main; main()", command]
    return subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
