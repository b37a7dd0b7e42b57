"""Tables of the link to Fortnox: companies with their settings, consents, grants and lanes."""

import sqlalchemy as sa

from fortnox_sync.runtime.database import Json, UtcDateTime, metadata

company = sa.Table(
    "company",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200)),
    sa.Column("organisation_number", sa.String(20)),
    sa.Column("status", sa.String(16), nullable=False, server_default="inactive"),
    sa.Column("setup_completed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("start_on", sa.Date),
    sa.Column("voucher_series", sa.String(10)),
    sa.Column("language", sa.String(2), nullable=False, server_default="sv"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("status IN ('inactive', 'authorizing', 'setting_up', 'active')", "status"),
)

consent = sa.Table(
    "consent",
    metadata,
    sa.Column("state_hash", sa.String(64), primary_key=True),
    sa.Column("company_id", sa.ForeignKey("company.company_id"), nullable=False),
    sa.Column("starter", sa.String(200), nullable=False),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
)

grant = sa.Table(
    "fortnox_grant",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("fortnox_company", sa.BigInteger, nullable=False),
    sa.Column("fortnox_company_name", sa.String(200), nullable=False),
    sa.Column("organisation_number", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("access_token", sa.Text),
    sa.Column("access_token_id", sa.String(64)),
    sa.Column("access_token_expires_at", UtcDateTime),
    sa.Column("refresh_token", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("refreshed_at", UtcDateTime, nullable=False),
    sa.Column("refreshing_since", UtcDateTime),
    sa.Column("lost_at", UtcDateTime),
    sa.Column("consented_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.CheckConstraint("kind IN ('client_credentials', 'refresh_token')", "kind"),
)

lane = sa.Table(
    "lane",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("owner", sa.String(64)),
    sa.Column("epoch", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("next_due_at", UtcDateTime),
    sa.Column("last_served_at", UtcDateTime),
    sa.Column("breaker_until", UtcDateTime),
    # When turns were last taken: by the worker that left the lane, and by people at screens.
    sa.Column("workers_turns", Json),
    sa.Column("people_turns", Json),
    # A setting or mapping has changed: what waits is to be looked at again.
    sa.Column("look_again", sa.Boolean, nullable=False, server_default=sa.false()),
    # Somebody or the night asked to have the books compared with Fortnox.
    sa.Column("is_to_reconcile", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reconciled_at", UtcDateTime),
    # The database may have forgotten vouchers: nothing is sent before whoever sent them can send no more.
    sa.Column("suspect_until", UtcDateTime),
    sa.Index("ix_lane_next_due_at", "next_due_at"),
)

# What Fortnox last listed for a company, so that nobody at a screen waits for more than one read.
fortnox_list = sa.Table(
    "fortnox_list",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("financial_year", sa.Integer, primary_key=True),
    sa.Column("items", Json, nullable=False),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    # Something changed since: to be read anew before anybody relies on it, but still worth telling.
    sa.Column("is_outdated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint(
        "kind IN ('financial_years', 'voucher_series', 'accounts', 'cost_centers', 'locked_until')", "kind"
    ),
)
