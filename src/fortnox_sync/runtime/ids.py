"""Identities that sort by the time they were made."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """Return a UUIDv7 as text."""
    return str(uuid_utils.uuid7())
