"""The BackOffice: a shop owner's clicks, as calls to the JSON API and one visit to Fortnox's consent page."""

from __future__ import annotations

import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from fortnox_sync.demo.books import EMAIL, PASSWORD
from fortnox_sync.settings import Settings

_TOKEN_LIVES_S = 600


class BackOfficeError(Exception):
    """The service refused what the BackOffice asked for; the text is its own."""


class BackOffice:
    """A signed-in shop owner of one company."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings, key: ECKey, company_id: str) -> None:
        """Take the way to the service and the key that tokens are signed with."""
        self._http, self._settings, self._key = http, settings, key
        self.company_id = company_id

    def _token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self._settings.jwt_issuer,
            "aud": self._settings.jwt_audience,
            "sub": "demo-owner",
            "company_ids": [self.company_id],
            "scope": "integration:read integration:write exports:write",
            "iat": now,
            "exp": now + _TOKEN_LIVES_S,
        }
        header = {"alg": "ES256", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])

    async def call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
        """Call the API for the company; BackOfficeError when it says no."""
        answer = await self._http.request(
            method,
            f"/v1/companies/{self.company_id}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._token()}"},
        )
        if answer.is_error:
            said = answer.json()
            raise BackOfficeError(f"{said.get('title')} {said.get('detail') or ''}".strip())
        return answer.json() if answer.content else None

    async def is_known(self) -> bool:
        """Tell whether the service has heard of the company."""
        try:
            await self.call("GET", "/integration")
        except BackOfficeError:
            return False
        return True

    async def connect(self, database_number: int) -> None:
        """Activate the integration and consent in Fortnox, as a person would in a browser."""
        body = {"purpose": "bookkeeping", "return_url": self._settings.backoffice_return_urls[0]}
        authorization_url = (await self.call("POST", "/integration/activate", body))["authorization_url"]
        page = await self._http.get(authorization_url)
        page.raise_for_status()
        form = {
            "email": EMAIL,
            "password": PASSWORD,
            "company": str(database_number),
            "decision": "approve",
        }
        consented = await self._http.post(authorization_url, data=form)
        back = await self._http.get(consented.headers["location"])
        outcome = httpx.URL(back.headers["location"]).params.get("fortnox")
        if outcome != "connected":
            raise BackOfficeError(f"The consent ended as {outcome}.")

    async def set_up(
        self, start_on: str, mapping: list[dict[str, Any]], cost_centers: dict[str, str], series: str
    ) -> None:
        """Go through the setup: series, start date, accounts, cost centre codes."""
        await self.call("PATCH", "/integration/settings", {"start_on": start_on, "voucher_series": series})
        if mapping:
            await self.call("PUT", "/mappings", {"mappings": mapping})
        for cost_center_id, code in cost_centers.items():
            await self.call("PUT", f"/cost-centers/{cost_center_id}", {"code": code})
        await self.call("PATCH", "/integration/settings", {"setup_completed": True})

    async def integration(self) -> dict[str, Any]:
        """Return the integration as the first screen shows it."""
        shown: dict[str, Any] = await self.call("GET", "/integration")
        return shown

    async def vouchers(self) -> list[dict[str, Any]]:
        """Return every voucher, page by page."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = await self.call("GET", f"/vouchers?limit=500{after}")
            found += page["vouchers"]
            if page["next_cursor"] is None:
                return found
            after = f"&cursor={page['next_cursor']}"
