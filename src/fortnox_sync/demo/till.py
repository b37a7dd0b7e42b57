"""The till: signs what happened and sends it until the service says that it has it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

_MOST_TRANSACTIONS = 1000
_MOST_BYTES = 900_000
_TRIES = 5


class TillError(Exception):
    """The service did not take a delivery."""


class Till:
    """A till that knows where to send its day."""

    def __init__(self, http: httpx.AsyncClient, secret: str) -> None:
        """Take the way to the service and the secret shared with it."""
        self._http, self._webhook = http, Webhook(secret)

    async def send(self, delivery: dict[str, Any], company_id: str) -> list[httpx.Response]:
        """Send a delivery, in pieces where it is larger than one may be."""
        data = {**delivery["data"], "company_id": company_id}
        return [await self._send(piece) for piece in _pieces({**delivery, "data": data})]

    async def _send(self, delivery: dict[str, Any]) -> httpx.Response:
        body = json.dumps(delivery, ensure_ascii=False)
        webhook_id = f"msg_{uuid.uuid4().hex}"
        for attempt in range(_TRIES):
            now = datetime.now(UTC)
            headers = {
                "webhook-id": webhook_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": self._webhook.sign(webhook_id, now, body),
                "content-type": "application/json",
            }
            answer = await self._http.post("/v1/webhooks/till", content=body.encode(), headers=headers)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(2**attempt / 10)  # the till's own patience, as Retry-After asks for
        if answer.is_server_error or answer.status_code == httpx.codes.UNAUTHORIZED:
            raise TillError(f"the service answered {answer.status_code} to {delivery['type']}")
        return answer


def _pieces(delivery: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Divide a delivery as a till with many receipts does; the day close itself stays whole."""
    told = delivery["data"].get("transactions", [])
    if len(told) <= _MOST_TRANSACTIONS and _size(delivery) <= _MOST_BYTES:
        yield delivery
        return
    middle = min(len(told) // 2, _MOST_TRANSACTIONS)
    if middle == 0:
        yield delivery
        return
    company = {"company_id": delivery["data"]["company_id"]}
    first = {
        "type": "till.transactions.recorded",
        "timestamp": delivery["timestamp"],
        "data": {**company, "transactions": told[:middle]},
    }
    yield from _pieces(first)
    yield from _pieces({**delivery, "data": {**delivery["data"], "transactions": told[middle:]}})


def _size(delivery: dict[str, Any]) -> int:
    return len(json.dumps(delivery, ensure_ascii=False).encode())
