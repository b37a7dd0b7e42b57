"""A period is a few hundred days at most, in order."""

from datetime import date, timedelta

import pytest

from fortnox_sync.export.period import MOST_DAYS, BadPeriodError, Period

TODAY = date(2026, 10, 14)
FIRST = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("from_on", "to_on", "meant"),
    [
        (None, None, (FIRST, TODAY)),
        (date(2026, 9, 20), None, (date(2026, 9, 20), TODAY)),
        (None, date(2026, 8, 31), (date(2026, 8, 1), date(2026, 8, 31))),
        (date(2026, 11, 1), None, (date(2026, 11, 1), date(2026, 11, 1))),
        (TODAY, TODAY, (TODAY, TODAY)),
    ],
)
def test_what_is_left_out_is_this_month_up_to_today(
    from_on: date | None, to_on: date | None, meant: tuple[date, date]
) -> None:
    assert Period.of(from_on, to_on, TODAY) == Period(*meant)


def test_a_period_has_at_most_400_days_with_both_ends() -> None:
    longest = FIRST + timedelta(days=MOST_DAYS - 1)
    assert Period(FIRST, longest).to_on == longest
    with pytest.raises(BadPeriodError, match="at most 400 days"):
        Period(FIRST, longest + timedelta(days=1))


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(BadPeriodError, match="swap"):
        Period(TODAY, FIRST)
