"""A gap in the Z numbers is a missing voucher, so it is told."""

from datetime import date

from fortnox_sync.export.day_state import DayState
from fortnox_sync.export.days import Counts, Day, Gross
from fortnox_sync.export.z_ranges import Gap, z_numbers_of


def a_day(z_number: int | None, register: str = "K1") -> Day:
    return Day(
        business_date=date(2026, 10, 2),
        register_id=register,
        register_name=None,
        session_id=f"{register}-{z_number}",
        z_number=z_number,
        revision=1,
        closed_at=None,
        state=DayState.BOOKED,
        gross=Gross(),
        transactions=Counts(),
        vouchers=(),
        warnings=(),
        faults=(),
        totals=None,
    )


def test_an_unbroken_series_has_no_gap() -> None:
    (found,) = z_numbers_of([a_day(412), a_day(413), a_day(414)], {"K1": 411})
    assert (found.follows, found.first, found.last, found.reports, found.gaps) == (411, 412, 414, 3, ())


def test_a_gap_is_told_with_both_ends_and_towards_the_report_before_the_period() -> None:
    (found,) = z_numbers_of([a_day(420), a_day(412), a_day(414)], {"K1": 409})
    assert found.gaps == (Gap(410, 411), Gap(413, 413), Gap(415, 419))


def test_a_number_that_two_sessions_have_is_told() -> None:
    (found,) = z_numbers_of([a_day(412), a_day(412), a_day(413)], {})
    assert (found.repeated, found.gaps, found.reports) == ((412,), (), 3)


def test_a_register_that_is_still_open_has_no_numbers_yet() -> None:
    (found,) = z_numbers_of([a_day(None)], {"K1": 411})
    assert (found.first, found.last, found.reports, found.open, found.gaps) == (None, None, 0, 1, ())


def test_registers_count_for_themselves() -> None:
    found = z_numbers_of([a_day(1), a_day(198, "K2"), a_day(2), a_day(199, "K2")], {})
    assert [(one.register_id, one.first, one.last, one.gaps) for one in found] == [
        ("K1", 1, 2, ()),
        ("K2", 198, 199, ()),
    ]
