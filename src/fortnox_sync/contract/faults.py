"""Every fault as the API tells it, so that a front end can be drawn before the first one happens."""

from __future__ import annotations

from typing import Any

from fortnox_sync.fault.examples import DAY, EXAMPLES, NIGHT
from fortnox_sync.fault.repository import ShownFault, Waits
from fortnox_sync.fault.schemas import FaultsOut, told

_FAULT_ID = "01a217f4-1813-7658-a93e-0f897248136f"
_WAITS = Waits(vouchers=1, dates=frozenset({DAY}), amount_ore=1390770)


def components() -> dict[str, dict[str, Any]]:
    """Return an example of each fault by the name of its schema."""
    return {type(fault).__name__: fault.model_dump(mode="json") for fault in EXAMPLES.values()}


def lists() -> dict[str, dict[str, Any]]:
    """Return by code what `GET /faults` answers while there is one such fault."""
    return {
        code: FaultsOut(faults=[told(ShownFault(_FAULT_ID, fault, NIGHT, _WAITS), "sv")]).model_dump(
            mode="json"
        )
        for code, fault in EXAMPLES.items()
    }
