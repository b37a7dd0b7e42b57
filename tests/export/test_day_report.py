"""The day report is one page that says what its voucher holds, whatever the shop is called and sold."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import a_payment, a_sale, a_transaction, an_event
from tests.little_shop import tell_day
from tests.world import World

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.export.day_report import DayReport, Named, RateLine, draw


def row(account: int, debit: int = 0, credit: int = 0, text: str = "") -> VoucherRow:
    return VoucherRow(account, None, Money(debit), Money(credit), "sales:12", text)


DAY = DayReport(
    company="Krögarn & Söner AB",
    organisation_number="556677-8899",
    register="Restaurang",
    session="K1-412",
    part="takings",
    business_date=date(2026, 10, 2),
    z_number=412,
    opened_at=datetime(2026, 10, 2, 9, tzinfo=UTC),
    closed_at=datetime(2026, 10, 2, 22, 30, tzinfo=UTC),
    receipts=3,
    refunds=1,
    refunded=Money(-11200),
    rates=(RateLine("25 %", Money(12500), Money(2500)), RateLine("12 %", Money(11200), Money(1200))),
    payments=(Named("Kort", Money(1340270)), Named("Swish", Money(-1316570))),
    events=(Named("Dricks", Money(500)),),
    series="F",
    number=118,
    marker="#KXABC",
    title="Dagsavslut 2026-10-02 Restaurang Z 412",
    rows=(row(1686, debit=23700, text="Kort"), row(3001, credit=20000), row(2611, credit=3700)),
    made_at=datetime(2026, 10, 3, 5, tzinfo=UTC),
)
LETTERS = re.compile(rb"\(((?:[^()\\]|\\.)*)\) Tj")


def texts(pdf: bytes) -> list[str]:
    """Return every piece of text on the pages, in the order it was drawn."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    drawn = b"\n".join(zlib.decompress(one) for one in streams if one[:1] == b"\x78")
    return [re.sub(rb"\\(.)", rb"\1", one).decode("latin-1") for one in LETTERS.findall(drawn)]


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def after(label: str, drawn: list[str]) -> str:
    return drawn[drawn.index(label) + 1]


def test_it_says_whose_day_it_is_and_where_it_is_booked() -> None:
    drawn = texts(draw(DAY))
    assert drawn[:2] == ["Dagsrapport", "Krögarn & Söner AB"]
    assert after("Organisationsnummer", drawn) == "556677-8899"
    assert after("Bokföringsdag", drawn) == "2026-10-02"
    assert after("Kassa", drawn) == "Restaurang"
    assert after("Kassapass", drawn) == "K1-412 · Z-nummer 412"
    assert after("Öppnat - stängt", drawn) == "2026-10-02 11:00 - 2026-10-03 00:30"
    assert after("Verifikation", drawn) == "F 118 · märke #KXABC"
    assert after("Verifikationstext", drawn) == "Dagsavslut 2026-10-02 Restaurang Z 412"
    assert after("Avser", drawn) == "de kvitton som bokförts i verifikationen ovan"


def test_it_has_the_sums_of_the_day_as_swedes_spell_them() -> None:
    drawn = texts(draw(DAY))
    rates = drawn.index("25 %")
    assert drawn[rates : rates + 4] == ["25 %", "125,00", "25,00", "100,00"]
    assert drawn[drawn.index("Summa") :][:4] == ["Summa", "237,00", "37,00", "200,00"]
    assert after("Kort", drawn) == "13\N{NO-BREAK SPACE}402,70"
    assert after("Swish", drawn) == "-13\N{NO-BREAK SPACE}165,70"
    assert after("Dricks", drawn) == "5,00"
    assert after("Antal kvitton", drawn) == "3"
    assert after("Varav returer: 1 st", drawn) == "-112,00"
    assert drawn[-3:-1] == ["237,00", "237,00"]
    assert drawn[-1].startswith("Skapad av fortnox-sync 2026-10-03 07:00")


def test_a_part_of_a_day_and_a_day_without_a_close_say_so() -> None:
    part = replace(DAY, part="takings:2", z_number=None, opened_at=None, closed_at=None)
    drawn = texts(draw(part))
    assert after("Avser", drawn).startswith("del 2 av dagen")
    assert after("Kassapass", drawn) == "K1-412"
    assert after("Öppnat - stängt", drawn) == "inget dagsavslut har kommit från kassan"


def test_nothing_is_said_of_events_that_did_not_happen() -> None:
    assert "Övriga händelser" in texts(draw(DAY))
    assert "Övriga händelser" not in texts(draw(replace(DAY, events=())))


def test_the_day_of_a_busy_restaurant_is_one_page() -> None:
    busy = replace(
        DAY,
        rates=tuple(RateLine(f"{n} %", Money(n), Money(0)) for n in range(3)),
        payments=tuple(Named(f"Betalning {n}", Money(n)) for n in range(9)),
        events=tuple(Named(f"Händelse {n}", Money(n)) for n in range(6)),
        rows=tuple(row(3000 + n, credit=1 + n) for n in range(18)),
    )
    drawn = draw(busy)
    assert pages(drawn) == 1
    assert {f"Betalning {n}" for n in range(9)} < set(texts(drawn))
    assert {str(3000 + n) for n in range(18)} < set(texts(drawn))


def test_what_no_page_holds_goes_on_upon_the_next() -> None:
    drawn = draw(replace(DAY, rows=tuple(row(3000 + n, credit=1 + n) for n in range(200))))
    assert pages(drawn) > 1
    assert {str(3000 + n) for n in range(200)} < set(texts(drawn))


def test_a_long_name_is_cut_where_its_place_ends() -> None:
    drawn = texts(draw(replace(DAY, register="Restaurang " * 40)))
    assert after("Kassa", drawn).endswith("...")
    assert len(after("Kassa", drawn)) < 120


def test_drawn_again_it_is_the_same_file() -> None:
    assert draw(DAY) == draw(DAY)


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_name_keeps_a_day_from_its_paper(company: str, register: str) -> None:
    drawn = draw(replace(DAY, company=company, register=register, payments=(Named(register, Money(1)),)))
    assert pages(drawn) == 1


@pytest.mark.parametrize("name", ["麵", "Café (2) \\ 100 %", "🍕", "\u202eevil", "line\nbreak"])
def test_odd_letters_are_replaced_and_the_rest_stays(name: str) -> None:
    drawn = texts(draw(replace(DAY, register=f"A{name}B")))
    assert after("Kassa", drawn)[0] == "A"
    assert "2026-10-02" in drawn


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Räksmörgås & Ål (publ) \\ AB", "Räksmörgås & Ål (publ) \\ AB"),
        ("Ö) Tj ET (x", "Ö) Tj ET (x"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("**Fet** __text__", "**Fet** __text__"),
        ("Пельмени 5 €", "???????? 5 ?"),
        ("\ud800", "?"),
    ],
    ids=["swedish", "pdf", "html", "markdown", "other letters", "half a character"],
)
def test_a_name_is_letters_and_never_an_order(name: str, spelled: str) -> None:
    drawn = texts(draw(replace(DAY, company=name, register=name, payments=(Named(name, Money(1)),))))
    assert drawn[1] == after("Kassa", drawn) == spelled
    assert drawn.count(spelled) == 3


def test_the_rows_of_the_voucher_stand_on_their_sides() -> None:
    drawn = texts(draw(DAY))
    # A cell without a text is drawn as nothing.
    assert drawn[drawn.index("Verifikation F 118") + 1 : -1] == [
        "Konto", "Kst", "Text", "Debet", "Kredit",
        "1686", "Kort", "237,00",
        "3001", "200,00",
        "2611", "37,00",
        "Summa", "237,00", "237,00",
    ]  # fmt: skip


def test_every_page_says_who_made_it() -> None:
    drawn = draw(replace(DAY, rows=tuple(row(3000 + n, credit=1 + n) for n in range(200))))
    feet = [one for one in texts(drawn) if one.startswith("Skapad av fortnox-sync")]
    assert len(feet) == pages(drawn) > 1


async def test_the_page_on_a_voucher_is_about_what_the_voucher_holds(paper_shop: World) -> None:
    sold = [
        a_transaction(1, sales=[a_sale()], events=[an_event("tip")]),
        a_transaction(2, payments=[a_payment("cash")], sales=[a_sale()]),
        a_transaction(3, payments=[a_payment("cash", -11200)], sales=[a_sale(gross=-11200, vat=-1200)]),
        a_transaction(7, kind="drawer", payments=[a_payment("cash", 9000)], events=[an_event("tip", 9000)]),
    ]
    await tell_day(paper_shop, sold)
    await paper_shop.work()

    (paper,) = paper_shop.fortnox.state.world.companies[paper_shop.number].files.values()
    drawn = texts(paper.content)
    (takings,) = [one for one in await paper_shop.vouchers() if one["part"] == "takings"]
    place = f"{takings['booking']['series']} {takings['booking']['number']}"
    assert after("Verifikation", drawn) == f"{place} · märke {takings['marker']}"
    assert after("Antal kvitton", drawn) == "3"
    assert after("Varav returer: 1 st", drawn) == "-112,00"
    assert drawn[drawn.index("12 %") :][:4] == ["12 %", "112,00", "12,00", "100,00"]
    assert {str(one["account"]) for one in takings["rows"]} < set(drawn)
    assert "90,00" not in drawn, "what the drawer did is another voucher's"
