"""How a fault is told over the API: in words, with its facts, its remediations and what waits for it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.lexicon import Language
from fortnox_sync.fault.model import Fault, Severity, severity
from fortnox_sync.fault.remediation import Remediation
from fortnox_sync.fault.repository import OpenFault
from fortnox_sync.fault.texts import label, message, title


class RemediationOut(BaseModel):
    """What cures a fault, and the word on its button."""

    label: str
    remediation: Remediation


class WaitingOut(BaseModel):
    """What a fault holds up; amounts in öre."""

    sessions: int
    vouchers: int
    dates: list[date]
    amount: int = Field(description="Öre.")


class FaultOut(BaseModel):
    """Why something waits."""

    fault_id: str
    severity: Severity
    title: str
    message: str
    opened_at: datetime
    fault: Fault
    remediations: list[RemediationOut]
    waiting: WaitingOut


class FaultsOut(BaseModel):
    """The open faults, oldest first."""

    faults: list[FaultOut]


def told(found: OpenFault, language: Language) -> FaultOut:
    """Tell a fault in a language."""
    return FaultOut(
        fault_id=found.fault_id,
        severity=severity(found.fault),
        title=title(found.fault, language),
        message=message(found.fault, language),
        opened_at=found.opened_at,
        fault=found.fault,
        remediations=[
            RemediationOut(label=label(one, language), remediation=one)
            for one in remediations_for(found.fault)
        ],
        waiting=_waiting(found),
    )


def _waiting(found: OpenFault) -> WaitingOut:
    dates = sorted({one.business_date for one in found.waiting if one.business_date})
    return WaitingOut(
        sessions=sum(one.kind == "session" for one in found.waiting),
        vouchers=sum(one.kind == "voucher" for one in found.waiting),
        dates=dates,
        amount=sum(one.amount_ore for one in found.waiting),
    )
