"""The protocol as a model that Spin searches through, state by state."""
