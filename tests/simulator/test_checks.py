"""Every check a posted voucher must pass, with the code and text of its refusal."""

from typing import Any

import pytest
from tests.simulator.testbed import TAKINGS, Testbed, error_of

Row = dict[str, Any]


def rows(*changed: Row) -> list[Row]:
    """Change the first rows of the takings."""
    return [
        {**row, **change}
        for row, change in zip(TAKINGS["VoucherRows"], (*changed, *({},) * (3 - len(changed))), strict=True)
    ]


FIELDS: list[tuple[dict[str, Any], int, str]] = [
    ({"Colour": "red"}, 2001399, "Felaktigt fältnamn (Colour)"),
    ({"VoucherRows": rows({"Vat": 1})}, 2001399, "Felaktigt fältnamn (Vat)"),
    ({"VoucherNumber": 1}, 2000321, "Fältet kan inte ändras (VoucherNumber)"),
    ({"ReferenceType": "MANUAL"}, 2000321, "Fältet kan inte ändras (ReferenceType)"),
    ({"VoucherRows": rows({"Removed": False})}, 2000321, "Fältet kan inte ändras (Removed)"),
    ({"Description": "x" * 201}, 2000107, "Värdet är för långt (Description)"),
    ({"Comments": "x" * 1001}, 2000107, "Värdet är för långt (Comments)"),
    (
        {"VoucherRows": rows({"TransactionInformation": "x" * 101})},
        2000107,
        "Värdet är för långt (TransactionInformation)",
    ),
    ({"Description": 'Kassa "1"'}, 2000359, "Värdet innehåller ej tillåtna tecken. (Description)"),
    ({"Description": ""}, 9900009, "Värdet tolkas som null (Description)"),
    ({"VoucherSeries": None}, 9900009, "Värdet tolkas som null (VoucherSeries)"),
    ({"TransactionDate": "2026-02-30"}, 9900019, "Värdet är inte ett giltigt datum (TransactionDate)"),
    ({"TransactionDate": "20261002"}, 9900019, "Värdet är inte ett giltigt datum (TransactionDate)"),
    ({"VoucherRows": rows({"Debit": "mycket"})}, 2000108, "Värdet måste vara numeriskt (Debit)"),
    ({"VoucherRows": rows({"Debit": True})}, 2000108, "Värdet måste vara numeriskt (Debit)"),
    ({"VoucherRows": rows({"Debit": 10**13})}, 2000107, "Värdet är för långt (Debit)"),
    ({"VoucherRows": rows({"Debit": 1250.505})}, 9900010, "Beloppet har fler än två decimaler (Debit)"),
    ({"VoucherRows": rows({"Debit": -1250.5})}, 9900011, "Beloppet får inte vara negativt (Debit)"),
    ({"VoucherRows": TAKINGS["VoucherRows"][:1]}, 2001897, "Verifikationen måste ha minst två rader"),
    ({"VoucherRows": None}, 2001897, "Verifikationen måste ha minst två rader"),
]


@pytest.mark.parametrize(("change", "code", "text"), FIELDS)
async def test_a_field_that_is_wrong_is_refused(
    fortnox: Testbed, change: dict[str, Any], code: int, text: str
) -> None:
    assert error_of(await fortnox.book(**change)) == (400, code, text)
    assert await fortnox.vouchers() == []


BOOKKEEPING: list[tuple[dict[str, Any], int, str]] = [
    ({"VoucherRows": rows({"Credit": 1250.5})}, 9900012, "En rad ska ha antingen debet eller kredit"),
    ({"VoucherRows": rows({"Debit": 0})}, 9900012, "En rad ska ha antingen debet eller kredit"),
    ({"VoucherRows": rows({"Debit": 1250.51})}, 9900002, "Verifikationen balanserar inte"),
    ({"VoucherRows": rows({"Account": 1999})}, 2001304, "Kunde inte hitta konto"),
    ({"VoucherSeries": "Q"}, 9900001, "Ogiltig verifikationsserie angiven"),
    ({"VoucherSeries": "B"}, 2001940, "Verifikationsserien är inte manuell (B)"),
    ({"TransactionDate": "2025-12-31"}, 9900003, "Räkenskapsår saknas för valt datum."),
    ({"TransactionDate": "2027-01-02"}, 9900004, "Datumet ligger utanför räkenskapsåret"),
    ({"CostCenter": "XYZ"}, 9900005, 'Kunde inte hitta kostnadsställe "XYZ"'),
    ({"VoucherRows": rows({"CostCenter": "XYZ"})}, 9900005, 'Kunde inte hitta kostnadsställe "XYZ"'),
    ({"VoucherRows": rows({"CostCenter": "UND"})}, 2002821, 'Angivet kostnadsställe "UND" är inte aktivt.'),
]


@pytest.mark.parametrize(("change", "code", "text"), BOOKKEEPING)
async def test_a_voucher_the_books_cannot_take_is_refused(
    fortnox: Testbed, change: dict[str, Any], code: int, text: str
) -> None:
    assert error_of(await fortnox.book(**change)) == (400, code, text)
    assert await fortnox.vouchers() == []


REGISTERS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("PATCH", "accounts/1910", {"active": False}, 2000550, "Konto 1910 är inte aktivt"),
    ("DELETE", "accounts/1910", {}, 2001304, "Kunde inte hitta konto"),
    (
        "PATCH",
        "accounts/1910",
        {"cost_center_settings": "MANDATORY"},
        2000946,
        "Kostnadsställe är obligatoriskt på konto: 1910",
    ),
    (
        "PATCH",
        "accounts/3001",
        {"cost_center_settings": "NOTALLOWED"},
        9900006,
        "Kostnadsställe är ej tillåtet på konto: 3001",
    ),
    (
        "PATCH",
        "accounts/3001",
        {"project_settings": "MANDATORY"},
        9900007,
        "Projekt är obligatoriskt på konto: 3001",
    ),
    ("PATCH", "series/F", {"manual": False}, 2001940, "Verifikationsserien är inte manuell (F)"),
    ("DELETE", "series/F", {}, 9900001, "Ogiltig verifikationsserie angiven"),
    ("DELETE", "cost-centers/100", {}, 9900005, 'Kunde inte hitta kostnadsställe "100"'),
    (
        "PATCH",
        "cost-centers/100",
        {"active": False},
        2002821,
        'Angivet kostnadsställe "100" är inte aktivt.',
    ),
    (
        "PUT",
        "locked-period",
        {"end_on": "2026-10-02", "by": "Anna"},
        2000401,
        "Anna har låst perioden t.o.m. 2026-10-02. Lås upp perioden för att fortsätta.",
    ),
    (
        "PUT",
        "locked-period",
        {"end_on": "2026-10-31", "automatic": True},
        9900008,
        "Bokföringsdatumet ligger i en automatlåst period",
    ),
]


@pytest.mark.parametrize(("method", "path", "form", "code", "text"), REGISTERS)
async def test_what_a_person_changes_decides_what_is_refused(
    fortnox: Testbed, method: str, path: str, form: dict[str, Any], code: int, text: str
) -> None:
    await fortnox.tell_company(method, path, form)
    assert error_of(await fortnox.book()) == (400, code, text)
    assert await fortnox.vouchers() == []


async def test_the_day_after_the_lock_is_open(fortnox: Testbed) -> None:
    await fortnox.tell_company("PUT", "locked-period", {"end_on": "2026-10-01"})
    assert (await fortnox.book()).status_code == 201


async def test_a_project_is_missing_as_there_are_none(fortnox: Testbed) -> None:
    assert error_of(await fortnox.book(Project="P1")) == (404, 2001161, "Kan inte hitta projektet.")


async def test_an_account_may_be_missing_in_one_year_only(fortnox: Testbed) -> None:
    await fortnox.tell_company("DELETE", "accounts/1910?year=2")
    assert (await fortnox.book()).status_code == 201
    refused = await fortnox.book(year=2, TransactionDate="2027-01-02")
    assert error_of(refused)[1] == 2001304


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 2001392),
        ("{", 2002115),
        ("NaN", 2002115),
        ("[" * 100_000, 2002115),
        ("[]", 2002649),
        ('{"VoucherRows": []}', 2002649),
        ('{"Voucher": []}', 2002649),
        ('{"Voucher": {"VoucherRows": 7}}', 2002649),
        ('{"Voucher": {"VoucherRows": [1, 2]}}', 2002649),
    ],
)
async def test_a_body_that_is_no_voucher_is_refused(fortnox: Testbed, body: str, code: int) -> None:
    answer = await fortnox.http.post(
        "/3/vouchers", content=body, headers={"content-type": "application/json"}
    )
    assert error_of(answer)[:2] == (400, code)


async def test_headers_must_say_json(fortnox: Testbed) -> None:
    xml = await fortnox.http.get("/3/vouchers", headers={"accept": "application/xml"})
    text = await fortnox.http.post("/3/vouchers", content="{}", headers={"content-type": "text/plain"})
    assert (error_of(xml)[1], error_of(text)[1]) == (1000030, 1000031)


async def test_an_unknown_year_id_is_not_found(fortnox: Testbed) -> None:
    assert error_of(await fortnox.book(year=9))[:2] == (404, 9900016)
