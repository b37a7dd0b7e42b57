"""Bodies of the export calls; amounts are öre, dates are business days, both ends of a period included."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.behind import RowKey, Share
from fortnox_sync.export.by_hand import Asked
from fortnox_sync.export.draft import Draft, DraftVoucher
from fortnox_sync.export.preview import Preview
from fortnox_sync.export.runs import Kind, Period, Progress, Run
from fortnox_sync.export.schemas.vouchers import RowOut, ShareOut, row_out, share_out
from fortnox_sync.export.state import State
from fortnox_sync.export.unbooked import UnbookedSession
from fortnox_sync.fault.model import Fault
from fortnox_sync.fault.texts import message, title
from fortnox_sync.web.language import Language


class PeriodIn(BaseModel):
    """The business days to export; both may be left out, and the start date holds all the same."""

    model_config = ConfigDict(extra="forbid")

    from_on: date | None = Field(default=None, description="The first business day; open if left out.")
    to_on: date | None = Field(default=None, description="The last business day, included; open if left out.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_on and self.to_on and self.from_on > self.to_on:
            raise ValueError("from_on must not be after to_on")
        return self

    @property
    def period(self) -> Period:
        """Return the days it speaks of."""
        return Period(self.from_on, self.to_on)


class PreviewIn(PeriodIn):
    """The days to look at, or one till session to look at closely."""

    session_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="One session by itself: its rows then come with the transactions behind them.",
    )


class AnywayIn(BaseModel):
    """Why a day is booked although nothing proves it complete; kept in the audit log."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$"
        ),
        Field(description="Why, in a person's words."),
    ]


class ExportOut(BaseModel):
    """One export: what started it, and how far it has come."""

    export_id: str = Field(description="Its id.")
    kind: Kind = Field(description="What started it.")
    progress: Progress = Field(description="How far it has come.")
    asked_by: str | None = Field(description="Who clicked; null where a day close began it.")
    asked_at: datetime = Field(description="When it began, UTC.")
    from_on: date | None = Field(description="The first business day; null for all.")
    to_on: date | None = Field(description="The last business day, included; null for all.")
    vouchers: dict[State, int] = Field(description="Its vouchers, counted by state.")
    sessions_to_plan: int = Field(description="Till sessions that are about to become vouchers.")
    sessions_held: int = Field(description="Till sessions that wait for a fault to be cured.")


class ExportsOut(BaseModel):
    """A page of exports, the newest first."""

    exports: list[ExportOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Send as `cursor` for the next page; null on the last.")


class UnbookedSessionOut(BaseModel):
    """A till session with sales that are in no voucher yet."""

    session_id: str = Field(description="The till's id of the session.")
    register_id: str = Field(description="The till's id of the register.")
    business_date: date = Field(description="The business day.")
    closed: bool = Field(description="Whether its day close came.")
    transactions: int = Field(description="How many are in no voucher.")
    amount: int = Field(description="What was paid in them, öre.")
    standing: str = Field(
        description="`exporting` now, `on_its_way` since an earlier click, or `held` by the faults named."
    )
    faults: list[str] = Field(description="Codes of the faults that hold it.")


class AskedOut(BaseModel):
    """What a click on manual export came to."""

    started: bool = Field(description="False when there was nothing that is not on its way already.")
    message: str = Field(description="What came of it, in the reader's language.")
    export: ExportOut | None = Field(
        description="The export that began or goes on; null where there is none."
    )
    sessions: list[UnbookedSessionOut] = Field(description="Till sessions that are not booked.")
    vouchers_on_their_way: dict[State, int] = Field(
        description="Vouchers that move by themselves, counted by state."
    )


class PreviewRowOut(RowOut):
    """A row of a voucher to come."""

    transactions: list[ShareOut] | None = Field(
        description="What it is the sum of; null unless one `session_id` was asked for."
    )


class PreviewVoucherOut(BaseModel):
    """A voucher that an export would make now; number and marker come with it."""

    session_id: str = Field(description="The till's id of the session.")
    register_id: str = Field(description="The till's id of the register.")
    part: str = Field(description="Which part of the session: `takings`, `drawer`, `purchase:…`.")
    series: str = Field(description="Voucher series.")
    transaction_date: date = Field(description="The business day it would be booked on.")
    description: str = Field(description="Its text.")
    rows: list[PreviewRowOut] = Field(description="Its rows; debit and credit are equal.")


class HeldOut(BaseModel):
    """A till session that an export would hold, and why."""

    session_id: str = Field(description="The till's id of the session.")
    register_id: str = Field(description="The till's id of the register.")
    business_date: date = Field(description="The business day.")
    amount: int = Field(description="What was paid in what waits, öre.")
    title: str = Field(description="A heading, in the reader's language.")
    message: str = Field(description="What is wrong and what to do, in the reader's language.")
    fault: Fault = Field(description="The facts; switch on `code`.")


class PreviewOut(BaseModel):
    """What an export would do now; nothing is written."""

    vouchers: list[PreviewVoucherOut] = Field(description="What would be booked.")
    held: list[HeldOut] = Field(description="What would wait, and why.")
    more: bool = Field(description="There are more till sessions than are shown: narrow the period.")


def export_out(run: Run) -> ExportOut:
    """Tell an export."""
    return ExportOut(
        export_id=run.export_id,
        kind=run.kind,
        progress=run.progress,
        asked_by=run.asked_by,
        asked_at=run.asked_at,
        from_on=run.period.from_on,
        to_on=run.period.to_on,
        vouchers=run.vouchers,
        sessions_to_plan=run.sessions_to_plan,
        sessions_held=run.sessions_held,
    )


def asked_out(asked: Asked, run: Run | None, moving: dict[State, int], language: Language) -> AskedOut:
    """Tell what a click came to, in a language."""
    return AskedOut(
        started=asked.is_new,
        message=_said(asked, moving, language),
        export=export_out(run) if run else None,
        sessions=[_session_out(one) for one in asked.sessions],
        vouchers_on_their_way=moving,
    )


_SENTENCES: dict[str, dict[Language, str]] = {
    "started": {
        "sv": "Försäljningen skickas nu till Fortnox.",
        "en": "The sales are on their way to Fortnox.",
    },
    "on_its_way": {
        "sv": "Allt är redan på väg till Fortnox.",
        "en": "Everything is on its way to Fortnox already.",
    },
    "held": {
        "sv": "Det som är kvar väntar på att något åtgärdas.",
        "en": "What is left waits for something to be mended.",
    },
    "nothing": {
        "sv": "Det finns inget nytt att exportera.",
        "en": "There is nothing new to export.",
    },
}


def _said(asked: Asked, moving: dict[State, int], language: Language) -> str:
    """Say in a sentence what a person wants to know after the click."""
    if asked.is_new:
        return _SENTENCES["started"][language]
    if asked.export_id is not None or any(moving.values()):
        return _SENTENCES["on_its_way"][language]
    return _SENTENCES["held" if asked.sessions else "nothing"][language]


def _session_out(one: UnbookedSession) -> UnbookedSessionOut:
    standing = "on_its_way" if one.is_on_its_way else "held" if one.is_held else "exporting"
    return UnbookedSessionOut(
        session_id=one.session.session_id,
        register_id=one.session.register_id,
        business_date=one.session.business_date,
        closed=one.is_closed,
        transactions=one.transactions,
        amount=one.paid.ore,
        standing=standing,
        faults=list(one.held_by),
    )


def preview_out(found: Preview, language: Language) -> PreviewOut:
    """Tell a preview, in a language."""
    held = [(one, why) for one in found.drafts if (why := found.why_held(one)) is not None]
    return PreviewOut(
        vouchers=[
            _voucher_out(found, one, voucher)
            for one in found.drafts
            for voucher in one.vouchers
            if voucher.rows
        ],
        held=[_held_out(one, why, language) for one, why in held],
        more=found.is_cut,
    )


def _voucher_out(found: Preview, one: Draft, voucher: DraftVoucher) -> PreviewVoucherOut:
    shares = found.behind.get((one.session.session_id, voucher.part.name))
    return PreviewVoucherOut(
        session_id=one.session.session_id,
        register_id=one.session.register_id,
        part=voucher.part.name,
        series=found.rules.series,
        transaction_date=one.session.business_date,
        description=voucher.part.title,
        rows=[
            PreviewRowOut(
                **row_out(row).model_dump(),
                transactions=_shares(shares, row) if shares is not None else None,
            )
            for row in voucher.rows
        ],
    )


def _shares(shares: dict[RowKey, tuple[Share, ...]], row: VoucherRow) -> list[ShareOut]:
    return [share_out(one) for one in shares.get((row.account, row.cost_center, row.of), ())]


def _held_out(one: Draft, why: Fault, language: Language) -> HeldOut:
    return HeldOut(
        session_id=one.session.session_id,
        register_id=one.session.register_id,
        business_date=one.session.business_date,
        amount=one.waiting.amount_ore,
        title=title(why, language),
        message=message(why, language),
        fault=why,
    )
