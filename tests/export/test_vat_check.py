"""VAT that is not what its rate makes of it is booked as told, and shown with the day."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.factories import a_batch, a_day_close, a_delivery, a_sale, a_transaction, totals_of, vat_of
from tests.little_shop import a_close, states, tell, tell_day
from tests.world import World

from fortnox_sync.accounting.money import Money
from fortnox_sync.accounting.vat import VatRate, is_within_rounding
from fortnox_sync.export import vat_check
from fortnox_sync.export.tables import day_warning
from fortnox_sync.export.vat_check import is_off

Json = dict[str, Any]


async def warnings(world: World, kind: str = "vat_off_rate") -> dict[str, Json]:
    """Return the day warnings of a kind, by subject."""
    query = sa.select(day_warning).where(day_warning.c.kind == kind)
    async with world.service.database.read() as connection:
        rows = (await connection.execute(query)).all()
    return {row.subject: row.facts for row in rows}


def sold_at(rate: str, gross: int, vat: int, number: int = 1, **of: Any) -> Json:
    return a_transaction(number, sales=[a_sale("food", rate, gross, vat)], **of)


async def test_a_line_off_its_rate_is_booked_as_told_and_a_warning_on_the_day(shop: World) -> None:
    """12 % on what is labelled so, but 25 % of it in the till's figure."""
    await tell_day(shop, [sold_at("12", 11200, 1200), sold_at("12", 10000, 2000, 2)])
    await shop.work()

    assert await warnings(shop) == {
        "K1-412-2/1": {"vat_rate": "12", "gross_ore": 10000, "vat_ore": 2000, "expected_ore": 1071},
        "all": {"lines": 1},
    }
    assert await shop.faults() == []
    (booked,) = await shop.booked()
    assert {row["account"]: row["credit"] for row in booked["rows"] if row["credit"]} == {
        2621: 3200,
        3002: 18000,
    }


async def test_a_day_whose_vat_is_right_to_the_rounding_has_no_warning(shop: World) -> None:
    await tell_day(
        shop, [sold_at("12", gross, vat_of(gross, "12"), n) for n, gross in enumerate(range(1, 90), 1)]
    )
    await shop.work()
    assert await warnings(shop) == {}
    assert await warnings(shop, "vat_total_off_rate") == {}


async def test_a_refund_is_measured_as_its_sale_was(shop: World) -> None:
    """A refund keeps its sale's rate: an old one appears after a change, and is right."""
    await tell_day(
        shop, [sold_at("12", 11200, 1200), sold_at("12", -5600, -600, 2), sold_at("12", -100, -30, 3)]
    )
    await shop.work()
    assert sorted(await warnings(shop)) == ["K1-412-3/1", "all"]
    assert await states(shop) == ["booked"]


async def test_many_lines_off_are_told_by_the_first_and_their_number(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vat_check, "MOST_LINES", 3)
    await tell_day(shop, [sold_at("12", 10000, 2000, number) for number in range(1, 8)])
    await shop.work()
    told = await warnings(shop)
    assert len(told) == 4
    assert told["all"] == {"lines": 7}


async def test_what_is_told_later_is_looked_at_with_the_day_it_belongs_to(shop: World) -> None:
    """Planned again, the warnings are those of all that was told: none twice, none lost."""
    sold = await tell_day(shop, [sold_at("12", 10000, 2000)])
    await shop.work()
    late = sold_at("12", 10000, 1500, 2)
    await tell(shop, a_batch([late]), a_close([*sold, late], revision=2))
    await shop.work()
    assert sorted(await warnings(shop)) == ["K1-412-1/1", "K1-412-2/1", "all"]


async def test_a_total_off_its_rate_is_a_warning_beside_its_lines(shop: World) -> None:
    """A Z report's VAT is within half an öre a line of its rate, else the rate's label is wrong."""
    await tell_day(shop, [sold_at("12", 10000, 2000)])
    await shop.work()
    assert await warnings(shop, "vat_total_off_rate") == {
        "12": {"vat_rate": "12", "gross_ore": 10000, "vat_ore": 2000, "expected_ore": 1071, "lines": 1}
    }


async def test_a_total_may_be_off_by_half_an_ore_a_line(shop: World) -> None:
    """A till that rounds each line drifts further than one that rounds each receipt: no label is wrong."""
    lines = [a_sale("food", "12", 4, 0) for _ in range(9)]  # 0,43 öre each, rounded away
    await tell_day(shop, [a_transaction(1, sales=lines)])
    await shop.work()
    assert await warnings(shop) == {}
    assert await warnings(shop, "vat_total_off_rate") == {}


async def test_a_report_that_tells_a_rate_in_parts_is_added_up(shop: World) -> None:
    sold = [sold_at("12", 10000, 2000), sold_at("12", 10000, 2000, 2)]
    parts = [{"vat_rate": rate, "gross": 10000, "vat": 2000} for rate in ("12", "12.0")]
    close = a_day_close(sold, totals=totals_of(sold) | {"sales": parts})
    await tell(shop, a_batch(sold), a_delivery(close))
    await shop.work()
    assert (await warnings(shop, "vat_total_off_rate"))["12"]["gross_ore"] == 20000


rates = st.integers(0, 9999).map(lambda number: VatRate.parse(f"{number // 100}.{number % 100:02d}"))


@given(rate=rates, gross=st.integers(-(10**13), 10**13), off=st.integers(-3, 3))
@settings(
    max_examples=60,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_the_database_measures_as_the_accounting_does(
    shop: World, rate: VatRate, gross: int, off: int
) -> None:
    """In whole numbers, for any rate, on either database."""
    vat = rate.vat_in(Money(gross)).ore + off
    lines = (sa.literal(rate.key), sa.literal(gross, sa.BigInteger), sa.literal(vat, sa.BigInteger))
    async with shop.service.database.read() as connection:
        found = (await connection.execute(sa.select(is_off(*lines)))).scalar_one()
    assert found == (not is_within_rounding(rate, Money(gross), Money(vat)))
