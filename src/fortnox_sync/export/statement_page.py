"""A statement as one page to print and file: no scripts, nothing from elsewhere, every text escaped."""

from __future__ import annotations

from typing import Literal

from fortnox_sync.export import statement_tables as tables
from fortnox_sync.export.statement import Statement
from fortnox_sync.export.statement_english import ENGLISH
from fortnox_sync.export.statement_style import POLICY, STYLE
from fortnox_sync.export.statement_swedish import SWEDISH
from fortnox_sync.export.statement_tables import kronor
from fortnox_sync.export.statement_words import Words
from fortnox_sync.runtime.clock import STOCKHOLM
from fortnox_sync.web.markup import Html, join, tag

_WORDS: dict[Literal["sv", "en"], Words] = {"sv": SWEDISH, "en": ENGLISH}


def page(drawn: Statement, language: Literal["sv", "en"]) -> str:
    """Set a statement on a page in a language."""
    words = _WORDS[language]
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
        tables.unbooked(drawn, words),
        tables.accounts(drawn, words),
        tables.vat(drawn, words),
        tables.z_numbers(drawn.z_numbers, words),
        tables.days(drawn, words),
        tables.vouchers(drawn.vouchers, words),
        _signature(words),
        tag("footer", tag("p", words.about_sums), tag("p", words.about_gross)),
    )
    return "<!doctype html>\n" + tag("html", head, body, lang=language)


def _span(drawn: Statement) -> str:
    return f"{drawn.period.from_on} \N{EN DASH} {drawn.period.to_on}"


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
    shown = (tag("div", tag("span", what), tag("b", kronor(ore))) for what, ore in figures)
    changed = sum(bool(one.faults or one.gone_at) for one in drawn.vouchers)
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


def _signature(words: Words) -> Html:
    lines = (words.place_and_date, words.signature, words.clarified)
    return tag("div", *(tag("div", line) for line in lines), class_="sign")
