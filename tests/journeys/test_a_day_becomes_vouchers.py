"""The main journey: a till's day is told, planned, booked and read back."""

from typing import Any

from tests.world import World


async def test_the_worked_day_is_booked_once_however_often_it_is_told(
    active: World, krogen: dict[str, Any]
) -> None:
    await active.play(krogen)
    first = await active.booked()
    await active.play(krogen)

    assert len(first) == len(krogen["expected_vouchers"])
    assert await active.booked() == first
    assert await active.faults() == []


async def test_every_voucher_is_read_back_before_it_counts_as_done(
    active: World, krogen: dict[str, Any]
) -> None:
    await active.play(krogen)

    assert all(voucher["booking"]["verified_at"] for voucher in await active.vouchers())
    assert (await active.integration())["unbooked"]["at_rest"]
