"""The day report: what its page says of a voucher, read out of the file itself."""

import re
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.factories import a_payment, a_sale, a_transaction, an_event
from tests.little_shop import tell_day
from tests.world import World

from fortnox_sync.accounting.money import ZERO, Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.day_report import DayReport, Named, RateLine, draw

Json = dict[str, Any]
DAY = DayReport(
    company="Krogen & Disken AB",
    organisation_number="556677-8899",
    register="Restaurang",
    session="K1-412",
    part="takings",
    business_date=date(2026, 10, 2),
    z_number=412,
    opened_at=datetime(2026, 10, 2, 8, 58, tzinfo=UTC),
    closed_at=datetime(2026, 10, 3, 0, 12, tzinfo=UTC),
    receipts=8,
    refunds=1,
    refunded=Money(-4500),
    rates=(RateLine("25 %", Money(479145), Money(95829)), RateLine("12 %", Money(861125), Money(92263))),
    payments=(Named("Kontant", Money(130270)), Named("Kort", Money(1260500))),
    events=(Named("Dricks", Money(50500)),),
    series="F",
    number=118,
    marker="#KX7Q",
    title="Dagsavslut 2026-10-02 Restaurang Z 412 #KX7Q",
    rows=(
        VoucherRow(1686, None, Money(1260500), ZERO, "payment:card", "Kort"),
        VoucherRow(3001, "100", ZERO, Money(383316), "sales:25", "Dryck 25 %"),
    ),
    made_at=datetime(2026, 10, 3, 0, 13, tzinfo=UTC),
)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)


def pages(pdf: bytes) -> list[list[str]]:
    """Return what is written on each page, from top to bottom."""
    drawn = [zlib.decompress(packed) for packed in _STREAM.findall(pdf)]
    shown = [[_plain(one) for one in _SHOWN.findall(page)] for page in drawn]
    assert len(shown) == len(re.findall(rb"/Type /Page\b", pdf)), "every page is read, and nothing else"
    return shown


def _plain(shown: bytes) -> str:
    return (
        re.sub(rb"\\(.)", rb"\1", shown, flags=re.DOTALL).decode("latin-1").replace("\N{NO-BREAK SPACE}", " ")
    )


def page(report: DayReport) -> list[str]:
    (only,) = pages(draw(report))
    return only


def after(said: list[str], label: str, number: int = 1) -> list[str]:
    """Return what stands beside a label."""
    at = said.index(label)
    return said[at + 1 : at + 1 + number]


def a_long_day(methods: int, rows: int) -> DayReport:
    """Make a day of many methods, each with a name and an amount of its own."""
    return replace(
        DAY,
        rates=tuple(RateLine(rate, Money(1000), Money(100)) for rate in ("25 %", "12 %", "6 %", "0 %")),
        payments=tuple(Named(f"Betalsätt {one}", Money(100 + one)) for one in range(methods)),
        rows=tuple(
            VoucherRow(3000 + one, None, ZERO, Money(100 + one), f"sales:{one}", f"Grupp {one}")
            for one in range(rows)
        ),
    )


def test_the_page_says_whose_day_it_is_and_where_it_is_booked() -> None:
    said = page(DAY)

    assert said[:2] == ["Dagsrapport", "Krogen & Disken AB"]
    assert after(said, "Organisationsnummer") == ["556677-8899"]
    assert after(said, "Bokföringsdag") == ["2026-10-02"]
    assert after(said, "Kassa") == ["Restaurang"]
    assert after(said, "Kassapass") == ["K1-412 · Z-nummer 412"]
    assert after(said, "Verifikation") == ["F 118 · märke #KX7Q"]
    assert after(said, "Verifikationstext") == ["Dagsavslut 2026-10-02 Restaurang Z 412 #KX7Q"]


def test_its_times_are_swedish() -> None:
    said = page(DAY)
    assert after(said, "Öppnat - stängt") == ["2026-10-02 10:58 - 2026-10-03 02:12"]
    assert said[-1].startswith("Skapad av fortnox-sync 2026-10-03 02:13, ")


def test_sums_stand_below_what_they_sum() -> None:
    said = page(DAY)

    assert after(said, "25 %", 3) == ["4 791,45", "958,29", "3 833,16"]
    assert after(said, "12 %", 3) == ["8 611,25", "922,63", "7 688,62"]
    assert after(said, "7 688,62", 4) == ["Summa", "13 402,70", "1 880,92", "11 521,78"]
    assert after(said, "Kontant", 5) == ["1 302,70", "Kort", "12 605,00", "Summa", "13 907,70"]
    assert after(said, "Dricks") == ["505,00"]
    assert after(said, "Antal kvitton") == ["8"]
    assert after(said, "Varav returer: 1 st") == ["-45,00"]


def test_the_rows_of_the_voucher_stand_on_their_sides() -> None:
    said = page(DAY)
    heading = said.index("Verifikation F 118")
    assert said[heading + 1 : heading + 6] == ["Konto", "Kst", "Text", "Debet", "Kredit"]
    # A cell without a text is drawn as nothing.
    assert after(said[heading:], "Kredit", 7) == [
        "1686",
        "Kort",
        "12 605,00",
        "3001",
        "100",
        "Dryck 25 %",
        "3 833,16",
    ]
    assert after(said[heading:], "3 833,16", 3) == ["Summa", "12 605,00", "3 833,16"]


def test_what_is_not_known_is_left_out_or_said() -> None:
    bare = replace(DAY, organisation_number=None, z_number=None, closed_at=None, events=())
    said = page(bare)

    assert "Organisationsnummer" not in said
    assert "Övriga händelser" not in said
    assert after(said, "Kassapass") == ["K1-412"]
    assert after(said, "Öppnat - stängt") == ["inget dagsavslut har kommit från kassan"]


@pytest.mark.parametrize(
    ("part", "about"),
    [
        ("takings", "de kvitton som bokförts i verifikationen ovan"),
        ("takings:2", "del 2 av dagen: bara de kvitton som bokförts i verifikationen ovan"),
    ],
)
def test_a_part_of_a_day_is_told_as_one(part: str, about: str) -> None:
    assert after(page(replace(DAY, part=part)), "Avser") == [about]


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Räksmörgås & Ål (publ) \\ AB", "Räksmörgås & Ål (publ) \\ AB"),
        ("Ö) Tj ET (x", "Ö) Tj ET (x"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("**Fet** __text__", "**Fet** __text__"),
        ("Пельмени 🍺 5 €", "???????? ? 5 ?"),
        ("\ud800", "?"),
    ],
    ids=["swedish", "pdf", "html", "markdown", "other letters", "half a character"],
)
def test_a_name_is_drawn_as_it_stands_as_far_as_the_letters_go(name: str, drawn: str) -> None:
    said = page(replace(DAY, company=name, register=name, payments=(Named(name, Money(100)),)))
    assert said[1] == drawn
    assert after(said, "Kassa") == [drawn]
    assert said.count(drawn) == 3, "the company, the register and the payment method"


def test_a_name_too_long_for_its_place_is_cut_and_its_amount_stays() -> None:
    said = page(replace(DAY, payments=(Named("Presentkort " * 30, Money(12345)),)))
    (cut,) = [one for one in said if one.startswith("Presentkort")]
    assert cut.endswith("...")
    assert len(cut) < 150
    assert after(said, cut) == ["123,45"]


def test_a_long_day_stays_on_one_page() -> None:
    said = page(a_long_day(methods=15, rows=20))
    assert after(said, "Betalsätt 14") == ["1,14"]
    assert after(said, "Grupp 19") == ["1,19"]
    assert said[-1].startswith("Skapad av fortnox-sync")


def test_a_day_too_long_for_a_page_loses_nothing() -> None:
    day = a_long_day(methods=40, rows=90)
    drawn = pages(draw(day))
    said = [one for each in drawn for one in each]

    assert len(drawn) > 1
    assert [one for one in said if one.startswith("Betalsätt")] == [one.name for one in day.payments]
    assert [one for one in said if one.startswith("Grupp")] == [row.text for row in day.rows]
    assert all(each[-1].startswith("Skapad av fortnox-sync") for each in drawn)


def test_the_same_day_drawn_again_is_the_same_file() -> None:
    assert draw(DAY) == draw(replace(DAY))
    assert draw(DAY) != draw(replace(DAY, number=119))


async def test_the_page_on_a_voucher_is_about_what_the_voucher_holds(paper_shop: World) -> None:
    await tell_day(
        paper_shop,
        [
            a_transaction(1, sales=[a_sale()], events=[an_event("tip")]),
            a_transaction(2, payments=[a_payment("cash")], sales=[a_sale()]),
            a_transaction(3, payments=[a_payment("cash", -11200)], sales=[a_sale(gross=-11200, vat=-1200)]),
            a_transaction(
                7, kind="drawer", payments=[a_payment("cash", 9000)], events=[an_event("tip", 9000)]
            ),
        ],
    )
    await paper_shop.work()

    (paper,) = paper_shop.fortnox.state.world.companies[paper_shop.number].files.values()
    (said,) = pages(paper.content)
    (takings,) = [one for one in await paper_shop.vouchers() if one["part"] == "takings"]
    booked = takings["booking"]
    assert after(said, "Verifikation") == [
        f"{booked['series']} {booked['number']} · märke {takings['marker']}"
    ]
    assert after(said, "Antal kvitton") == ["3"]
    assert after(said, "Varav returer: 1 st") == ["-112,00"]
    assert after(said, "Exkl. moms", 4) == ["12 %", "112,00", "12,00", "100,00"]
    for row in takings["rows"]:
        assert str(row["account"]) in said
    assert "90,00" not in said, "what the drawer did is another voucher's"
