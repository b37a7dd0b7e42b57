"""The day report: one page in Swedish about what a takings voucher holds, where the till sent no report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from fpdf import FPDF

from fortnox_sync.accounting.money import Money, total
from fortnox_sync.accounting.voucher import VoucherRow

_SWEDEN = ZoneInfo("Europe/Stockholm")
_FONT = "Helvetica"  # one of the fonts every reader has, so the file carries none
_MARGIN, _WIDTH, _HEIGHT = 18.0, 210.0, 297.0  # millimetres, A4
_INNER = _WIDTH - 2 * _MARGIN
_FOOT = 16.0
_TALLEST_LINE, _LOWEST_LINE = 5.2, 3.4
_HEADINGS_TAKE = 66.0
_GREY = (110, 110, 110)


@dataclass(frozen=True, slots=True)
class RateLine:
    """What was sold at one rate: gross with the till's own VAT in it."""

    rate: str
    gross: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class Named:
    """A payment method or event by its name, and its sum."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class DayReport:
    """Everything the page tells; two that are equal are drawn alike, byte for byte."""

    company: str
    organisation_number: str | None
    register: str
    session: str
    part: str
    business_date: date
    z_number: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    receipts: int
    refunds: int
    refunded: Money
    rates: tuple[RateLine, ...]
    payments: tuple[Named, ...]
    events: tuple[Named, ...]
    series: str
    number: int
    marker: str
    title: str
    rows: tuple[VoucherRow, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table: its heading, its share of the width, and which side its text leans on."""

    heading: str
    share: float
    align: Literal["L", "R"] = "R"


_SALES = (
    _Column("Momssats", 0.34, "L"),
    _Column("Försäljning inkl. moms", 0.24),
    _Column("Varav moms", 0.21),
    _Column("Exkl. moms", 0.21),
)
_SUMS = (_Column("", 0.76, "L"), _Column("Belopp", 0.24))
_ROWS = (
    _Column("Konto", 0.1, "L"),
    _Column("Kst", 0.1, "L"),
    _Column("Text", 0.44, "L"),
    _Column("Debet", 0.18),
    _Column("Kredit", 0.18),
)


def draw(report: DayReport) -> bytes:
    """Draw the page as a PDF; very long days get smaller lines before they get a second page."""
    page = _Page(report)
    page.head()
    page.table("Försäljning per momssats", _SALES, _rates(report.rates), _rate_sums(report.rates))
    payments = total(one.amount for one in report.payments)
    page.table("Betalningar", _SUMS, _named(report.payments), ("Summa", str(payments)))
    if report.events:
        page.table("Övriga händelser", _SUMS, _named(report.events), None)
    page.receipts()
    debit, credit = total(row.debit for row in report.rows), total(row.credit for row in report.rows)
    heading = f"Verifikation {report.series} {report.number}"
    page.table(heading, _ROWS, _rows(report.rows), ("", "", "Summa", str(debit), str(credit)))
    return page.finished()


def _rates(rates: Iterable[RateLine]) -> Iterator[tuple[str, ...]]:
    return ((one.rate, str(one.gross), str(one.vat), str(one.gross - one.vat)) for one in rates)


def _rate_sums(rates: tuple[RateLine, ...]) -> tuple[str, ...]:
    gross, vat = total(one.gross for one in rates), total(one.vat for one in rates)
    return "Summa", str(gross), str(vat), str(gross - vat)


def _named(named: Iterable[Named]) -> Iterator[tuple[str, ...]]:
    return ((one.name, str(one.amount)) for one in named)


def _rows(rows: Iterable[VoucherRow]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        sides = (str(side) if side else "" for side in (row.debit, row.credit))
        yield str(row.account), row.cost_center or "", row.text, *sides


class _Page:
    """The sheet while it is being filled, from top to bottom."""

    def __init__(self, report: DayReport) -> None:
        self._report = report
        lines = 16 + len(report.rates) + len(report.payments) + len(report.events) + len(report.rows)
        room = _HEIGHT - 2 * _MARGIN - _FOOT - _HEADINGS_TAKE
        self._line = max(_LOWEST_LINE, min(_TALLEST_LINE, room / lines))
        self._size = self._line * 1.7  # points of type for millimetres of line
        self._pdf = _Sheet(_made_by(report))
        self._pdf.set_margin(_MARGIN)
        self._pdf.set_auto_page_break(auto=True, margin=_FOOT)
        # Given from outside: the same report drawn again is the same file.
        self._pdf.set_creation_date(report.made_at)
        self._pdf.set_title(_latin(f"Dagsrapport {report.business_date} {report.register}"))
        self._pdf.set_lang("sv")
        self._pdf.add_page()

    def head(self) -> None:
        """Say whose day it is, which register's, and what the page is about."""
        pdf, report = self._pdf, self._report
        self._words("Dagsrapport", 20, bold=True, height=10)
        self._words(report.company, 11, height=6)
        pdf.set_y(pdf.get_y() + 3)
        for label, text in _facts(report):
            pdf.set_font(_FONT, "", 9)
            pdf.set_text_color(*_GREY)
            pdf.cell(38, 5, _latin(label))
            pdf.set_text_color(0)
            pdf.cell(_INNER - 38, 5, self._fitting(text, _INNER - 38), new_x="LMARGIN", new_y="NEXT")

    def table(
        self,
        heading: str,
        columns: tuple[_Column, ...],
        lines: Iterable[tuple[str, ...]],
        sums: tuple[str, ...] | None,
    ) -> None:
        """Draw a table under its heading, with its sums below a line of their own."""
        pdf = self._pdf
        pdf.set_y(pdf.get_y() + self._line * 0.8)
        self._words(heading, self._size + 2, bold=True, height=self._line + 1.2)
        self._cells(columns, tuple(column.heading for column in columns), grey=True)
        self._rule()
        for line in lines:
            self._cells(columns, line)
        if sums is not None:
            self._rule()
            self._cells(columns, sums, bold=True)

    def receipts(self) -> None:
        """Say how many receipts it is about, and what was given back."""
        report = self._report
        told = (
            ("Antal kvitton", str(report.receipts)),
            (f"Varav returer: {report.refunds} st", str(report.refunded)),
        )
        columns = (_SUMS[0], _Column("", _SUMS[1].share))
        self.table("Kvitton", columns, told, None)

    def finished(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())

    def _cells(
        self, columns: tuple[_Column, ...], texts: tuple[str, ...], *, bold: bool = False, grey: bool = False
    ) -> None:
        if not any(texts):
            return
        pdf = self._pdf
        pdf.set_font(_FONT, "B" if bold else "", self._size - (1 if grey else 0))
        pdf.set_text_color(*(_GREY if grey else (0, 0, 0)))
        for column, text in zip(columns, texts, strict=True):
            width = column.share * _INNER
            pdf.cell(width, self._line, self._fitting(text, width), align=column.align)
        pdf.ln(self._line)
        pdf.set_text_color(0)

    def _rule(self) -> None:
        pdf = self._pdf
        pdf.set_draw_color(190)
        pdf.line(_MARGIN, pdf.get_y(), _WIDTH - _MARGIN, pdf.get_y())

    def _words(self, text: str, size: float, *, height: float, bold: bool = False) -> None:
        self._pdf.set_font(_FONT, "B" if bold else "", size)
        self._pdf.cell(_INNER, height, self._fitting(text, _INNER), new_x="LMARGIN", new_y="NEXT")

    def _fitting(self, text: str, width: float) -> str:
        """Cut a text that would leave its place."""
        pdf, spelled = self._pdf, _latin(text)
        room = width - 2 * pdf.c_margin
        if pdf.get_string_width(spelled) <= room:
            return spelled
        while spelled and pdf.get_string_width(f"{spelled}...") > room:
            spelled = spelled[:-1]
        return f"{spelled}..."


class _Sheet(FPDF):
    """A sheet that says at its foot who made it."""

    def __init__(self, made_by: str) -> None:
        super().__init__(orientation="P", unit="mm", format="A4")
        self._made_by = made_by

    def footer(self) -> None:
        """Say who made the page and when; fpdf calls this at the end of each."""
        self.set_y(-_FOOT + 4)
        self.set_font(_FONT, "", 8)
        self.set_text_color(*_GREY)
        self.cell(_INNER, 4, self._made_by)
        self.set_text_color(0)


def _facts(report: DayReport) -> Iterator[tuple[str, str]]:
    """Say what the page is about, line by line."""
    if report.organisation_number:
        yield "Organisationsnummer", report.organisation_number
    yield "Bokföringsdag", str(report.business_date)
    yield "Kassa", report.register
    z_report = "" if report.z_number is None else f" · Z-nummer {report.z_number}"
    yield "Kassapass", f"{report.session}{z_report}"
    if report.opened_at and report.closed_at:
        yield "Öppnat - stängt", f"{_moment(report.opened_at)} - {_moment(report.closed_at)}"
    else:
        yield "Öppnat - stängt", "inget dagsavslut har kommit från kassan"
    yield "Verifikation", f"{report.series} {report.number} · märke {report.marker}"
    yield "Verifikationstext", report.title
    yield "Avser", _about(report.part)


def _about(part: str) -> str:
    _, _, place = part.partition(":")
    if not place:
        return "de kvitton som bokförts i verifikationen ovan"
    return f"del {place} av dagen: bara de kvitton som bokförts i verifikationen ovan"


def _made_by(report: DayReport) -> str:
    made = _moment(report.made_at)
    return _latin(f"Skapad av fortnox-sync {made}, eftersom kassan inte skickat någon rapport som PDF.")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(_SWEDEN):%Y-%m-%d %H:%M}"


def _latin(text: str) -> str:
    """Replace what the built-in fonts lack: a name in other letters must not keep a day from its paper."""
    return text.encode("latin-1", "replace").decode("latin-1")
