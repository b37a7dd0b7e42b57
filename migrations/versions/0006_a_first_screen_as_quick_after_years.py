"""The first screen finds what is unbooked without looking at all that is booked."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, table, columns, condition in (
        (
            "ix_till_session_told_more",
            "till_session",
            ["company_id", "business_date"],
            "planned_changes < changes",
        ),
        ("ix_voucher_due", "voucher", ["company_id"], "next_due_at IS NOT NULL"),
    ):
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
