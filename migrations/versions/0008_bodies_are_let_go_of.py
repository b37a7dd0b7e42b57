"""Bodies of deliveries are let go of when their time is over."""

import sqlalchemy as sa
from alembic import op

from fortnox_sync.runtime.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("emptied_at", UtcDateTime(), nullable=True))
    where = sa.text("emptied_at IS NULL")
    op.create_index(
        "ix_delivery_whole", "delivery", ["status", "received_at"], sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
