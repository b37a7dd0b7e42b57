"""The tables of a statement's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.vat import VatRate
from fortnox_sync.export.days import by_state, total
from fortnox_sync.export.statement import Entered, Statement
from fortnox_sync.export.statement_words import Words
from fortnox_sync.export.z_ranges import ZNumbers
from fortnox_sync.web.markup import Html, join, tag

# A column: its heading, and whether it holds amounts or short words that stay on one line.
Column = tuple[str, Literal["amount", "tight", ""]]


def unbooked(drawn: Statement, words: Words) -> Html:
    """Sum what is not in the books by its state; nothing when all is."""
    rows = [
        (
            words.states[state],
            str(len(some)),
            _dates(sorted({str(one.business_date) for one in some})),
            kronor(total(some).till),
            kronor(total(some).booked),
            kronor(total(some).difference),
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
    return days[0] if len(days) == 1 else f"{days[0]} \N{EN DASH} {days[-1]}"


def accounts(drawn: Statement, words: Words) -> Html:
    """Sum the rows per account."""
    rows = [
        (str(one.number), one.name or "", _side(one.debit), _side(one.credit), kronor(one.net))
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
    foot = (words.total, "", kronor(drawn.debit), kronor(drawn.credit), kronor(net))
    return _section(words.per_account, columns, rows, foot) if rows else Html()


def vat(drawn: Statement, words: Words) -> Html:
    """Put the till's sales and VAT beside the booked ones."""
    figures = [
        (one.till_gross, one.till_net, one.till_vat, one.booked_net, one.booked_vat) for one in drawn.vat
    ]
    rows = [
        (str(VatRate.parse(one.vat_rate)), *map(kronor, of))
        for one, of in zip(drawn.vat, figures, strict=True)
    ]
    headings = (words.till_gross, words.till_net, words.till_vat, words.booked_net, words.booked_vat)
    columns: list[Column] = [(words.rate, "tight"), *((one, "amount") for one in headings)]
    foot = (words.total, *(kronor(sum(column)) for column in zip(*figures, strict=True)))
    if not rows:
        return Html()
    return join(_section(words.vat, columns, rows, foot), tag("p", words.vat_note, class_="small"))


def z_numbers(registers: Iterable[ZNumbers], words: Words) -> Html:
    """List each register's Z numbers, and where they break."""
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
    return str(first) if first == last else f"{first}\N{EN DASH}{last}"


def days(drawn: Statement, words: Words) -> Html:
    """List the sessions one by one."""
    rows = [
        (
            str(day.business_date),
            day.register_name or day.register_id,
            "" if day.z_number is None else str(day.z_number),
            kronor(day.gross.till),
            kronor(day.gross.booked),
            kronor(day.gross.difference),
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
    foot = (words.total, "", "", *map(kronor, (gross.till, gross.booked, gross.difference)), "")
    return _section(words.days, columns, rows, foot, is_long=True) if rows else Html()


def vouchers(vouchers: Iterable[Entered], words: Words) -> Html:
    """List the vouchers as they stand in Fortnox."""
    rows = [
        (
            f"{one.series} {one.number}",
            str(one.transaction_date),
            one.text,
            words.kinds[one.kind],
            "" if one.z_number is None else str(one.z_number),
            kronor(one.amount),
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
    return words.yes if one.is_verified else words.no


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


def kronor(ore: int) -> str:
    """Spell an amount as Swedes do."""
    return str(Money(ore))


def _side(ore: int) -> str:
    """Leave the empty side of an account empty, as books do."""
    return kronor(ore) if ore else ""
