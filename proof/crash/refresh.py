"""Row 41: two processes and a worker need a new token at the same moment; Fortnox is asked once."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
from tests import throwaway

from proof.crash.oracle import BOOKED_ONCE, judged
from proof.crash.process import HASTE
from proof.crash.shop import Shop, open_shop
from proof.crash.stage import Ground, Running, Stage, staged
from proof.finding import Finding

_MARGIN_S = 120
_GOOD_FOR_S = 5
_LIFE = timedelta(seconds=_MARGIN_S + _GOOD_FOR_S)
# Tokens are too old for a call after five seconds; all else is as in earnest.
_LIVES: dict[str, Any] = {
    "fortnox_sync.simulator.tokens:ACCESS_LIFE": _LIFE,
    "fortnox_sync.simulator.token_routes:ACCESS_LIFE": _LIFE,
    "fortnox_sync.export.turn:HALF_LIFE": timedelta(seconds=_MARGIN_S),
    "fortnox_sync.connection.lane:LEASE": HASTE["fortnox_sync.connection.lane:LEASE"],
}
_SCREENS = 10
_NUMBER = 4141
ONE_CALL = "one refresh"


async def refreshed_at_once(ground: Ground) -> Finding:
    """Open many screens on two API processes and wake a worker, all with a token that is just too old."""
    async with staged(ground, haste=_LIVES, allows_service_accounts=False) as stage:
        shop = await open_shop(stage, _NUMBER)
        port = str(throwaway.free_port())
        second = Running(stage, ("serve",), "serve", {"port": port})
        await second.start()
        await stage.more_workers(1)
        await asyncio.sleep(_GOOD_FOR_S + 1)  # until the token at hand is too old
        before = await _refreshes(stage)
        both = (stage.api_url, f"http://127.0.0.1:{port}")
        screens = [_opened(shop, url) for url in both for _ in range(_SCREENS)]
        statuses = Counter(await asyncio.gather(*screens, _sold(shop)))
        calls = await _refreshes(stage) - before
        words, tally = await judged(shop, faults=Counter(refresh_at_once=1))
        await second.stop()
    wrong = words != BOOKED_ONCE or set(statuses) != {httpx.codes.OK}
    found = (
        f"{words}, answers {dict(statuses)}" if wrong else ONE_CALL if calls == 1 else f"{calls} refreshes"
    )
    what = f"row 41: {2 * _SCREENS} screens on two API processes and a worker need a new token"
    return Finding(ground.name, what, ONE_CALL, found, "the refresh token works once", tally)


async def _opened(shop: Shop, url: str) -> int:
    """Open a pick list, which asks Fortnox."""
    token = shop.backoffice._token()  # noqa: SLF001 - the same owner's
    path = f"{url}/v1/companies/{shop.company_id}/fortnox/voucher-series?financial_year_date=2026-01-01"
    answer = await shop.stage.http.get(
        path, headers={"Authorization": f"Bearer {token}", "X-Id": uuid.uuid4().hex}
    )
    return answer.status_code


async def _sold(shop: Shop) -> int:
    await shop.sell_day()
    return httpx.codes.OK


async def _refreshes(stage: Stage) -> int:
    seen = await stage.control("GET", "/requests?method=POST&path=/oauth-v1/token")
    return sum(one["status"] == httpx.codes.OK for one in seen)
