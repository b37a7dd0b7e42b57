"""Events to follow along, notifications read by whom, what a healed fault let go, and finished exports."""

import sqlalchemy as sa
from alembic import op

from fortnox_sync.runtime.database import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_at", "event", ["at"], unique=False)
    op.create_table(
        "event_counter",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_event_counter")),
    )
    op.create_table(
        "notification_read",
        sa.Column("fault_id", sa.String(length=36), nullable=False),
        sa.Column("reader", sa.String(length=200), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["fault_id"], ["fault.fault_id"], name=op.f("fk_notification_read_fault_id")),
        sa.PrimaryKeyConstraint("fault_id", "reader", name=op.f("pk_notification_read")),
    )
    op.create_table(
        "fault_released",
        sa.Column("fault_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("waiting_id", sa.String(length=64), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('session', 'voucher')", name=op.f("ck_fault_released_kind")),
        sa.ForeignKeyConstraint(["fault_id"], ["fault.fault_id"], name=op.f("fk_fault_released_fault_id")),
        sa.PrimaryKeyConstraint("fault_id", "kind", "waiting_id", name=op.f("pk_fault_released")),
    )
    op.add_column("export", sa.Column("finished_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_export_unfinished",
        "export",
        ["company_id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
