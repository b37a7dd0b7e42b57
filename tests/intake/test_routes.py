"""The till's door: signed deliveries of a bearable size are kept, and the answer says what became of each."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message
from tests.factories import Json, a_batch, a_day_close, a_delivery, a_payment, a_transaction, body_of
from tests.intake.desk import full_disk, rows
from tests.world import World

from fortnox_sync.app import create_app
from fortnox_sync.intake.tables import delivery, till_transaction

ONE = a_transaction(1)
MEBIBYTE = 1024 * 1024


async def kept(world: World) -> list[tuple[str, bytes]]:
    """Return how every delivery was taken, and its bytes."""
    return [(row["status"], row["body"]) for row in await rows(world.service.database, delivery)]


async def taken(world: World) -> list[str]:
    """Return the transactions in the ledger."""
    return [row["transaction_id"] for row in await rows(world.service.database, till_transaction)]


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_new_delivery_is_answered_202_and_the_same_again_200(world: World) -> None:
    first = await world.send(a_batch([ONE]), webhook_id="msg_a")
    again = await world.send(a_batch([ONE]), webhook_id="msg_a")

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == {"status": "stored", "delivery_id": again.json()["delivery_id"], "problems": []}
    assert again.json()["status"] == "seen"


async def test_another_body_under_a_known_id_is_answered_202(world: World) -> None:
    """Row 28."""
    await world.send(a_batch([ONE]), webhook_id="msg_a")
    answer = await world.send(a_batch([a_transaction(2)]), webhook_id="msg_a")

    assert (answer.status_code, answer.json()["status"]) == (202, "variant")
    assert await taken(world) == ["K1-412-1"]


async def test_a_hundred_identical_calls_at_once_are_all_answered_and_stored_once(world: World) -> None:
    """Row 27."""
    calls = (world.send(a_batch([ONE]), webhook_id="msg_a") for _ in range(100))
    answers = [answer.status_code for answer in await asyncio.gather(*calls)]

    assert (answers.count(202), answers.count(200)) == (1, 99)
    assert len(await kept(world)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": ""},
        {"webhook_timestamp": "0"},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "9" * 6000},
        {"webhook_signature": "v1,å".encode("latin-1")},
        {"webhook_id": b"\xff\xfe"},
        {"webhook_timestamp": b"\xb2"},
        {"webhook_signature": "v1," + "A" * 100_000},
    ],
    ids=range(9),
)
async def test_what_is_not_the_tills_is_a_401_and_not_kept(small_world: World, headers: Any) -> None:
    answer = await small_world.send_bytes(body_of(a_batch([ONE])), **headers)

    assert code(answer) == (401, "signature_invalid")
    assert await kept(small_world) == []


async def test_a_captured_delivery_has_no_effect_after_an_hour(world: World) -> None:
    """Row 29."""
    body = body_of(a_batch([ONE]))
    captured = world.headers(body, "msg_a")
    world.clock.advance(hours=1)
    answer = await world.api.post("/v1/webhooks/till", content=body, headers=captured)

    assert code(answer) == (401, "signature_invalid")
    assert await kept(world) == []


async def test_a_delivery_of_a_mebibyte_is_taken_and_one_byte_more_is_not(small_world: World) -> None:
    padded = body_of(a_batch([ONE])).ljust(MEBIBYTE)
    assert (await small_world.send_bytes(padded)).status_code == 202

    assert code(await small_world.send_bytes(padded + b" ")) == (413, "too_large")
    assert len(await kept(small_world)) == 1


@pytest.mark.parametrize("length", [None, str(2 * MEBIBYTE), "9" * 5000, "10", "-1", "many"])
async def test_a_delivery_that_is_too_large_is_refused_before_it_is_read(
    small_world: World, length: str | None
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * (MEBIBYTE // 4)

    headers = small_world.headers(b"", "msg_a") | ({"content-length": length} if length else {})
    answer = await small_world.api.post("/v1/webhooks/till", content=endless(), headers=headers)

    assert code(answer) == (413, "too_large")
    assert read <= 6
    assert await kept(small_world) == []


async def test_more_than_a_thousand_transactions_are_a_413_and_kept(small_world: World) -> None:
    body = body_of(a_batch([ONE] * 1001))
    assert code(await small_world.send_bytes(body)) == (413, "too_large")
    assert await kept(small_world) == [("unreadable", body)]
    assert await taken(small_world) == []


WHOLE = body_of(a_batch([ONE]))


@pytest.mark.parametrize(
    "body",
    [
        WHOLE[:-1], b"", b"\x00", WHOLE.replace(b"K1", b"K\xe5"), b"[" * 500_000,
        WHOLE.replace(b"11200", b"NaN"), WHOLE.replace(b"11200", b"1" * 10_000),
        WHOLE.replace(b"K1", b"\\ud800"), json.dumps(ONE).encode("utf-16"),
    ],
    ids=range(9),
)  # fmt: skip
async def test_what_is_no_json_is_a_400_and_kept_as_it_came(world: World, body: bytes) -> None:
    assert code(await world.send_bytes(body)) == (400, "not_json")
    assert await kept(world) == [("unreadable", body)]


@pytest.mark.parametrize(
    "body",
    [
        b"null", b"[]", b"{}", b'{"type": null}', b'{"type": "a\\u0000b"}', b'{"type": "%s"}' % (b"x" * 5000),
        body_of(a_batch([ONE], at="2026-10-02T12:00:00")), body_of(a_batch([ONE], company="")),
        body_of(a_batch([ONE], company="c\x00")), body_of(a_batch([ONE], at="0001-01-01T00:00:00+14:00")),
        body_of(a_delivery(a_day_close([ONE], totals=None))),
        body_of(a_delivery(a_day_close([ONE], report={"media_type": "a", "content": 5}))),
    ],
    ids=range(12),
)  # fmt: skip
async def test_json_that_is_no_delivery_is_kept_and_told(world: World, body: bytes) -> None:
    answer = await world.send_bytes(body)

    assert (answer.status_code, {p["code"] for p in answer.json()["problems"]}) == (
        202,
        {"delivery_unreadable"},
    )
    assert await kept(world) == [("unreadable", body)]
    assert (await rows(world.service.database, delivery))[0]["problems"]


async def test_an_unknown_type_is_kept_for_the_day_it_is_known(world: World) -> None:
    answer = await world.send({"type": "till.lunch.eaten", "timestamp": None, "data": {}})

    assert (answer.status_code, answer.json()["problems"]) == (202, [])
    assert [status for status, _ in await kept(world)] == ["unknown_type"]


async def test_a_transaction_that_does_not_balance_is_told_and_holds_up_no_other(world: World) -> None:
    odd = a_transaction(2, payments=[a_payment(amount=1)])
    answer = await world.send(a_batch([ONE, odd, a_transaction(3)]))

    [problem] = answer.json()["problems"]
    assert (problem["code"], problem["transaction_id"]) == ("transaction_unbalanced", "K1-412-2")
    assert await taken(world) == ["K1-412-1", "K1-412-3"]
    assert [status for status, _ in await kept(world)] == ["unreadable"]


async def test_what_cannot_be_committed_is_a_503_and_taken_when_it_comes_again(
    world: World,
) -> None:
    with full_disk(world.service.database):
        refused = await world.send(a_batch([ONE]), webhook_id="msg_a")

    assert code(refused) == (503, "not_committed")
    assert refused.headers["retry-after"] == "5"
    assert await kept(world) == []
    assert (await world.send(a_batch([ONE]), webhook_id="msg_a")).status_code == 202


async def test_a_sender_that_hangs_up_in_the_middle_is_no_fault_of_ours(
    small_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = [(k.encode(), v.encode()) for k, v in small_world.headers(b"", "msg_a").items()]
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        answered.append(message)

    scope: Json = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/v1/webhooks/till",
        "raw_path": b"/v1/webhooks/till", "root_path": "", "scheme": "http", "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("api.test", 80),
    }  # fmt: skip
    app: FastAPI = create_app(small_world.service)
    await app(scope, receive, send)

    assert "web.bug" not in capsys.readouterr().out
    assert await kept(small_world) == []


async def test_a_delivery_from_five_minutes_ahead_is_taken(small_world: World) -> None:
    body = body_of(a_batch([ONE]))
    ahead = small_world.headers(body, "msg_a")
    small_world.clock.moment -= timedelta(minutes=5)
    answer = await small_world.api.post("/v1/webhooks/till", content=body, headers=ahead)
    assert answer.status_code == 202
