"""How a fault is told over the API: in words, with its facts, its remediations and what waits for it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

from fortnox_sync.fault.cure import remediations_for
from fortnox_sync.fault.lexicon import Language
from fortnox_sync.fault.model import Fault, Severity, severity
from fortnox_sync.fault.remediation import Remediation
from fortnox_sync.fault.repository import ShownFault, Waits
from fortnox_sync.fault.texts import label, message, title


class RemediationOut(BaseModel):
    """What cures a fault, and the word on its button."""

    label: str = Field(description="The word on its button, in the reader's language.")
    remediation: Remediation = Field(description="What to do; switch on `action`.")


class WaitingOut(BaseModel):
    """What a fault holds up; amounts in öre."""

    sessions: int = Field(description="Till sessions that wait.")
    vouchers: int = Field(description="Vouchers that wait.")
    dates: list[date] = Field(description="Their business days.")
    amount: int = Field(description="Öre.")


class FaultOut(BaseModel):
    """Why something waits."""

    fault_id: str = Field(description="Its id.")
    severity: Severity = Field(
        description="How much it matters: sales wait, something is odd, it passes by itself."
    )
    title: str = Field(description="A heading, in the reader's language.")
    message: str = Field(description="What is wrong and what to do, in the reader's language.")
    opened_at: datetime = Field(description="Since when, UTC.")
    fault: Fault = Field(description="The facts; switch on `code`.")
    remediations: list[RemediationOut] = Field(description="What cures it, the best first.")
    waiting: WaitingOut = Field(description="What it holds up.")


class FaultsOut(BaseModel):
    """The open faults, oldest first."""

    faults: list[FaultOut] = Field(description="The open faults, oldest first.")


def told(found: ShownFault, language: Language) -> FaultOut:
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
        waiting=_waiting(found.waits),
    )


def _waiting(waits: Waits) -> WaitingOut:
    return WaitingOut(
        sessions=waits.sessions,
        vouchers=waits.vouchers,
        dates=sorted(waits.dates),
        amount=waits.amount_ore,
    )
