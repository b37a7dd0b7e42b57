"""The tables of the whole walk: till ledger, mapping, connection, faults, vouchers and the audit log."""

import sqlalchemy as sa
from alembic import op

from fortnox_sync.runtime.database import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Rows of these tables are added and never changed; the database itself says no (BFL 5 kap. 11 §).
_APPEND_ONLY = ("audit", "attempt_fact")


def upgrade() -> None:
    _create_tables()
    for table in _APPEND_ONLY:
        _forbid_changes(table)


def _forbid_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_company_id_at", "audit", ["company_id", "at"], unique=False)
    op.create_table(
        "company",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("organisation_number", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=16), server_default="inactive", nullable=False),
        sa.Column("setup_completed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("voucher_series", sa.String(length=10), nullable=True),
        sa.Column("language", sa.String(length=2), server_default="sv", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('inactive', 'authorizing', 'setting_up', 'active')", name=op.f("ck_company_status")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_company")),
    )
    op.create_table(
        "day_close",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=False),
        sa.Column("z_number", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("transaction_count", sa.BigInteger(), nullable=False),
        sa.Column("totals", Json, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "session_id", "revision", name=op.f("pk_day_close")),
    )
    op.create_index(
        "ix_day_close_company_id_register_id_z_number",
        "day_close",
        ["company_id", "register_id", "z_number"],
        unique=False,
    )
    op.create_table(
        "day_report",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "session_id", "revision", name=op.f("pk_day_report")),
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("webhook_id", sa.String(length=256), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=True),
        sa.Column("company_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("problems", Json, nullable=True),
        sa.Column("variant_of", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "status IN ('stored', 'unreadable', 'unknown_type', 'variant', 'conflicting')",
            name=op.f("ck_delivery_status"),
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "source", "webhook_id", "body_hash", name=op.f("uq_delivery_source_webhook_id_body_hash")
        ),
    )
    op.create_index("ix_delivery_status", "delivery", ["status", "received_at"], unique=False)
    op.create_index(
        "uq_delivery_source_webhook_id",
        "delivery",
        ["source", "webhook_id"],
        unique=True,
        sqlite_where=sa.text("variant_of IS NULL"),
        postgresql_where=sa.text("variant_of IS NULL"),
    )
    op.create_table(
        "till_entry",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("vat_rate", sa.String(length=8), nullable=True),
        sa.Column("cost_center_id", sa.String(length=64), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("type IN ('payment', 'sale', 'event')", name=op.f("ck_till_entry_type")),
        sa.PrimaryKeyConstraint(
            "company_id", "session_id", "transaction_id", "position", name=op.f("pk_till_entry")
        ),
    )
    op.create_table(
        "till_transaction",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=False),
        sa.Column("receipt_number", sa.BigInteger(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sale', 'cash_count', 'drawer', 'purchase')", name=op.f("ck_till_transaction_kind")
        ),
        sa.PrimaryKeyConstraint("company_id", "transaction_id", name=op.f("pk_till_transaction")),
    )
    op.create_index(
        "ix_till_transaction_company_id_session_id",
        "till_transaction",
        ["company_id", "session_id"],
        unique=False,
    )
    op.create_table(
        "account_mapping",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("narrow", sa.String(length=64), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('payment_method', 'vat_rate', 'article_group', 'event')",
            name=op.f("ck_account_mapping_dimension"),
        ),
        sa.CheckConstraint("account BETWEEN 1000 AND 9999", name=op.f("ck_account_mapping_account")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_account_mapping_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "dimension", "key", "narrow", name=op.f("pk_account_mapping")),
    )
    op.create_table(
        "catalog_item",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("cost_center_id", sa.String(length=64), nullable=True),
        sa.Column("vat_rates", Json, nullable=True),
        sa.Column("announced_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('register', 'payment_method', 'vat_rate', 'article_group', 'event', 'cost_center')",
            name=op.f("ck_catalog_item_dimension"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_catalog_item_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "dimension", "item_id", name=op.f("pk_catalog_item")),
    )
    op.create_table(
        "consent",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("starter", sa.String(length=200), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.company_id"], name=op.f("fk_consent_company_id")),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_consent")),
    )
    op.create_table(
        "cost_center_code",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("cost_center_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_cost_center_code_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "cost_center_id", name=op.f("pk_cost_center_code")),
    )
    op.create_table(
        "fault",
        sa.Column("fault_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.company_id"], name=op.f("fk_fault_company_id")),
        sa.PrimaryKeyConstraint("fault_id", name=op.f("pk_fault")),
    )
    op.create_index("ix_fault_company_id_opened_at", "fault", ["company_id", "opened_at"], unique=False)
    op.create_index(
        "uq_fault_company_id_code_subject_open",
        "fault",
        ["company_id", "code", "subject"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "fortnox_grant",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("fortnox_company", sa.BigInteger(), nullable=False),
        sa.Column("fortnox_company_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("access_token_id", sa.String(length=64), nullable=True),
        sa.Column("access_token_expires_at", UtcDateTime(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("refreshed_at", UtcDateTime(), nullable=False),
        sa.Column("refreshing_since", UtcDateTime(), nullable=True),
        sa.Column("lost_at", UtcDateTime(), nullable=True),
        sa.Column("consented_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('client_credentials', 'refresh_token')", name=op.f("ck_fortnox_grant_kind")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_fortnox_grant_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_fortnox_grant")),
    )
    op.create_table(
        "fortnox_list",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('financial_years', 'voucher_series', 'accounts', 'cost_centers', 'locked_until')",
            name=op.f("ck_fortnox_list_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_fortnox_list_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "kind", "financial_year", name=op.f("pk_fortnox_list")),
    )
    op.create_table(
        "lane",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("epoch", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("last_served_at", UtcDateTime(), nullable=True),
        sa.Column("breaker_until", UtcDateTime(), nullable=True),
        sa.Column("workers_turns", Json, nullable=True),
        sa.Column("people_turns", Json, nullable=True),
        sa.Column("look_again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.company_id"], name=op.f("fk_lane_company_id")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_lane")),
    )
    op.create_index("ix_lane_next_due_at", "lane", ["next_due_at"], unique=False)
    op.create_table(
        "till_session",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("planned_changes", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.company_id"], name=op.f("fk_till_session_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "session_id", name=op.f("pk_till_session")),
    )
    op.create_index(
        "ix_till_session_company_id_business_date",
        "till_session",
        ["company_id", "business_date"],
        unique=False,
    )
    op.create_index(
        "ix_till_session_unplanned",
        "till_session",
        ["company_id", "business_date"],
        unique=False,
        sqlite_where=sa.text("planned_changes < changes AND closed_at IS NOT NULL"),
        postgresql_where=sa.text("planned_changes < changes AND closed_at IS NOT NULL"),
    )
    op.create_table(
        "voucher",
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=80), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("transaction_date", sa.Date(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("comments", sa.String(length=1000), nullable=False),
        sa.Column("marker", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("absences", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ready', 'sending', 'in_doubt', 'booked', 'held', 'needs_decision', 'dismissed', 'empty')",
            name=op.f("ck_voucher_state"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.company_id"], name=op.f("fk_voucher_company_id")),
        sa.PrimaryKeyConstraint("voucher_id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("company_id", "marker", name=op.f("uq_voucher_company_id_marker")),
        sa.UniqueConstraint("company_id", "origin", "part", name=op.f("uq_voucher_company_id_origin_part")),
    )
    op.create_index(
        "ix_voucher_company_id_state_transaction_date",
        "voucher",
        ["company_id", "state", "transaction_date"],
        unique=False,
    )
    op.create_table(
        "attempt",
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("fortnox_company", sa.BigInteger(), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.String(length=64), nullable=True),
        sa.Column("token_expires_at", UtcDateTime(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("deadline_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unseen_at", UtcDateTime(), nullable=True),
        sa.Column("evidence", Json, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('open', 'in_doubt', 'created', 'refused', 'not_sent', 'absent')",
            name=op.f("ck_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.voucher_id"], name=op.f("fk_attempt_voucher_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("voucher_id", "no", name=op.f("uq_attempt_voucher_id_no")),
    )
    op.create_index(
        "uq_attempt_voucher_id_open",
        "attempt",
        ["voucher_id"],
        unique=True,
        sqlite_where=sa.text("outcome IN ('open', 'in_doubt')"),
        postgresql_where=sa.text("outcome IN ('open', 'in_doubt')"),
    )
    op.create_table(
        "booking",
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("fortnox_company", sa.BigInteger(), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("source IN ('answer', 'lookup', 'decision')", name=op.f("ck_booking_source")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.voucher_id"], name=op.f("fk_booking_voucher_id")),
        sa.PrimaryKeyConstraint("voucher_id", name=op.f("pk_booking")),
        sa.UniqueConstraint(
            "fortnox_company",
            "financial_year",
            "series",
            "number",
            name=op.f("uq_booking_fortnox_company_financial_year_series_number"),
        ),
    )
    op.create_table(
        "claim",
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.voucher_id"], name=op.f("fk_claim_voucher_id")),
        sa.PrimaryKeyConstraint("voucher_id", "transaction_id", name=op.f("pk_claim")),
    )
    op.create_index(
        "ix_claim_company_id_session_id",
        "claim",
        ["company_id", "session_id"],
        unique=False,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "uq_claim_company_id_transaction_id_live",
        "claim",
        ["company_id", "transaction_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "fault_waiting",
        sa.Column("fault_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("waiting_id", sa.String(length=64), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('session', 'voucher')", name=op.f("ck_fault_waiting_kind")),
        sa.ForeignKeyConstraint(["fault_id"], ["fault.fault_id"], name=op.f("fk_fault_waiting_fault_id")),
        sa.PrimaryKeyConstraint("fault_id", "kind", "waiting_id", name=op.f("pk_fault_waiting")),
    )
    op.create_table(
        "voucher_row",
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("cost_center", sa.String(length=6), nullable=True),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", name=op.f("ck_voucher_row_one_side")
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["voucher.voucher_id"], name=op.f("fk_voucher_row_voucher_id")
        ),
        sa.PrimaryKeyConstraint("voucher_id", "revision", "position", name=op.f("pk_voucher_row")),
    )
    op.create_table(
        "attempt_fact",
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_attempt_fact_attempt_id")
        ),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_attempt_fact")),
    )
    op.create_index("ix_attempt_fact_attempt_id", "attempt_fact", ["attempt_id"], unique=False)
