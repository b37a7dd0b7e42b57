"""A booking deleted in Fortnox lets go of its number, and lanes know when they were reconciled."""

import sqlalchemy as sa
from alembic import op

from fortnox_sync.runtime.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PLACE = ["fortnox_company", "financial_year", "series", "number"]
_UNIQUE = "uq_booking_fortnox_company_financial_year_series_number"


def upgrade() -> None:
    with op.batch_alter_table("booking", copy_from=_as_it_was()) as booking:
        booking.add_column(sa.Column("gone_at", UtcDateTime(), nullable=True))
        booking.drop_constraint(op.f(_UNIQUE), type_="unique")
        booking.drop_constraint(op.f("ck_booking_source"), type_="check")
        booking.create_check_constraint(
            op.f("ck_booking_source"), "source IN ('answer', 'lookup', 'decision', 'copy')"
        )
    op.add_column(
        "lane", sa.Column("is_to_reconcile", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("lane", sa.Column("reconciled_at", UtcDateTime(), nullable=True))
    op.create_index(
        "uq_booking_standing",
        "booking",
        _PLACE,
        unique=True,
        sqlite_where=sa.text("gone_at IS NULL"),
        postgresql_where=sa.text("gone_at IS NULL"),
    )


def _as_it_was() -> sa.Table:
    """Spell the table out: SQLite makes it anew, and can't be asked for its checks."""
    return sa.Table(
        "booking",
        sa.MetaData(),
        sa.Column("voucher_id", sa.String(length=36), nullable=False),
        sa.Column("fortnox_company", sa.BigInteger(), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("source IN ('answer', 'lookup', 'decision')", name="ck_booking_source"),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.voucher_id"], name="fk_booking_voucher_id"),
        sa.PrimaryKeyConstraint("voucher_id", name="pk_booking"),
        sa.UniqueConstraint(*_PLACE, name=_UNIQUE),
    )


def downgrade() -> None:
    raise NotImplementedError("bookkeeping is not undone; restore a backup instead")
