"""What Fortnox listed keeps its age when it is to be read anew, so that people are told how old it is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "fortnox_list",
        sa.Column("is_outdated", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
