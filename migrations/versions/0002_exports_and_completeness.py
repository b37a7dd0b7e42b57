"""Exports by hand, reversals, files on vouchers, completeness, and answers kept for a second asking."""

import sqlalchemy as sa
from alembic import op

from fortnox_sync.runtime.database import Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    _add_to_voucher()
    _add_to_till_session()


def _create_tables() -> None:
    op.create_table(
        "export",
        sa.Column("export_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('day_close', 'manual', 'reversal')", name=op.f("ck_export_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["company.company_id"], name=op.f("fk_export_company_id")),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_company_id_export_id", "export", ["company_id", "export_id"], unique=False)
    op.create_table(
        "voucher_file",
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("file_id", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("connected_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("source IN ('till', 'service')", name=op.f("ck_voucher_file_source")),
        sa.CheckConstraint(
            "state IN ('waiting', 'uploaded', 'connected')", name=op.f("ck_voucher_file_state")
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["voucher.voucher_id"], name=op.f("fk_voucher_file_voucher_id")
        ),
        sa.PrimaryKeyConstraint("voucher_id", name=op.f("pk_voucher_file")),
    )
    op.create_index(
        "ix_voucher_file_company_id_next_due_at", "voucher_file", ["company_id", "next_due_at"], unique=False
    )
    op.create_table(
        "day_warning",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "session_id", "kind", "subject", name=op.f("pk_day_warning")),
    )
    op.create_table(
        "accepted_gap",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=False),
        sa.Column("from_z_number", sa.BigInteger(), nullable=False),
        sa.Column("to_z_number", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("from_z_number <= to_z_number", name=op.f("ck_accepted_gap_order")),
        sa.PrimaryKeyConstraint(
            "company_id", "register_id", "from_z_number", "to_z_number", name=op.f("pk_accepted_gap")
        ),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "caller", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"], unique=False)


def _add_to_voucher() -> None:
    op.add_column("voucher", sa.Column("export_id", sa.String(length=36), nullable=True))
    op.add_column("voucher", sa.Column("reverses", sa.String(length=36), nullable=True))
    op.create_index("ix_voucher_export_id", "voucher", ["export_id"], unique=False)
    op.create_index("uq_voucher_reverses", "voucher", ["reverses"], unique=True)


def _add_to_till_session() -> None:
    op.add_column("till_session", sa.Column("export_id", sa.String(length=36), nullable=True))
    op.add_column("till_session", sa.Column("overdue_at", UtcDateTime(), nullable=True))
    op.add_column("till_session", sa.Column("agreed_revision", sa.Integer(), nullable=True))
    op.add_column("till_session", sa.Column("accepted_digest", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_till_session_asked",
        "till_session",
        ["company_id"],
        unique=False,
        sqlite_where=sa.text("export_id IS NOT NULL"),
        postgresql_where=sa.text("export_id IS NOT NULL"),
    )
    op.create_index(
        "ix_till_session_never_closed",
        "till_session",
        ["business_date"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL AND overdue_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND overdue_at IS NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
