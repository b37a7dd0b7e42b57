"""Whole days against vouchers that an accountant can check without reading code."""

from pathlib import Path

import pytest
from tests.accounting.booking import Booking, in_order
from tests.accounting.golden_day import GoldenVoucher, Row, golden_days, ore, read_day
from tests.independent import expected_vouchers

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.voucher import VoucherRow
from fortnox_sync.intake.completeness import compare

every_day = pytest.mark.parametrize("path", golden_days(), ids=lambda path: path.stem)


@every_day
def test_a_golden_day_is_booked_as_its_file_shows(path: Path) -> None:
    day = read_day(path)
    booking = Booking(day.case)
    shown = {(v.session_id, v.part): (v.day, v.rows) for v in day.vouchers}
    booked = {
        (v["session_id"], v["part"]): (
            v["transaction_date"],
            tuple(_written(row) for row in booking.rows(v["session_id"], v["part"])),
        )
        for v in booking.vouchers()
    }
    assert booked == shown


@every_day
def test_a_golden_file_adds_up(path: Path) -> None:
    for voucher in read_day(path).vouchers:
        debit, credit = _sums(voucher)
        assert debit == credit == ore(voucher.sums[0]) == ore(voucher.sums[1]), voucher


@every_day
def test_the_independent_calculation_agrees_with_a_golden_file(path: Path) -> None:
    day = read_day(path)
    shown = {(v.session_id, v.part): [_figures(row) for row in v.rows] for v in day.vouchers}
    calculated = {
        (v["session_id"], v["part"]): [
            (row["account"], row["cost_center"], row["debit"], row["credit"]) for row in v["rows"]
        ]
        for v in expected_vouchers(day.case)
    }
    assert calculated == shown


@every_day
def test_the_z_report_of_a_golden_day_is_what_its_receipts_say(path: Path) -> None:
    booking = Booking(read_day(path).case)
    for close in booking.closes:
        assert compare(close.totals, booking.tallies(close.session_id)) == ()


def test_the_worked_day_is_booked_as_its_case_file_expects() -> None:
    case = read_day(Path(__file__).parent / "golden" / "krogen-2026-10-02.txt").case
    assert in_order(Booking(case).vouchers()) == in_order(case["expected_vouchers"])


def test_the_independent_calculation_gives_the_case_file_exactly() -> None:
    case = read_day(Path(__file__).parent / "golden" / "krogen-2026-10-02.txt").case
    assert expected_vouchers(case) == case["expected_vouchers"]


def test_the_worked_day_holds_the_sums_of_both_registers() -> None:
    case = read_day(Path(__file__).parent / "golden" / "krogen-2026-10-02.txt").case
    rows = [row for v in Booking(case).vouchers() if v["part"] == "takings" for row in v["rows"]]
    vat = {rate: sum(r["credit"] for r in rows if r["of"] == f"vat:{rate}") for rate in ("25", "12", "6")}
    assert vat == {"25": 98511, "12": 92263, "6": 5700}
    assert sum(r["credit"] for r in rows if r["of"].startswith("sales:")) == 1257916  # box 05 of the return


def _sums(voucher: GoldenVoucher) -> tuple[int, int]:
    return sum(ore(row[2]) for row in voucher.rows), sum(ore(row[3]) for row in voucher.rows)


def _figures(row: Row) -> tuple[int, str | None, int, int]:
    return int(row[0]), row[1] or None, ore(row[2]), ore(row[3])


def _written(row: VoucherRow) -> Row:
    """Spell a row as a golden file does: an empty side stays empty."""
    return str(row.account), row.cost_center or "", _amount(row.debit), _amount(row.credit), row.text


def _amount(amount: Money) -> str:
    kronor = f"{amount.ore // 100:_}".replace("_", " ")
    return f"{kronor},{amount.ore % 100:02d}" if amount else ""
