"""Tables of the promise: exports, vouchers, the sales they hold, every try, and what Fortnox booked."""

import sqlalchemy as sa

from fortnox_sync.runtime.database import Json, UtcDateTime, metadata

# One run: what a day close or a person's click made of the sales that were in no voucher yet.
export = sa.Table(
    "export",
    metadata,
    sa.Column("export_id", sa.String(36), primary_key=True),
    sa.Column("company_id", sa.ForeignKey("company.company_id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("asked_by", sa.String(200)),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("from_on", sa.Date),
    sa.Column("to_on", sa.Date),
    # Set once, when nothing of it waits any more.
    sa.Column("finished_at", UtcDateTime),
    sa.Index("ix_export_company_id_export_id", "company_id", "export_id"),
    sa.Index(
        "ix_export_unfinished",
        "company_id",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    ),
    sa.CheckConstraint("kind IN ('day_close', 'manual', 'reversal')", "kind"),
)

voucher = sa.Table(
    "voucher",
    metadata,
    sa.Column("voucher_id", sa.String(36), primary_key=True),
    sa.Column("company_id", sa.ForeignKey("company.company_id"), nullable=False),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("part", sa.String(80), nullable=False),
    sa.Column("register_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("series", sa.String(10), nullable=False),
    sa.Column("transaction_date", sa.Date, nullable=False),
    sa.Column("description", sa.String(200), nullable=False),
    sa.Column("comments", sa.String(1000), nullable=False),
    sa.Column("marker", sa.String(16), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("payload_hash", sa.String(64), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("absences", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stumbles", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_due_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("export_id", sa.String(36)),
    # The booked voucher that this one is the mirror of; a voucher is reversed once.
    sa.Column("reverses", sa.String(36)),
    sa.UniqueConstraint("company_id", "origin", "part"),
    sa.UniqueConstraint("company_id", "marker"),
    sa.Index("ix_voucher_export_id", "export_id"),
    sa.Index("uq_voucher_reverses", "reverses", unique=True),
    sa.Index("ix_voucher_company_id_state_transaction_date", "company_id", "state", "transaction_date"),
    sa.Index(
        "ix_voucher_due",
        "company_id",
        sqlite_where=sa.text("next_due_at IS NOT NULL"),
        postgresql_where=sa.text("next_due_at IS NOT NULL"),
    ),
    sa.CheckConstraint(
        "state IN ('ready', 'sending', 'in_doubt', 'booked', 'held', 'needs_decision', 'dismissed', 'empty')",
        "state",
    ),
)

voucher_row = sa.Table(
    "voucher_row",
    metadata,
    sa.Column("voucher_id", sa.ForeignKey("voucher.voucher_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("account", sa.Integer, nullable=False),
    sa.Column("cost_center", sa.String(6)),
    sa.Column("debit", sa.BigInteger, nullable=False),
    sa.Column("credit", sa.BigInteger, nullable=False),
    sa.Column("of", sa.String(200), nullable=False),
    sa.Column("text", sa.String(100), nullable=False),
    sa.CheckConstraint("debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", "one_side"),
)

claim = sa.Table(
    "claim",
    metadata,
    sa.Column("voucher_id", sa.ForeignKey("voucher.voucher_id"), primary_key=True),
    sa.Column("transaction_id", sa.String(64), primary_key=True),
    sa.Column("company_id", sa.String(64), nullable=False),
    sa.Column("session_id", sa.String(64), nullable=False),
    sa.Column("released_at", UtcDateTime),
    sa.Index(
        "uq_claim_company_id_transaction_id_live",
        "company_id",
        "transaction_id",
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    ),
    sa.Index(
        "ix_claim_company_id_session_id",
        "company_id",
        "session_id",
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    ),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("attempt_id", sa.String(36), primary_key=True),
    sa.Column("voucher_id", sa.ForeignKey("voucher.voucher_id"), nullable=False),
    sa.Column("no", sa.Integer, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("fortnox_company", sa.BigInteger, nullable=False),
    sa.Column("financial_year", sa.Integer, nullable=False),
    sa.Column("series", sa.String(10), nullable=False),
    sa.Column("watermark", sa.BigInteger, nullable=False),
    sa.Column("token_id", sa.String(64)),
    sa.Column("token_expires_at", UtcDateTime, nullable=False),
    sa.Column("payload_hash", sa.String(64), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("deadline_at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("looks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unseen_at", UtcDateTime),
    sa.Column("evidence", Json),
    sa.Column("ended_at", UtcDateTime),
    # When Fortnox left us without an answer that proves anything; many of these stop the sending everywhere.
    sa.Column("unanswered_at", UtcDateTime),
    sa.UniqueConstraint("voucher_id", "no"),
    sa.Index("ix_attempt_place", "fortnox_company", "financial_year", "series", "watermark"),
    sa.Index(
        "ix_attempt_unanswered_at",
        "unanswered_at",
        sqlite_where=sa.text("unanswered_at IS NOT NULL"),
        postgresql_where=sa.text("unanswered_at IS NOT NULL"),
    ),
    sa.CheckConstraint(
        "outcome IN ('open', 'in_doubt', 'created', 'refused', 'not_sent', 'absent')", "outcome"
    ),
    # A voucher is never sent while an earlier try could still be executed.
    sa.Index(
        "uq_attempt_voucher_id_open",
        "voucher_id",
        unique=True,
        sqlite_where=sa.text("outcome IN ('open', 'in_doubt')"),
        postgresql_where=sa.text("outcome IN ('open', 'in_doubt')"),
    ),
)

attempt_fact = sa.Table(
    "attempt_fact",
    metadata,
    sa.Column("fact_id", sa.String(36), primary_key=True),
    sa.Column("attempt_id", sa.ForeignKey("attempt.attempt_id"), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index("ix_attempt_fact_attempt_id", "attempt_id"),
)

booking = sa.Table(
    "booking",
    metadata,
    sa.Column("voucher_id", sa.ForeignKey("voucher.voucher_id"), primary_key=True),
    sa.Column("fortnox_company", sa.BigInteger, nullable=False),
    sa.Column("financial_year", sa.Integer, nullable=False),
    sa.Column("series", sa.String(10), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("booked_at", UtcDateTime, nullable=False),
    sa.Column("verified_at", UtcDateTime),
    # Found deleted in Fortnox, which gives the number out again.
    sa.Column("gone_at", UtcDateTime),
    sa.Index(
        "uq_booking_standing",
        "fortnox_company",
        "financial_year",
        "series",
        "number",
        unique=True,
        sqlite_where=sa.text("gone_at IS NULL"),
        postgresql_where=sa.text("gone_at IS NULL"),
    ),
    sa.CheckConstraint("source IN ('answer', 'lookup', 'decision', 'copy')", "source"),
)

# The paper behind a takings voucher: the till's Z report, or a day report of our own where it sent none.
voucher_file = sa.Table(
    "voucher_file",
    metadata,
    sa.Column("voucher_id", sa.ForeignKey("voucher.voucher_id"), primary_key=True),
    sa.Column("company_id", sa.String(64), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("file_id", sa.String(64)),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.String(64)),
    sa.Column("next_due_at", UtcDateTime),
    sa.Column("connected_at", UtcDateTime),
    sa.Index("ix_voucher_file_company_id_next_due_at", "company_id", "next_due_at"),
    sa.CheckConstraint("source IN ('till', 'service')", "source"),
    sa.CheckConstraint("state IN ('waiting', 'uploaded', 'connected')", "state"),
)

# What is odd on a day without holding it up: shown with the day, never a silence.
day_warning = sa.Table(
    "day_warning",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(24), primary_key=True),
    sa.Column("subject", sa.String(200), primary_key=True),
    sa.Column("facts", Json, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

# Z numbers that an operator signed for as never coming; signatures are added, never taken back.
accepted_gap = sa.Table(
    "accepted_gap",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("register_id", sa.String(64), primary_key=True),
    sa.Column("from_z_number", sa.BigInteger, primary_key=True),
    sa.Column("to_z_number", sa.BigInteger, primary_key=True),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("accepted_by", sa.String(200), nullable=False),
    sa.Column("accepted_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("from_z_number <= to_z_number", "order"),
)
