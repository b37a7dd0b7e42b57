"""Tables of what waits and why."""

import sqlalchemy as sa

from fortnox_sync.runtime.database import Json, UtcDateTime, metadata

fault = sa.Table(
    "fault",
    metadata,
    sa.Column("fault_id", sa.String(36), primary_key=True),
    sa.Column("company_id", sa.ForeignKey("company.company_id"), nullable=False),
    sa.Column("code", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("resolved_at", UtcDateTime),
    sa.Index(
        "uq_fault_company_id_code_subject_open",
        "company_id",
        "code",
        "subject",
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    ),
    sa.Index("ix_fault_company_id_opened_at", "company_id", "opened_at"),
)

# What a fault holds up: a session that can't be planned, or a voucher that can't be sent.
fault_waiting = sa.Table(
    "fault_waiting",
    metadata,
    sa.Column("fault_id", sa.ForeignKey("fault.fault_id"), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("waiting_id", sa.String(64), primary_key=True),
    sa.Column("business_date", sa.Date),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.CheckConstraint("kind IN ('session', 'voucher')", "kind"),
)

# What waited for a fault and was let go: once the fault is healed, it tells what was sent.
fault_released = sa.Table(
    "fault_released",
    metadata,
    sa.Column("fault_id", sa.ForeignKey("fault.fault_id"), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("waiting_id", sa.String(64), primary_key=True),
    sa.Column("released_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("kind IN ('session', 'voucher')", "kind"),
)

# Who has read which notification; each fault is one, for everybody who may see the company.
notification_read = sa.Table(
    "notification_read",
    metadata,
    sa.Column("fault_id", sa.ForeignKey("fault.fault_id"), primary_key=True),
    sa.Column("reader", sa.String(200), primary_key=True),
    sa.Column("company_id", sa.String(64), nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
)
