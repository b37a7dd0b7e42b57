"""The package stands alone and never brings in what would replace its HTTP client."""

import subprocess
import sys

PROBE = """
import sys
import fortnox_sync.fortnox
ours = {name for name in sys.modules if name.startswith("fortnox_sync.") and ".fortnox" not in name}
bad = {"httpx2", "authlib.jose", "authlib.integrations.httpx_client"} & set(sys.modules)
assert not ours, ours
assert not bad, bad
"""


def test_importing_it_brings_in_neither_another_room_nor_another_http_client() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
