"""Fortnox booked the voucher and the answer never came: it is found by looking, and booked once."""

import asyncio

import pytest
from tests.little_shop import fault, states, tell_day
from tests.world import World

LOST_AFTER_BOOKING = [
    {"switch": "lose_answer_after_booking", "how": "close"},
    {"switch": "lose_answer_after_booking", "how": "reset"},
    {"switch": "lose_answer_after_booking", "how": "silence"},
    {"switch": "cut_answer", "after_bytes": 200, "operation": "POST /3/vouchers"},
    {"switch": "fail_after_booking", "status": 500, "body": "json"},
    {"switch": "fail_after_booking", "status": 502, "body": "html"},
    {"switch": "fail_after_booking", "status": 504, "body": "html"},
    {"switch": "fail_after_booking", "status": 200, "body": "html"},
    {"switch": "fail_after_booking", "status": 408, "body": "json"},
    {"switch": "fail_after_booking", "status": 400, "body": "html"},
    {"switch": "fail_after_booking", "status": 302, "body": "empty"},
]


@pytest.mark.parametrize("trouble", LOST_AFTER_BOOKING, ids=lambda one: "-".join(map(str, one.values())))
async def test_a_voucher_whose_answer_was_lost_is_found_at_the_first_look(
    shop: World, trouble: dict[str, object]
) -> None:
    """Rows 3, 6, 11 and 12."""
    await shop.switch(str(trouble["switch"]), **{k: v for k, v in trouble.items() if k != "switch"})
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["in_doubt"]
    assert await shop.faults() == ["answer_in_doubt"]

    shop.clock.advance(seconds=5)
    await shop.work()

    (voucher,) = await shop.vouchers()
    assert (voucher["state"], voucher["booking"]["number"]) == ("booked", 1)
    assert voucher["booking"]["verified_at"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1
    assert await shop.faults() == []


async def test_an_answer_that_trickles_is_given_up_at_the_deadline(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 15: bytes that keep coming keep no total deadline from passing."""
    monkeypatch.setattr(shop.service.link, "_deadline", 0.3)

    async def drip(_: float) -> None:
        await asyncio.sleep(0.01)

    monkeypatch.setattr(shop.fortnox.state.world, "sleep", drip)
    await shop.switch("trickle", operation="POST /3/vouchers", step_bytes=1)
    await tell_day(shop)
    await shop.work()
    assert await states(shop) == ["in_doubt"]

    await shop.work_for(seconds=10)

    assert await states(shop) == ["booked"]
    assert len(await shop.booked()) == 1


@pytest.mark.parametrize("after", [5, 14 * 60])
async def test_a_voucher_executed_late_is_waited_for_and_booked_once(shop: World, after: int) -> None:
    """Rows 7 and 8."""
    await shop.switch("book_late", after_seconds=after, how="silence")
    await tell_day(shop)
    await shop.work()

    await shop.work_for(minutes=80)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1
    assert await shop.faults() == []


async def test_nothing_unseen_is_believed_absent_while_lists_are_stale(shop: World) -> None:
    """Row 49: lists, single vouchers and the counter lag by ten minutes."""
    await shop.control("PATCH", "/conditions", {"stale_seconds": 600})
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)

    await shop.work_for(minutes=9)
    assert await states(shop) == ["in_doubt"]
    await shop.work_for(minutes=12)

    assert await states(shop) == ["booked"]
    assert len(await shop.posts()) == len(await shop.booked()) == 1


@pytest.mark.parametrize("answer", ["first", "last"])
async def test_a_post_executed_twice_is_booked_and_the_copy_is_told(shop: World, answer: str) -> None:
    """Row 16: within a minute; whichever of the two numbers was answered."""
    await shop.switch("book_twice", answer=answer)
    await tell_day(shop)
    await shop.work()

    assert await states(shop) == ["booked"]
    told = await fault(shop, "voucher_duplicate")
    numbers = {told["fault"]["facts"]["voucher"]["number"]} | {
        copy["number"] for copy in told["fault"]["facts"]["copies"]
    }
    assert numbers == {1, 2}
    assert told["waiting"]["amount"] == 22400


async def test_a_copy_is_told_even_when_the_answer_was_lost(shop: World) -> None:
    """Row 16 with row 6."""
    await shop.switch("book_twice")
    await shop.switch("lose_answer", operation="POST /3/vouchers")
    await tell_day(shop)
    await shop.work()
    await shop.work_for(seconds=10)

    (voucher,) = await shop.vouchers()
    assert voucher["booking"]["number"] == 1
    assert await shop.faults() == ["voucher_duplicate"]
    assert len(await shop.posts()) == 1


async def test_a_voucher_in_doubt_does_not_keep_the_next_from_being_booked(shop: World) -> None:
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await tell_day(shop, session="K1-413", day="2026-10-03")
    await shop.work()

    assert sorted(await states(shop)) == ["booked", "in_doubt"]
    await shop.work_for(seconds=10)

    assert await states(shop) == ["booked", "booked"]
    assert sorted(one["number"] for one in await shop.booked()) == [1, 2]


async def test_two_in_doubt_stop_the_sending_but_not_the_looking(shop: World) -> None:
    await shop.switch("never_book", times=2)
    for number in range(4):
        await tell_day(shop, session=f"K1-{412 + number}", day=f"2026-10-{2 + number:02d}")
    await shop.work()
    assert sorted(await states(shop)) == ["in_doubt", "in_doubt", "ready", "ready"]

    before = len((await shop.simulator.get("/_simulator/requests")).json())
    await shop.work_for(minutes=10)
    after = (await shop.simulator.get("/_simulator/requests")).json()[before:]

    assert {one["method"] for one in after if one["path"].startswith("/3/")} == {"GET"}
    assert len(await shop.posts()) == 2
    await shop.work_for(minutes=80)
    assert await states(shop) == ["booked"] * 4
    assert len(await shop.booked()) == 4


async def test_an_account_chosen_meanwhile_leaves_what_is_in_doubt_as_it_was_sent(shop: World) -> None:
    """Row 45: what may stand in Fortnox is looked for as it was sent, whatever is chosen by now."""
    await shop.switch("lose_answer_after_booking")
    await tell_day(shop)
    await shop.work()
    await shop.ok("PUT", "/mappings/payment_method/card", {"account": 1580})
    await shop.work_for(seconds=10)

    (voucher,) = await shop.vouchers()
    assert (voucher["state"], bool(voucher["booking"]["verified_at"])) == ("booked", True)
    assert await shop.faults() == []
    assert len(await shop.posts()) == 1
