"""Every transaction stands in the ledger once, as it was first told; what differs is kept and marked."""

import asyncio
from typing import Any

import pytest
from tests.factories import Json, a_batch, a_day_close, a_delivery, a_sale, a_transaction
from tests.intake.desk import Desk

from fortnox_sync.connection.tables import company, lane
from fortnox_sync.intake.inbox import Answer
from fortnox_sync.intake.tables import (
    day_close,
    day_report,
    delivery,
    till_entry,
    till_session,
    till_transaction,
)

ONE, TWO = a_transaction(1), a_transaction(2)
OTHER_ONE = a_transaction(1, sales=[a_sale(vat=1201)])
CLOSE = a_day_close([ONE, TWO])
LEDGER = (till_session, till_transaction, till_entry, day_close, day_report)


async def ledger(desk: Desk) -> list[list[Json]]:
    """Return everything the ledger says, but not who told it."""
    tables = [await desk.rows(table) for table in LEDGER]
    return [[{k: v for k, v in row.items() if k != "delivery_id"} for row in rows] for rows in tables]


async def statuses(desk: Desk) -> dict[str, str]:
    """Return how each delivery was taken, by its webhook id and whether it is a variant."""
    return {
        row["webhook_id"] + "'" * bool(row["variant_of"]): row["status"] for row in await desk.rows(delivery)
    }


async def test_a_hundred_identical_deliveries_at_once_are_one(desk: Desk) -> None:
    receipts = await asyncio.gather(*(desk.take(a_batch([ONE]), "msg_a") for _ in range(100)))

    answers = [receipt.answer for receipt in receipts]
    assert (answers.count(Answer.STORED), answers.count(Answer.SEEN)) == (1, 99)
    assert len({receipt.delivery_id for receipt in receipts}) == 1
    assert [len(await desk.rows(table)) for table in (delivery, till_transaction)] == [1, 1]
    assert [row["changes"] for row in await desk.rows(till_session)] == [1]


@pytest.mark.parametrize("at_once", [True, False])
async def test_another_body_under_the_same_id_is_kept_beside_the_first_which_stands(
    desk: Desk, *, at_once: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = [desk.take(a_batch([one]), "msg_a") for one in (ONE, TWO)]
    first, second = await asyncio.gather(*calls) if at_once else [await call for call in calls]

    assert (first.answer, second.answer) == (Answer.STORED, Answer.VARIANT)
    assert second.delivery_id == first.delivery_id
    assert await statuses(desk) == {"msg_a": "stored", "msg_a'": "variant"}
    assert [row["transaction_id"] for row in await desk.rows(till_transaction)] == ["K1-412-1"]
    assert "intake.variant" in capsys.readouterr().out


async def test_a_variant_that_comes_again_is_kept_once(desk: Desk) -> None:
    for one in (ONE, TWO, TWO, ONE):
        await desk.take(a_batch([one]), "msg_a")
    assert len(await desk.rows(delivery)) == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_the_same_content_under_new_ids_changes_nothing(desk: Desk, *, at_once: bool) -> None:
    everything = [a_batch([ONE, TWO]), a_delivery(CLOSE), a_delivery(CLOSE | {"transactions": [TWO, ONE]})]
    for told in everything:
        await desk.take(told)
    before = await ledger(desk)
    again = [desk.take(told) for told in everything * 3]
    receipts = await asyncio.gather(*again) if at_once else [await call for call in again]

    assert await ledger(desk) == before
    assert {receipt.answer for receipt in receipts} == {Answer.STORED}
    assert set((await statuses(desk)).values()) == {"stored"}


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_transaction_told_otherwise_is_kept_and_marked_and_the_first_stands(
    desk: Desk, *, at_once: bool
) -> None:
    calls = [desk.take(a_batch([ONE])), desk.take(a_batch([OTHER_ONE, TWO]))]
    await asyncio.gather(*calls) if at_once else [await call for call in calls]

    assert await statuses(desk) == {"msg_1": "stored", "msg_2": "conflicting"}
    [entry] = [e for e in await desk.rows(till_entry) if e["transaction_id"] == "K1-412-1" and e["vat"]]
    assert entry["vat"] == 1200
    marked = (await desk.rows(delivery))[1]["problems"]
    assert [(problem["code"], problem["at"]) for problem in marked] == [("conflicting", "K1-412-1")]
    assert len(await desk.rows(till_transaction)) == 2


async def test_a_delivery_that_contradicts_itself_is_marked_and_its_first_telling_stands(desk: Desk) -> None:
    await desk.take(a_batch([ONE, OTHER_ONE, ONE]))

    assert await statuses(desk) == {"msg_1": "conflicting"}
    assert [e["vat"] for e in await desk.rows(till_entry) if e["type"] == "sale"] == [1200]


async def test_a_delivery_both_unreadable_in_part_and_conflicting_tells_both(desk: Desk) -> None:
    await desk.take(a_batch([ONE]))
    await desk.take(a_batch([OTHER_ONE, TWO | {"kind": "gift"}]))

    problems = (await desk.rows(delivery))[1]["problems"]
    assert [problem["code"] for problem in problems] == ["delivery_unreadable", "conflicting"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_day_close_told_otherwise_under_the_same_revision_is_marked(
    desk: Desk, *, at_once: bool
) -> None:
    calls = [desk.take(a_delivery(CLOSE)), desk.take(a_delivery(CLOSE | {"transaction_count": 3}))]
    await asyncio.gather(*calls) if at_once else [await call for call in calls]

    assert await statuses(desk) == {"msg_1": "stored", "msg_2": "conflicting"}
    assert [row["transaction_count"] for row in await desk.rows(day_close)] == [2]


async def test_a_new_revision_of_a_day_close_stands_beside_the_old_one(desk: Desk) -> None:
    await desk.take(a_delivery(CLOSE | {"revision": 2, "transaction_count": 3}))
    await desk.take(a_delivery(CLOSE))

    closes = await desk.rows(day_close, "revision", "transaction_count")
    assert [tuple(row.values()) for row in closes] == [(1, 2), (2, 3)]
    assert [row["changes"] for row in await desk.rows(till_session)] == [2]


async def test_the_same_ids_of_two_companies_are_two_transactions(desk: Desk) -> None:
    await asyncio.gather(desk.take(a_batch([ONE])), desk.take(a_batch([OTHER_ONE], company="c_2")))
    assert set((await statuses(desk)).values()) == {"stored"}
    assert [row["company_id"] for row in await desk.rows(till_transaction)] == ["c_2", "c_4711"]


async def test_a_company_not_seen_before_is_created_inactive_with_its_lane(desk: Desk) -> None:
    await asyncio.gather(*(desk.take(a_batch([ONE], company=f"c_{n % 3}")) for n in range(30)))

    told = await desk.rows(company, "company_id", "status", "name", "setup_completed")
    assert [(row["company_id"], row["status"]) for row in told] == [(f"c_{n}", "inactive") for n in range(3)]
    assert [row["company_id"] for row in await desk.rows(lane, "company_id")] == ["c_0", "c_1", "c_2"]


async def test_a_day_close_makes_the_lane_due_and_sales_alone_do_not(desk: Desk) -> None:
    async def due() -> list[Any]:
        return [row["next_due_at"] for row in await desk.rows(lane)]

    await desk.take(a_batch([ONE, TWO]))
    assert await due() == [None]
    await desk.take(a_delivery(CLOSE))
    assert await due() == [desk.database.clock.now()]


async def test_a_day_close_knows_its_register_and_date_best(desk: Desk) -> None:
    stray = a_transaction(2, business_date="2026-10-03", register="K9")
    await desk.take(a_batch([stray]))
    await desk.take(a_delivery(CLOSE))
    await desk.take(a_batch([ONE]))

    [session] = await desk.rows(till_session)
    assert (session["register_id"], session["business_date"].isoformat()) == ("K1", "2026-10-02")
    assert session["changes"] == 3


async def test_the_report_of_a_day_close_is_kept_as_it_is(desk: Desk) -> None:
    report = {"media_type": "application/pdf", "content": "JVBERi0xLjcK"}
    await desk.take(a_delivery(CLOSE | {"report": report}))

    [kept] = await desk.rows(day_report)
    assert (kept["media_type"], kept["content"]) == ("application/pdf", b"%PDF-1.7\n")


async def test_a_thousand_transactions_of_many_lines_are_stored_whole(desk: Desk) -> None:
    lines = [a_sale(gross=100, vat=11)] * 9
    await desk.take(a_batch(a_transaction(number, sales=lines) for number in range(1000)))

    assert len(await desk.rows(till_entry, "company_id")) == 10_000
    assert [row["changes"] for row in await desk.rows(till_session)] == [1000]
