"""A database knows itself from its copies, lanes that may have forgotten wait, and silences are counted."""

import sqlalchemy as sa
from alembic import op

from fortnox_sync.runtime.database import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "database_identity",
        sa.Column("only", sa.Integer(), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_database_identity_one_row")),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_database_identity")),
    )
    op.add_column("lane", sa.Column("suspect_until", UtcDateTime(), nullable=True))
    op.add_column("attempt", sa.Column("unanswered_at", UtcDateTime(), nullable=True))
    op.add_column("voucher", sa.Column("stumbles", sa.Integer(), server_default="0", nullable=False))
    where = sa.text("unanswered_at IS NOT NULL")
    op.create_index(
        "ix_attempt_unanswered_at", "attempt", ["unanswered_at"], sqlite_where=where, postgresql_where=where
    )
    op.create_index(
        "ix_attempt_place", "attempt", ["fortnox_company", "financial_year", "series", "watermark"]
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
