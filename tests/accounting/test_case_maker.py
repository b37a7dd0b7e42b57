"""Made cases are valid, the same for the same seed, and booked as the independent calculation says."""

import json
from datetime import date

import pytest
from tests.accounting.booking import Booking, in_order
from tests.case_maker import MOST_TRANSACTIONS, main, make_case
from tests.factories import body_of

from fortnox_sync.intake.completeness import compare


@pytest.mark.parametrize("seed", range(3))
def test_a_made_case_is_booked_as_expected(seed: int) -> None:
    case = make_case(seed, days=3, registers=3, receipts_per_day=60)
    assert in_order(Booking(case).vouchers()) == in_order(case["expected_vouchers"])


def test_every_session_of_a_made_case_has_takings_and_drawer_movements() -> None:
    case = make_case(4, days=2, registers=3, receipts_per_day=20)
    parts = [(v["session_id"], v["part"]) for v in case["expected_vouchers"]]
    sessions = [f"K{register}-{day}" for day in (1, 2) for register in (1, 2, 3)]
    assert {(s, part) for s in sessions for part in ("takings", "drawer")} <= set(parts)
    assert len(parts) == len(set(parts))


def test_the_z_reports_of_a_made_case_are_complete() -> None:
    booking = Booking(make_case(5, days=2, registers=2, receipts_per_day=50))
    for close in booking.closes:
        assert compare(close.totals, booking.tallies(close.session_id)) == ()
        mine = [t for t in booking.transactions if t.session_id == close.session_id]
        assert close.transaction_count == len(mine)


def test_the_same_seed_makes_the_same_case() -> None:
    first, again = (make_case(6, days=1, registers=1, receipts_per_day=30) for _ in range(2))
    assert first == again
    assert first != make_case(7, days=1, registers=1, receipts_per_day=30)


def test_no_delivery_of_a_made_case_is_larger_than_one_may_be() -> None:
    case = make_case(8, days=1, registers=1, receipts_per_day=2500)
    for delivery in case["deliveries"]:
        assert len(delivery["data"].get("transactions", ())) <= MOST_TRANSACTIONS
        assert len(body_of(delivery)) <= 1024 * 1024


def test_a_made_case_can_span_financial_years_and_rates() -> None:
    case = make_case(9, days=3, registers=1, receipts_per_day=40, first_day=date(2027, 12, 31))
    assert {v["transaction_date"][:4] for v in case["expected_vouchers"]} == {"2027", "2028"}
    assert in_order(Booking(case).vouchers()) == in_order(case["expected_vouchers"])


def test_a_made_case_may_hold_days_without_sales() -> None:
    case = make_case(10, days=2, registers=1, receipts_per_day=0)
    assert [one["type"] for one in case["deliveries"]].count("till.day.closed") == 2
    assert case["expected_vouchers"] == []


def test_the_command_writes_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seed", "3", "--days", "1", "--registers", "1", "--receipts", "2", "--company", "c_1"])
    case = json.loads(capsys.readouterr().out)
    assert {one["data"]["company_id"] for one in case["deliveries"]} == {"c_1"}
