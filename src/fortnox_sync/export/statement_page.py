"""A statement as one page to print and file: no scripts, nothing from elsewhere, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.export.days import by_state, total
from fortnox_sync.export.statement import Entered, Statement
from fortnox_sync.export.statement_style import POLICY, STYLE
from fortnox_sync.export.statement_words import WORDS, Words
from fortnox_sync.export.z_numbers import ZNumbers
from fortnox_sync.runtime.clock import STOCKHOLM
from fortnox_sync.web.markup import Html, join, tag

# A column: its heading, and whether it holds amounts or short words that stay on one line.
Column = tuple[str, Literal["amount", "tight", ""]]


def page(drawn: Statement, language: Literal["sv", "en"]) -> str:
    """Set a statement on a page in a language."""
    words = WORDS[language]
    name = drawn.company.name or drawn.company.company_id
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{words.title} {name} {_span(drawn)}"),
        tag("style", Html(STYLE)),
    )
    body = tag(
        "body",
        _heading(drawn, words, name),
        _proof(drawn, words),
        _unbooked(drawn, words),
        _accounts(drawn, words),
        _vat(drawn, words),
        _z_numbers(drawn.z_numbers, words),
        _days(drawn, words),
        _vouchers(drawn.vouchers, words),
        _signature(words),
        tag("footer", tag("p", words.about_sums), tag("p", words.about_gross)),
    )
    return "<!doctype html>\n" + tag("html", head, body, lang=language)


def _span(drawn: Statement) -> str:
    return f"{drawn.period.from_on} – {drawn.period.to_on}"


def _heading(drawn: Statement, words: Words, name: str) -> Html:
    number = drawn.company.organisation_number
    made = drawn.made_at.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
    about = [(words.period, _span(drawn))]
    if drawn.books is not None:
        about.append((words.books, f"{drawn.books.name}, {drawn.books.organisation_number}"))
    about.append((words.made, made))
    return tag(
        "header",
        tag(
            "div",
            tag("h1", words.title),
            tag("strong", name),
            tag("p", f"{words.organisation_number} {number}" if number else ""),
            class_="who",
        ),
        tag("table", *(tag("tr", tag("th", what), tag("td", said)) for what, said in about), class_="about"),
    )


def _proof(drawn: Statement, words: Words) -> Html:
    figures = (
        (words.till, drawn.gross.till),
        (words.booked, drawn.gross.booked),
        (words.difference, drawn.gross.difference),
    )
    shown = (tag("div", tag("span", what), tag("b", _kronor(ore))) for what, ore in figures)
    changed = sum(bool(one.faults) for one in drawn.vouchers)
    return join(
        tag("div", *shown, class_="figures"),
        _note(words.not_all_booked, alarms=True) if drawn.unbooked else _note(words.all_booked),
        _note(words.changed.format(count=changed), alarms=True) if changed else "",
        _note(_verified(drawn, words), alarms=drawn.verified < len(drawn.vouchers)),
    )


def _verified(drawn: Statement, words: Words) -> str:
    if not drawn.vouchers:
        return words.no_vouchers
    text = words.all_verified if drawn.verified == len(drawn.vouchers) else words.some_verified
    return text.format(vouchers=len(drawn.vouchers), verified=drawn.verified)


def _note(text: str, *, alarms: bool = False) -> Html:
    return tag("p", text, class_="note alarm" if alarms else "note")


def _unbooked(drawn: Statement, words: Words) -> Html:
    rows = [
        (
            words.states[state],
            str(len(some)),
            _dates(sorted({str(one.business_date) for one in some})),
            _kronor(total(some).till),
            _kronor(total(some).booked),
            _kronor(total(some).difference),
        )
        for state, some in by_state(drawn.unbooked).items()
    ]
    columns: list[Column] = [
        (words.state, ""),
        (words.sessions, "amount"),
        (words.dates, ""),
        (words.till, "amount"),
        (words.booked, "amount"),
        (words.difference, "amount"),
    ]
    return _section(words.unbooked, columns, rows) if rows else Html()


def _dates(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"


def _accounts(drawn: Statement, words: Words) -> Html:
    rows = [
        (str(one.number), one.name or "", _side(one.debit), _side(one.credit), _kronor(one.net))
        for one in drawn.accounts
    ]
    columns: list[Column] = [
        (words.account, "tight"),
        (words.name, ""),
        (words.debit, "amount"),
        (words.credit, "amount"),
        (words.net, "amount"),
    ]
    net = drawn.debit - drawn.credit
    foot = (words.total, "", _kronor(drawn.debit), _kronor(drawn.credit), _kronor(net))
    return _section(words.per_account, columns, rows, foot) if rows else Html()


def _vat(drawn: Statement, words: Words) -> Html:
    figures = [
        (one.till_gross, one.till_net, one.till_vat, one.booked_net, one.booked_vat) for one in drawn.vat
    ]
    rows = [
        (str(VatRate.parse(one.vat_rate)), *map(_kronor, of))
        for one, of in zip(drawn.vat, figures, strict=True)
    ]
    headings = (words.till_gross, words.till_net, words.till_vat, words.booked_net, words.booked_vat)
    columns: list[Column] = [(words.rate, "tight"), *((one, "amount") for one in headings)]
    foot = (words.total, *(_kronor(sum(column)) for column in zip(*figures, strict=True)))
    if not rows:
        return Html()
    return join(_section(words.vat, columns, rows, foot), tag("p", words.vat_note, class_="small"))


def _z_numbers(registers: Iterable[ZNumbers], words: Words) -> Html:
    rows = [
        (
            one.register_name or one.register_id,
            "" if one.first is None or one.last is None else _range(one.first, one.last),
            "" if one.follows is None else str(one.follows),
            str(one.reports),
            ", ".join(_range(gap.first, gap.last) for gap in one.gaps) or words.unbroken,
            ", ".join(map(str, one.repeated)) or words.unbroken,
            str(one.open),
        )
        for one in registers
    ]
    columns: list[Column] = [
        (words.register, ""),
        (words.first_to_last, "tight"),
        (words.before, "tight"),
        (words.reports, "amount"),
        (words.missing, ""),
        (words.repeated, ""),
        (words.still_open, "amount"),
    ]
    return _section(words.z_numbers, columns, rows) if rows else Html()


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _days(drawn: Statement, words: Words) -> Html:
    rows = [
        (
            str(day.business_date),
            day.register_name or day.register_id,
            "" if day.z_number is None else str(day.z_number),
            _kronor(day.gross.till),
            _kronor(day.gross.booked),
            _kronor(day.gross.difference),
            words.states[day.state],
        )
        for day in drawn.days
    ]
    columns: list[Column] = [
        (words.date, "tight"),
        (words.register, ""),
        ("Z", "amount"),
        (words.till, "amount"),
        (words.booked, "amount"),
        (words.difference, "amount"),
        (words.state, "tight"),
    ]
    gross = drawn.gross
    foot = (words.total, "", "", *map(_kronor, (gross.till, gross.booked, gross.difference)), "")
    return _section(words.days, columns, rows, foot, is_long=True) if rows else Html()


def _vouchers(vouchers: Iterable[Entered], words: Words) -> Html:
    rows = [
        (
            f"{one.series} {one.number}",
            str(one.transaction_date),
            one.text,
            words.kinds[one.kind],
            "" if one.z_number is None else str(one.z_number),
            _kronor(one.amount),
            _is_verified(one, words),
        )
        for one in vouchers
    ]
    columns: list[Column] = [
        (words.number, "tight"),
        (words.date, "tight"),
        (words.text, ""),
        (words.kind, "tight"),
        ("Z", "amount"),
        (words.amount, "amount"),
        (words.verified, "tight"),
    ]
    return _section(words.vouchers, columns, rows, is_long=True) if rows else Html()


def _is_verified(one: Entered, words: Words) -> str:
    return words.no if one.verified_at is None or one.faults else words.yes


def _signature(words: Words) -> Html:
    lines = (words.place_and_date, words.signature, words.clarified)
    return tag("div", *(tag("div", line) for line in lines), class_="sign")


def _section(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    foot: Sequence[str] = (),
    *,
    is_long: bool = False,
) -> Html:
    parts = [tag("thead", _row("th", [heading for heading, _ in columns], columns))]
    parts.append(tag("tbody", *(_row("td", cells, columns) for cells in rows)))
    if foot:
        parts.append(tag("tfoot", _row("td", foot, columns)))
    return tag("section", tag("h2", title), tag("table", *parts), class_="long" if is_long else "short")


def _row(element: str, cells: Iterable[str], columns: Sequence[Column]) -> Html:
    return tag(
        "tr",
        *(
            tag(element, cell, class_=kind) if kind else tag(element, cell)
            for cell, (_, kind) in zip(cells, columns, strict=True)
        ),
    )


def _kronor(ore: int) -> str:
    return str(Money(ore))


def _side(ore: int) -> str:
    """Leave the empty side of an account empty, as books do."""
    return _kronor(ore) if ore else ""
