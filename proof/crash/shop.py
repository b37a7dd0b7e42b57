"""A shop: one company with a till that sends until it is told yes, and an owner who clicks."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.factories import (
    a_batch,
    a_catalog,
    a_day_close,
    a_delivery,
    a_mapping,
    a_payment,
    a_sale,
    a_transaction,
    body_of,
    signed,
    vat_of,
)

from fortnox_sync.demo.backoffice import BackOffice
from proof.crash.stage import Stage
from proof.person import said_of

Json = dict[str, Any]
MAPPING = [
    a_mapping("payment_method", "card", 1686),
    a_mapping("payment_method", "cash", 1910),
    a_mapping("article_group", "food", 3002),
    a_mapping("vat_rate", "12", 2621),
]
SALES_A_DAY = 4
_FIRST_Z = 500
_SERIES = "F"
_ABSENT = "absent"
_TRIES_AGAIN_AFTER_S = 0.1
_PATIENCE_S = 60.0


class TillGaveUpError(Exception):
    """Nobody took a delivery for a minute."""


@dataclass
class Shop:
    """A company that sells, and everything its till told."""

    stage: Stage
    company_id: str
    number: int
    backoffice: BackOffice
    deliveries: list[Json] = field(default_factory=list)
    days: int = 0
    # What the till was told instead of yes, and how often.
    refused: Counter[int] = field(default_factory=Counter)
    # How often nobody told it anything.
    unanswered: int = 0
    # How often its owner had to look in Fortnox and say what became of a voucher.
    decided: int = 0

    @property
    def case(self) -> Json:
        """Return what was told as a case, for an independent reckoning of what must be booked."""
        return {"mapping": MAPPING, "cost_centers": {}, "deliveries": self.deliveries}

    async def sell_day(self) -> None:
        """Sell for a day and close it; no two sales have the same amount."""
        sold, close = self.a_day()
        await self.tell_sales(sold)
        await self.tell(close)

    async def tell_sales(self, sold: list[Json]) -> None:
        """Send some sales until they are taken."""
        await self.tell(a_batch(sold, company=self.company_id))

    def a_day(self) -> tuple[list[Json], Json]:
        """Make up the next day: its sales, and its close."""
        z_number = _FIRST_Z + self.days
        day = f"2026-{1 + self.days // 28:02d}-{1 + self.days % 28:02d}"
        self.days += 1
        session = f"K1-{z_number}"
        sold = [_a_sale(one, session, day) for one in range(SALES_A_DAY)]
        close = a_day_close(sold, session=session, z_number=z_number, day=day, company_id=self.company_id)
        return sold, a_delivery(close)

    async def tell(self, delivery: Json) -> httpx.Response:
        """Send a delivery again and again, under one id, until it is taken."""
        self.deliveries.append(delivery)
        body, webhook_id = body_of(delivery), f"msg_{uuid.uuid4().hex}"
        until = asyncio.get_running_loop().time() + _PATIENCE_S
        while asyncio.get_running_loop().time() < until:
            try:
                answer = await self.send(body, webhook_id)
                if answer.is_success:
                    return answer
                self.refused[answer.status_code] += 1
            except httpx.TransportError:
                self.unanswered += 1  # the process died, or is not up yet
            await asyncio.sleep(_TRIES_AGAIN_AFTER_S)  # the till's own pause
        raise TillGaveUpError(self.company_id)

    async def send(self, body: bytes, webhook_id: str) -> httpx.Response:
        """Send a delivery once."""
        headers = signed(body, self.stage.secret, webhook_id)
        return await self.stage.http.post(
            f"{self.stage.api_url}/v1/webhooks/till", content=body, headers=headers
        )

    async def click(self, path: str, key: str, body: Json | None = None) -> httpx.Response:
        """Click once: a call that starts something, under a key of its own."""
        token = self.backoffice._token()  # noqa: SLF001 - the same owner's
        return await self.stage.http.post(
            f"{self.stage.api_url}/v1/companies/{self.company_id}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    async def click_export(self, key: str) -> httpx.Response:
        """Click for an export by hand, once."""
        return await self.click("/exports", key, {})

    async def click_reconcile(self) -> None:
        """Ask to have the books compared; whoever is told no clicks again later."""
        with suppress(httpx.TransportError):
            await self.click("/integration/reconciliation", uuid.uuid4().hex)

    async def click_until_taken(self) -> None:
        """Click for an export by hand until the service says that it heard."""
        key = uuid.uuid4().hex
        until = asyncio.get_running_loop().time() + _PATIENCE_S
        while asyncio.get_running_loop().time() < until:
            try:
                if (await self.click_export(key)).is_success:
                    return
            except httpx.TransportError:
                pass  # as above
            await asyncio.sleep(_TRIES_AGAIN_AFTER_S)  # the owner's own pause
        raise TillGaveUpError(self.company_id)

    async def decide(self) -> None:
        """Look in Fortnox for each voucher that was absent twice, and say what is there.

        A worker serves many shops: killed for another's sake between this one's intent and its request, it
        makes a second try a second absence, and nothing is sent a third time without a person (row 10).
        """
        for voucher in await self.vouchers():
            path = f"/vouchers/{voucher['voucher_id']}"
            if voucher["state"] == "needs_decision" and await self._was_absent_twice(path):
                said = said_of(voucher["marker"], await self.ledger())
                with suppress(httpx.TransportError):
                    self.decided += (await self.click(f"{path}/decision", uuid.uuid4().hex, said)).is_success

    async def _was_absent_twice(self, path: str) -> bool:
        told = await self.backoffice.call("GET", path)
        return [one["outcome"] for one in told["tries"]] == [_ABSENT] * 2

    async def vouchers(self) -> list[Json]:
        """Return the vouchers as the API shows them."""
        return await self.backoffice.vouchers()

    async def ledger(self) -> list[Json]:
        """Return the vouchers as they truly stand in Fortnox."""
        listed: list[Json] = await self.stage.control("GET", f"/companies/{self.number}/vouchers")
        return listed

    async def posts(self) -> list[Json]:
        """Return every POST of this company's vouchers that Fortnox saw, those with a dead token too."""
        markers = [one["marker"] for one in await self.vouchers()]
        seen = await self.stage.control("GET", "/requests?method=POST&path=/3/vouchers")
        return [one for one in seen if any(marker in (one["comments"] or "") for marker in markers)]

    async def nothing_wrong_any_more(self) -> None:
        """End everything that goes wrong in this company's Fortnox."""
        await self.stage.control("DELETE", f"/companies/{self.number}/switches")

    async def switch(self, **form: object) -> None:
        """Make something go wrong in this company's Fortnox."""
        await self.stage.control("POST", f"/companies/{self.number}/switches", form)


async def comes_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for something for so long at most, and tell whether it came."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False


def _a_sale(number: int, session: str, day: str) -> Json:
    """Sell something at a price of its own, so that a sum says which sales are in it, and how often."""
    gross = 11_200 + 137 * 2**number
    return a_transaction(
        number + 1,
        sales=[a_sale(gross=gross, vat=vat_of(gross, "12"))],
        payments=[a_payment("cash" if number == 0 else "card", gross)],
        session=session,
        business_date=day,
        occurred_at=f"{day}T12:00:00+01:00",
    )


async def open_shop(stage: Stage, number: int) -> Shop:
    """Found a company in Fortnox, announce its catalogue, consent and choose accounts."""
    company_id = f"c_{number}"
    company = {
        "name": f"Krogen {number} AB",
        "database_number": number,
        "financial_years": [{"from_on": "2026-01-01", "to_on": "2026-12-31"}],
    }
    await stage.control("POST", "/companies", company)
    await stage.control("PATCH", f"/companies/{number}/conditions", {"rate_limit": 0})
    api = httpx.AsyncClient(base_url=stage.api_url, timeout=30, trust_env=False)
    shop = Shop(stage, company_id, number, BackOffice(api, stage.settings, stage.key, company_id))
    example = _a_sale(0, "K1-499", "2026-01-01") | {"payments": [a_payment("cash"), a_payment("card")]}
    registers = [{"register_id": "K1", "name": "Krogen"}]
    catalog = a_catalog([example], company_id=company_id, registers=registers, cost_centers=[])
    await shop.tell(a_delivery(catalog, at="2026-01-01T08:00:00Z"))
    await shop.backoffice.connect(number)
    await shop.backoffice.set_up("2026-01-01", MAPPING, {}, _SERIES)
    return shop
