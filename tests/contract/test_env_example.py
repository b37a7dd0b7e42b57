"""`.env.example` tells of every setting there is: its name, its default, and why one would change it."""

import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from fortnox_sync.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SETTING = re.compile(r"(?P<is_optional>#?)(?P<name>[A-Z][A-Z_]*)=(?P<value>.*)")


def _paragraphs() -> list[list[str]]:
    return [paragraph.splitlines() for paragraph in EXAMPLE.read_text("utf-8").strip().split("\n\n")]


def _settings() -> dict[str, re.Match[str]]:
    found = (SETTING.fullmatch(paragraph[-1]) for paragraph in _paragraphs())
    return {setting["name"]: setting for setting in found if setting}


def _spelled(default: object) -> str:
    """Spell a default as the environment would have to."""
    match default:
        case bool():
            return str(default).lower()
        case None:
            return ""
        case tuple():
            return " ".join(default)
        case float():
            return f"{default:g}"
        case _:
            return str(default)


def test_it_lists_every_setting_and_no_other() -> None:
    assert set(_settings()) == {name.upper() for name in Settings.model_fields}


def test_each_default_is_the_one_the_service_takes() -> None:
    optional = {n: f for n, f in Settings.model_fields.items() if f.default is not PydanticUndefined}
    told = {name.lower(): s["value"] for name, s in _settings().items() if s["is_optional"]}
    assert told == {name: _spelled(field.default) for name, field in optional.items()}


def test_what_must_be_given_stands_open_and_empty() -> None:
    required = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert {name: s["value"] for name, s in _settings().items() if not s["is_optional"]} == dict.fromkeys(
        required, ""
    )


def test_each_setting_says_in_one_line_what_it_is_for() -> None:
    told = [paragraph for paragraph in _paragraphs() if SETTING.fullmatch(paragraph[-1])]
    assert all(len(lines) == 2 and re.fullmatch(r"# .{20,}\.", lines[0]) for lines in told)


def test_settings_in_seconds_say_so() -> None:
    told = {name: lines[0] for lines in _paragraphs() if (name := lines[-1].strip("#").partition("=")[0])}
    assert all(told[name].startswith("# Seconds") for name in _settings() if name.endswith("_S"))
