"""A Fortnox to develop against: one company's books behind the documented API, with switches for bad days."""

from fortnox_sync.simulator.app import SimulatedFortnox, create_app

__all__ = ["SimulatedFortnox", "create_app"]
