"""Tables of the merchant's choices: an account for each role, a code for each cost centre."""

import sqlalchemy as sa

from fortnox_sync.runtime.database import UtcDateTime, metadata

account_mapping = sa.Table(
    "account_mapping",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("dimension", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    # The register of a payment method, the rate of an article group; empty for the role as a whole.
    sa.Column("narrow", sa.String(64), primary_key=True),
    sa.Column("account", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("updated_by", sa.String(200), nullable=False),
    sa.CheckConstraint("account BETWEEN 1000 AND 9999", "account"),
    sa.CheckConstraint("dimension IN ('payment_method', 'vat_rate', 'article_group', 'event')", "dimension"),
)

cost_center_code = sa.Table(
    "cost_center_code",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("cost_center_id", sa.String(64), primary_key=True),
    sa.Column("code", sa.String(6)),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("updated_by", sa.String(200), nullable=False),
)
