"""Tables of what the till told us: deliveries as they came, and the ledger made from them."""

import sqlalchemy as sa

from fortnox_sync.runtime.database import Json, UtcDateTime, metadata

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("delivery_id", sa.String(36), primary_key=True),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("webhook_id", sa.String(256), nullable=False),
    sa.Column("type", sa.String(64)),
    sa.Column("company_id", sa.String(64)),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("problems", Json),
    sa.Column("variant_of", sa.String(36)),
    # When its body was let go of; the hash still tells one that comes again.
    sa.Column("emptied_at", UtcDateTime),
    sa.CheckConstraint(
        "status IN ('stored', 'unreadable', 'unknown_type', 'variant', 'conflicting')", "status"
    ),
    # The first delivery under an id stands; another body under the same id is kept beside it.
    sa.Index(
        "uq_delivery_source_webhook_id",
        "source",
        "webhook_id",
        unique=True,
        sqlite_where=sa.text("variant_of IS NULL"),
        postgresql_where=sa.text("variant_of IS NULL"),
    ),
    sa.UniqueConstraint("source", "webhook_id", "body_hash"),
    sa.Index("ix_delivery_status", "status", "received_at"),
    # Where the next bodies to let go of are found, without a look at all that are empty.
    sa.Index(
        "ix_delivery_whole",
        "status",
        "received_at",
        sqlite_where=sa.text("emptied_at IS NULL"),
        postgresql_where=sa.text("emptied_at IS NULL"),
    ),
)

catalog_item = sa.Table(
    "catalog_item",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("dimension", sa.String(16), primary_key=True),
    sa.Column("item_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200)),
    sa.Column("kind", sa.String(32)),
    sa.Column("cost_center_id", sa.String(64)),
    sa.Column("vat_rates", Json),
    sa.Column("announced_at", UtcDateTime),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.CheckConstraint(
        "dimension IN ('register', 'payment_method', 'vat_rate', 'article_group', 'event', 'cost_center')",
        "dimension",
    ),
)

till_session = sa.Table(
    "till_session",
    metadata,
    sa.Column("company_id", sa.ForeignKey("company.company_id"), primary_key=True),
    sa.Column("session_id", sa.String(64), primary_key=True),
    sa.Column("register_id", sa.String(64), nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    # What the till told of the session, counted; planning remembers how far it has looked.
    sa.Column("changes", sa.BigInteger, nullable=False),
    sa.Column("planned_changes", sa.BigInteger, nullable=False, server_default="0"),
    # The manual export that asks for what is unbooked of it, closed or not.
    sa.Column("export_id", sa.String(36)),
    # When it was told that the close is overdue.
    sa.Column("overdue_at", UtcDateTime),
    # The revision of the close that its transactions equalled to the öre; what comes after is a supplement.
    sa.Column("agreed_revision", sa.Integer),
    # What an operator accepted as incomplete: a digest of exactly the differences that were shown.
    sa.Column("accepted_digest", sa.String(64)),
    sa.Index("ix_till_session_company_id_business_date", "company_id", "business_date"),
    sa.Index(
        "ix_till_session_unplanned",
        "company_id",
        "business_date",
        sqlite_where=sa.text("planned_changes < changes AND closed_at IS NOT NULL"),
        postgresql_where=sa.text("planned_changes < changes AND closed_at IS NOT NULL"),
    ),
    # Open ones too: where the first screen looks for sales in no voucher.
    sa.Index(
        "ix_till_session_told_more",
        "company_id",
        "business_date",
        sqlite_where=sa.text("planned_changes < changes"),
        postgresql_where=sa.text("planned_changes < changes"),
    ),
    sa.Index(
        "ix_till_session_asked",
        "company_id",
        sqlite_where=sa.text("export_id IS NOT NULL"),
        postgresql_where=sa.text("export_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_till_session_never_closed",
        "business_date",
        sqlite_where=sa.text("closed_at IS NULL AND overdue_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND overdue_at IS NULL"),
    ),
)

till_transaction = sa.Table(
    "till_transaction",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("transaction_id", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(64), nullable=False),
    sa.Column("register_id", sa.String(64), nullable=False),
    sa.Column("receipt_number", sa.BigInteger),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("occurred_at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.String(200)),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("delivery_id", sa.String(36), nullable=False),
    sa.Index("ix_till_transaction_company_id_session_id", "company_id", "session_id"),
    sa.CheckConstraint("kind IN ('sale', 'cash_count', 'drawer', 'purchase')", "kind"),
)

# One row per line of a transaction. It repeats the session, register and kind of its transaction so that
# a session is summed from this table alone. `position` tells lines of one transaction apart.
till_entry = sa.Table(
    "till_entry",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(64), primary_key=True),
    sa.Column("transaction_id", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("register_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("type", sa.String(8), nullable=False),
    sa.Column("item_id", sa.String(64), nullable=False),
    sa.Column("vat_rate", sa.String(8)),
    sa.Column("cost_center_id", sa.String(64)),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("vat", sa.BigInteger, nullable=False),
    sa.CheckConstraint("type IN ('payment', 'sale', 'event')", "type"),
)

day_close = sa.Table(
    "day_close",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(64), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("register_id", sa.String(64), nullable=False),
    sa.Column("z_number", sa.BigInteger, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime, nullable=False),
    sa.Column("transaction_count", sa.BigInteger, nullable=False),
    sa.Column("totals", Json, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("delivery_id", sa.String(36), nullable=False),
    sa.Index("ix_day_close_company_id_register_id_z_number", "company_id", "register_id", "z_number"),
)

day_report = sa.Table(
    "day_report",
    metadata,
    sa.Column("company_id", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(64), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
