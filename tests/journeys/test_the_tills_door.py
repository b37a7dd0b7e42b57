"""The till's door: what is said to be stored is on disk, and only the till is believed."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from standardwebhooks import Webhook
from tests.factories import a_batch, body_of
from tests.intake.desk import full_disk
from tests.little_shop import a_close, lunches, states, tell
from tests.world import World

from fortnox_sync.web import limits


async def test_a_day_refused_for_a_full_disk_is_booked_when_it_comes_again(shop: World) -> None:
    """Row 26: a till that was told yes would never send it again."""
    day = (a_batch(lunches()), a_close(lunches()))
    with full_disk(shop.service.database):
        refused = [await shop.send(one) for one in day]
    assert [one.status_code for one in refused] == [httpx.codes.SERVICE_UNAVAILABLE] * 2

    await tell(shop, *day)
    await shop.work()

    assert await states(shop) == ["booked"]
    assert await shop.faults() == []


@pytest.mark.parametrize("secret", ["whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==", None])
async def test_a_forged_close_books_nothing(shop: World, secret: str | None) -> None:
    """Row 54: signed by somebody else, or by the till itself for another body."""
    await tell(shop, a_batch(lunches()))
    body = body_of(a_close(lunches()))
    signed = body if secret else body_of(a_close(lunches(1)))
    signature = Webhook(secret or shop.secret).sign("msg_forged", shop.clock.now(), signed.decode())
    answer = await shop.send_bytes(body, webhook_id="msg_forged", webhook_signature=signature)
    await shop.work()

    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert await states(shop) == []
    assert await shop.booked() == []


async def test_a_captured_close_books_nothing_an_hour_later(shop: World) -> None:
    """Row 29: whoever overheard it can say it again, and nobody listens."""
    await tell(shop, a_batch(lunches()))
    body = body_of(a_close(lunches()))
    captured = shop.headers(body, "msg_captured")
    shop.clock.advance(hours=1)
    answer = await shop.api.post("/v1/webhooks/till", content=body, headers=captured)
    await shop.work()

    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert await states(shop) == []


async def test_a_close_that_trickles_in_books_nothing_before_it_comes_whole(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 54: nobody holds the door by being slow, and what is refused for it is sent again."""
    monkeypatch.setattr(limits, "BODY_WITHIN_S", 0.1)
    await tell(shop, a_batch(lunches()))
    body = body_of(a_close(lunches()))
    has_waited = asyncio.Event()

    async def trickling() -> AsyncIterator[bytes]:
        yield body[:-1]
        await has_waited.wait()
        yield body[-1:]

    sending = shop.api.post("/v1/webhooks/till", content=trickling(), headers=shop.headers(body, "msg_slow"))
    async with asyncio.timeout(20):
        answer = await sending
    has_waited.set()
    assert answer.status_code == httpx.codes.REQUEST_TIMEOUT
    await shop.work()
    assert await states(shop) == []

    assert (await shop.send_bytes(body, webhook_id="msg_slow")).status_code == httpx.codes.ACCEPTED
    await shop.work()
    assert await states(shop) == ["booked"]
