"""What must never come in, not even as somebody else's dependency.

Starlette's TestClient and Authlib's httpx clients switch to httpx2 as soon as it can be imported. Our doubles
stand at httpx: they would see no traffic any more, and the tests would pass for the wrong reason.
"""

import importlib.util
from importlib import metadata
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"


def test_httpx2_cannot_be_imported() -> None:
    assert importlib.util.find_spec("httpx2") is None


def test_httpx2_is_not_installed() -> None:
    assert "httpx2" not in {distribution.name.lower() for distribution in metadata.distributions()}


@pytest.mark.parametrize("listed", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.name)
def test_httpx2_is_not_required(listed: Path) -> None:
    names = {line.split("==")[0] for line in listed.read_text().splitlines() if "==" in line}
    assert names, f"{listed.name} names no package"
    assert "httpx2" not in names
