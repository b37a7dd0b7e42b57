"""Fortnox's bodies become values, and drafts become bodies, exactly."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fortnox_sync.fortnox import (
    Account,
    BookedRow,
    BookedVoucher,
    CompanyInformation,
    CostCenter,
    FinancialYear,
    Unanswered,
    VoucherDraft,
    VoucherListItem,
    VoucherRowDraft,
    VoucherSeries,
    wire,
)
from fortnox_sync.fortnox.fields import Fields
from fortnox_sync.fortnox.json_exact import decoded

BOOKED: dict[str, Any] = {
    "@url": "https://api.fortnox.se/3/vouchers/F/118",
    "VoucherSeries": "F",
    "VoucherNumber": 118,
    "Year": 7,
    "TransactionDate": "2026-03-14",
    "Description": "Dagskassa",
    "Comments": "#KX1",
    "ApprovalState": 0,
    "VoucherRows": [
        {"Account": 1580, "Debit": 1250, "Credit": 0, "Removed": False, "Description": "Kortköp"},
        {"Account": 3001, "Debit": 0, "Credit": Decimal("1250.00"), "CostCenter": "BUT1", "Removed": True},
    ],
}


def test_a_voucher_is_written_as_fortnox_spells_it() -> None:
    rows = (
        VoucherRowDraft(1580, 125000, 0, text="Kort"),
        VoucherRowDraft(3001, 0, 100001, cost_center="BUT1"),
        VoucherRowDraft(2611, 0, 24999),
    )
    draft = VoucherDraft("F", date(2026, 3, 14), "Dagskassa", "ref", rows)
    assert wire.voucher_body(draft) == (
        b'{"Voucher":{"VoucherSeries":"F","TransactionDate":"2026-03-14","Description":"Dagskassa",'
        b'"Comments":"ref","VoucherRows":['
        b'{"Account":1580,"Debit":1250.00,"Credit":0.00,"TransactionInformation":"Kort"},'
        b'{"Account":3001,"Debit":0.00,"Credit":1000.01,"CostCenter":"BUT1"},'
        b'{"Account":2611,"Debit":0.00,"Credit":249.99}]}}'
    )


@given(st.integers(-(10**14), 10**14))
def test_an_amount_arrives_to_the_ore(ore: int) -> None:
    draft = VoucherDraft("F", date(2026, 1, 1), "d", "c", (VoucherRowDraft(1910, ore, 0),))
    row: Any = decoded(wire.voucher_body(draft))
    assert Fields(row["Voucher"]["VoucherRows"][0]).ore("Debit") == ore


def test_a_fraction_of_an_ore_is_never_sent() -> None:
    row = VoucherRowDraft(1910, 0.5, 0)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        wire.voucher_body(VoucherDraft("F", date(2026, 1, 1), "d", "c", (row,)))


@pytest.mark.parametrize(
    "spelling", [1250, Decimal("1250.0"), Decimal("1250.00"), "1250.00", "1250", Decimal("1.25E+3")]
)
def test_an_amount_is_read_however_it_is_spelled(spelling: object) -> None:
    assert Fields({"Debit": spelling}).ore("Debit") == 125000


@pytest.mark.parametrize("spelling", [None, "", {}, []])
def test_an_empty_side_of_a_row_is_zero(spelling: object) -> None:
    assert Fields({"Debit": spelling}).ore("Debit") == 0


@pytest.mark.parametrize(
    "nonsense", [True, "12,50", "NaN", "Infinity", Decimal("1.005"), Decimal("1e999999999"), [1], {"a": 1}]
)
def test_an_amount_that_makes_no_sense_is_unanswered(nonsense: object) -> None:
    with pytest.raises(Unanswered) as caught:
        Fields({"Debit": nonsense}).ore("Debit")
    assert caught.value.reason == "unreadable Debit"


def test_a_booked_voucher_is_read_with_its_rows() -> None:
    assert wire.one("Voucher", wire.booked_voucher)({"Voucher": BOOKED}) == BookedVoucher(
        "F",
        118,
        7,
        date(2026, 3, 14),
        "Dagskassa",
        "#KX1",
        (BookedRow(1580, 125000, 0), BookedRow(3001, 0, 125000, "BUT1", removed=True)),
    )


def test_numbers_may_come_as_strings() -> None:
    body = BOOKED | {"VoucherNumber": "118", "Year": "7"}
    booked = wire.one("Voucher", wire.booked_voucher)({"Voucher": body})
    assert (booked.number, booked.year) == (118, 7)


@pytest.mark.parametrize("key", ["VoucherSeries", "VoucherNumber", "Year", "TransactionDate", "VoucherRows"])
def test_a_voucher_without_its_key_facts_is_unanswered(key: str) -> None:
    body = {name: value for name, value in BOOKED.items() if name != key}
    with pytest.raises(Unanswered, match=key):
        wire.one("Voucher", wire.booked_voucher)({"Voucher": body})


def test_a_list_without_its_list_is_no_empty_list() -> None:
    read_page = wire.page_of("Vouchers", wire.voucher_list_item)
    bodies: tuple[object, ...] = ({}, {"Vouchers": None}, {"Vouchers": {}}, [], None, {"Vouchers": [1]})
    for body in bodies:
        with pytest.raises(Unanswered):
            read_page(body)
    assert read_page({"Vouchers": []}) == wire.Page((), None)


@pytest.mark.parametrize(
    ("about", "pages"), [({}, None), ({"@TotalPages": "3"}, 3), ({"@TotalPages": 2}, 2), (None, None)]
)
def test_paging_facts_are_read_where_there_are_any(about: object, pages: int | None) -> None:
    read_page = wire.page_of("Vouchers", wire.voucher_list_item)
    page = read_page({"MetaInformation": about, "Vouchers": [BOOKED]})
    item = VoucherListItem("F", 118, 7, date(2026, 3, 14), "Dagskassa", "#KX1")
    assert page == wire.Page((item,), pages)


def test_company_year_series_account_and_cost_center_are_read() -> None:
    company = {"CompanyName": "Bageriet AB", "OrganizationNumber": "556000-0000", "DatabaseNumber": "815"}
    assert wire.company_information(Fields(company)) == CompanyInformation("Bageriet AB", "556000-0000", 815)
    year = {"Id": 7, "FromDate": "2026-01-01", "ToDate": "2026-12-31", "AccountingMethod": "CASH"}
    assert wire.financial_year(Fields(year)) == FinancialYear(7, date(2026, 1, 1), date(2026, 12, 31))
    series = {"Code": "F", "Description": "Kassa", "Manual": True, "NextVoucherNumber": 119, "Year": 7}
    assert wire.voucher_series(Fields(series)) == VoucherSeries("F", "Kassa", True, 119, 7)  # noqa: FBT003
    center = {"Code": "BUT1", "Description": "Butiken", "Active": "true"}
    assert wire.cost_center(Fields(center)) == CostCenter("BUT1", "Butiken", active=True)


def test_an_account_tells_what_it_demands() -> None:
    fields = {
        "Number": 3001,
        "Description": "Försäljning",
        "Active": True,
        "CostCenterSettings": "MANDATORY",
        "ProjectSettings": "NOTALLOWED",
        "TransactionInformationSettings": "SOMETHING NEW",
        "VATCode": "MP1",
        "Year": 7,
    }
    assert wire.account(Fields(fields)) == Account(
        number=3001,
        description="Försäljning",
        active=True,
        cost_center_setting="MANDATORY",
        project_setting="NOTALLOWED",
        vat_code="MP1",
        year=7,
    )
    assert wire.account(Fields({"Number": 3001})).cost_center_setting == "ALLOWED"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"LockedPeriod": {}},
        {"LockedPeriod": None},
        {"LockedPeriod": {"EndDate": None}},
        {"LockedPeriod": {"EndDate": {}}},
        {"LockedPeriod": {"EndDate": ""}},
    ],
)
def test_no_end_date_means_not_locked(body: object) -> None:
    assert wire.locked_until(body) is None


def test_the_lock_date_is_read() -> None:
    assert wire.locked_until({"LockedPeriod": {"EndDate": "2026-02-28"}}) == date(2026, 2, 28)


@pytest.mark.parametrize("body", ["x", 0, {"LockedPeriod": 1}, {"LockedPeriod": {"EndDate": "soon"}}])
def test_an_unreadable_lock_is_not_taken_for_none(body: object) -> None:
    with pytest.raises(Unanswered):
        wire.locked_until(body)
