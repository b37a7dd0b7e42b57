"""Bodies of the calls on notifications; amounts are öre."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.model import Fault, Severity, severity
from fortnox_sync.fault.notifications import Notification
from fortnox_sync.fault.parts import Sent
from fortnox_sync.fault.schemas import RemediationOut
from fortnox_sync.fault.texts import healed, label, message, title
from fortnox_sync.web.language import Language


class SentOut(BaseModel):
    """What went to Fortnox once the fault was healed."""

    vouchers: int = Field(description="Vouchers that had waited and are booked.", examples=[2])
    dates: list[date] = Field(description="Their days.", examples=[["2026-10-02", "2026-10-03"]])
    amount: int = Field(description="The sum of either side of them, öre.", examples=[2479000])
    on_their_way: int = Field(description="Vouchers that had waited and will be booked next.", examples=[0])
    message: str = Field(
        description="The same in words.",
        examples=[
            "Åtgärdat. Bokfört i Fortnox: 24\N{NO-BREAK SPACE}790,00\N{NO-BREAK SPACE}kr för 2026-10-02."
        ],
    )


class NotificationOut(BaseModel):
    """A fault in the bell of the front end."""

    id: str = Field(description="The id of the fault.", examples=["01a217f4-1813-7658-a93e-0f897248136f"])
    severity: Severity = Field(description="How much it matters.")
    title: str = Field(description="A heading, in the reader's language.")
    message: str = Field(description="What is wrong and what to do, in the reader's language.")
    opened_at: datetime = Field(description="Since when, UTC.")
    closed_at: datetime | None = Field(description="When it was healed, UTC; null while it is open.")
    read_at: datetime | None = Field(description="When the caller read it, UTC; null while it is unread.")
    fault: Fault = Field(description="The facts; switch on `code`.")
    remediations: list[RemediationOut] = Field(description="What cures it; empty once it is healed.")
    sent: SentOut | None = Field(description="What was sent once it was healed; null while it is open.")


class NotificationsOut(BaseModel):
    """A page of notifications, the newest first."""

    notifications: list[NotificationOut] = Field(description="The newest first.")
    unread: int = Field(description="How many the caller has not read, on all pages.", examples=[1])
    next_cursor: str | None = Field(description="Send as `cursor` for the next page; null on the last.")


def notification_out(one: Notification, sent: Sent, language: Language) -> NotificationOut:
    """Tell a notification in a language."""
    is_open = one.closed_at is None
    cures = remediations_for(one.fault) if is_open else ()
    return NotificationOut(
        id=one.fault_id,
        severity=severity(one.fault),
        title=title(one.fault, language),
        message=message(one.fault, language),
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        read_at=one.read_at,
        fault=one.fault,
        remediations=[RemediationOut(label=label(cure, language), remediation=cure) for cure in cures],
        sent=None if is_open else _sent_out(sent, language),
    )


def _sent_out(sent: Sent, language: Language) -> SentOut:
    return SentOut(
        vouchers=sent.vouchers,
        dates=list(sent.dates),
        amount=sent.amount_ore,
        on_their_way=sent.on_their_way,
        message=healed(sent, language),
    )
