"""Deliveries that come together are committed together; nobody is answered before the commit."""

import asyncio
import logging
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from tests.factories import Json, a_batch, a_day_close, a_delivery, a_transaction
from tests.intake.desk import Desk, a_desk, commits, full_disk

from fortnox_sync.intake import inbox as inbox_module
from fortnox_sync.intake import ledger
from fortnox_sync.intake.inbox import Answer, NotCommittedError
from fortnox_sync.intake.tables import delivery, till_transaction


def batch(number: int, **more: object) -> Json:
    return a_batch([a_transaction(number, **more)])


async def take_all(desk: Desk, deliveries: list[Any], webhook_id: str | None = None) -> list[Any]:
    """Hand in deliveries at the same moment; return receipts and refusals."""
    return await asyncio.gather(*(desk.take(one, webhook_id) for one in deliveries), return_exceptions=True)


async def test_a_hundred_deliveries_that_come_together_are_one_commit(desk: Desk) -> None:
    with commits(desk.database) as seen:
        receipts = await take_all(desk, [batch(number) for number in range(100)])

    assert seen == ["commit"]
    assert {receipt.answer for receipt in receipts} == {Answer.STORED}
    assert len(await desk.rows(till_transaction)) == 100


async def test_a_delivery_that_comes_alone_waits_for_no_other(desk: Desk) -> None:
    with commits(desk.database) as seen:
        await desk.take(batch(1))
        await desk.take(batch(2))
    assert len(seen) == 2


async def test_a_group_holds_at_most_a_hundred_deliveries(desk: Desk) -> None:
    with commits(desk.database) as seen:
        await take_all(desk, [batch(number) for number in range(250)])
    assert len(seen) == 3


async def test_a_group_holds_few_large_deliveries(desk: Desk) -> None:
    with commits(desk.database) as seen:
        await take_all(desk, [b'{"type": "x"}' + b" " * 1_000_000] * 11)
    assert len(seen) == 3  # five, five and the last


async def test_nobody_is_answered_before_the_commit(desk: Desk) -> None:
    answered_before = []
    waiting = asyncio.create_task(desk.take(batch(1)))

    def look(_: sa.Connection) -> None:
        answered_before.append(waiting.done())

    sa.event.listen(desk.database.engine.sync_engine, "commit", look)
    await waiting

    assert answered_before == [False]


async def test_a_failed_commit_is_refused_and_leaves_nothing(desk: Desk) -> None:
    with full_disk(desk.database):
        answers = await take_all(desk, [batch(1), batch(2)])

    assert [type(answer) for answer in answers] == [NotCommittedError, NotCommittedError]
    assert await desk.rows(delivery) == []
    assert await desk.rows(till_transaction) == []


async def test_a_log_that_cannot_be_written_shuts_no_door(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 26: it lies on the disk that is full."""

    def no_room(*_: object, **__: object) -> None:
        raise OSError(27, "File too large")

    with full_disk(desk.database), monkeypatch.context() as patch:
        patch.setattr(inbox_module.log, "error", no_room)
        with pytest.raises(NotCommittedError):
            await desk.take(batch(1), "msg_a")

    async with asyncio.timeout(5):
        assert (await desk.take(batch(1), "msg_a")).answer is Answer.STORED


async def test_what_was_refused_is_taken_when_it_comes_again(desk: Desk) -> None:
    with full_disk(desk.database), pytest.raises(NotCommittedError):
        await desk.take(batch(1), "msg_a")

    assert (await desk.take(batch(1), "msg_a")).answer is Answer.STORED
    assert len(await desk.rows(till_transaction)) == 1


async def test_a_commit_whose_answer_was_lost_is_seen_before_when_it_comes_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = desk.database.engine.dialect.do_commit

    def commit_and_lose_the_answer(connection: Any) -> None:
        commit(connection)
        raise OperationalError("COMMIT", None, OSError("Connection reset by peer"))

    monkeypatch.setattr(desk.database.engine.dialect, "do_commit", commit_and_lose_the_answer)
    with pytest.raises(NotCommittedError):
        await desk.take(batch(1), "msg_a")
    monkeypatch.undo()

    assert (await desk.take(batch(1), "msg_a")).answer is Answer.SEEN
    assert len(await desk.rows(till_transaction)) == 1


async def test_a_delivery_while_the_database_is_away_is_never_called_unreadable(desk: Desk) -> None:
    async with desk.database.write() as connection:
        await connection.execute(sa.text("ALTER TABLE till_session RENAME TO away"))
    with pytest.raises(NotCommittedError):
        await desk.take(batch(1), "msg_a")
    async with desk.database.write() as connection:
        await connection.execute(sa.text("ALTER TABLE away RENAME TO till_session"))

    assert (await desk.take(batch(1), "msg_a")).problems == ()
    assert [row["status"] for row in await desk.rows(delivery)] == ["stored"]


async def test_one_delivery_that_cannot_be_stored_spoils_no_other_and_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, "K1-412-2", {"receipt_number": 2**70})
    receipts = await take_all(desk, [batch(1), batch(2), batch(3)])

    assert [receipt.answer for receipt in receipts] == [Answer.STORED] * 3
    assert [[p.code for p in receipt.problems] for receipt in receipts] == [[], ["delivery_unreadable"], []]
    kept = {row["webhook_id"]: row["status"] for row in await desk.rows(delivery)}
    assert kept == {"msg_1": "stored", "msg_2": "unreadable", "msg_3": "stored"}
    ids = [row["transaction_id"] for row in await desk.rows(till_transaction)]
    assert ids == ["K1-412-1", "K1-412-3"]


async def test_a_mistake_of_ours_on_one_delivery_refuses_that_one_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, "K1-412-2", None)
    answers = await take_all(desk, [batch(1), batch(2), batch(3)])

    assert isinstance(answers[1], NotCommittedError)
    assert [row["webhook_id"] for row in await desk.rows(delivery)] == ["msg_1", "msg_3"]
    monkeypatch.undo()
    assert (await desk.take(batch(2), "msg_2")).answer is Answer.STORED


def poison(monkeypatch: pytest.MonkeyPatch, transaction_id: str, with_what: Json | None) -> None:
    """Spoil the row of one transaction, as a limit of the database nobody thought of would."""
    make = ledger._transaction_row  # noqa: SLF001 - where such a row would come from

    def spoil(told: ledger.Told, transaction: Any) -> Json:
        row = make(told, transaction)
        return row | with_what if transaction.transaction_id == transaction_id else row  # type: ignore[operator]

    monkeypatch.setattr(ledger, "_transaction_row", spoil)


async def test_a_bell_that_cannot_ring_shuts_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crack() -> None:
        raise RuntimeError("cracked")

    monkeypatch.setattr(desk.inbox._bell, "ring", crack)  # noqa: SLF001 - the bell handed in
    close = a_delivery(a_day_close([a_transaction(1)], transactions=[a_transaction(1)]))

    assert (await desk.take(close)).answer is Answer.STORED
    assert (await desk.take(batch(2))).answer is Answer.STORED


async def test_a_till_that_hangs_up_early_takes_nothing_from_the_others(desk: Desk) -> None:
    impatient = asyncio.create_task(desk.take(batch(1), "msg_a"))
    patient = asyncio.create_task(desk.take(batch(2), "msg_b"))
    await asyncio.sleep(0)
    impatient.cancel()

    assert (await patient).answer is Answer.STORED
    assert (await desk.take(batch(1), "msg_a")).answer is Answer.SEEN


async def test_too_many_waiting_deliveries_are_told_to_come_again(desk: Desk) -> None:
    answers = await take_all(desk, [b'{"type": "x"}'] * 1100)

    refused = [answer for answer in answers if isinstance(answer, NotCommittedError)]
    assert len(refused) == 100
    assert len(await desk.rows(delivery, "delivery_id")) == 1000


async def test_what_waits_when_the_service_stops_is_told_to_come_again(database_url: str) -> None:
    async with a_desk(database_url) as desk:
        waiting = [asyncio.create_task(desk.take(batch(number))) for number in range(150)]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert {type(answer) for answer in answers} <= {NotCommittedError, inbox_module.Receipt}
    assert any(isinstance(answer, NotCommittedError) for answer in answers)


async def test_a_refusal_is_logged_without_what_was_sold(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: Any
) -> None:
    caplog.set_level(logging.INFO)
    poison(monkeypatch, "K1-412-1", {"receipt_number": "Anna's lunch"})
    with full_disk(desk.database), pytest.raises(NotCommittedError):
        await desk.take(batch(1, text="Anna's lunch"))
    await desk.take(batch(1, text="Anna's lunch"))

    said = "".join(capsys.readouterr()) + caplog.text
    assert "intake.not_committed" in said
    assert "lunch" not in said
