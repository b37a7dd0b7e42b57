"""Idempotency keys: a call that starts something is answered as before when it comes a second time."""

from __future__ import annotations

import sqlalchemy as sa

from fortnox_sync.runtime.database import Json, UtcDateTime, metadata

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("caller", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_idempotency_key_created_at", "created_at"),
)
