"""A simulated Fortnox with one app and one company, and the calls tests make most."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from fortnox_sync.simulator import SimulatedFortnox
from fortnox_sync.simulator.clock import Clock
from fortnox_sync.simulator.in_process import InProcess
from fortnox_sync.simulator.world import World

START = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
COMPANY = 4711
CALLBACK = "https://till.example.test/callback"
SCOPES = "bookkeeping costcenter companyinformation settings profile inbox connectfile"
APP = {
    "client_id": "till",
    "client_secret": "hemlig",
    "redirect_uris": [CALLBACK],
    "scopes": SCOPES.split(),
}
FIRST_YEAR, SECOND_YEAR = 1, 2
COMPANY_FORM = {
    "name": "Krogen & <Disken> AB",
    "database_number": COMPANY,
    "financial_years": [
        {"from_on": "2026-01-01", "to_on": "2026-12-31"},
        {"from_on": "2027-01-01", "to_on": "2027-12-31"},
    ],
    "cost_centers": [
        {"code": "100", "description": "Restaurang"},
        {"code": "UND", "description": "Undervåning", "active": False},
    ],
    "users": [
        {"email": "anna@example.test", "password": "fortnox", "sysadmin": True},
        {"email": "kim@example.test", "password": "fortnox", "sysadmin": False},
    ],
}
TAKINGS: dict[str, Any] = {
    "VoucherSeries": "F",
    "TransactionDate": "2026-10-02",
    "Description": "Dagsavslut 2026-10-02",
    "Comments": "#KX1",
    "VoucherRows": [
        {"Account": 1910, "Debit": 1250.5, "Credit": 0},
        {"Account": 3001, "Debit": 0, "Credit": 1000.4, "CostCenter": "100"},
        {"Account": 2611, "Credit": 250.1, "TransactionInformation": "Moms 25 %"},
    ],
}


class StandingClock:
    """A clock that moves only when it is told."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **time: float) -> None:
        self.moment += timedelta(**time)


class Testbed:
    """The simulator, its control room and an authorised client."""

    __test__ = False

    def __init__(self, app: SimulatedFortnox, seed: int = 0) -> None:
        self.clock = StandingClock()
        self.slept: list[float] = []
        self.app = app
        app.state.world = World(seed, Clock(self.clock), self._sleep)
        self.http = httpx.AsyncClient(transport=InProcess(self.app), base_url="https://fortnox.example.test")

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds=seconds)

    async def open(self) -> None:
        await self.tell("POST", "apps", APP)
        await self.tell("POST", "companies", COMPANY_FORM)
        self.authorise((await self.consent())["access_token"])

    def authorise(self, access_token: str) -> None:
        self.http.headers["authorization"] = f"Bearer {access_token}"

    async def tell(self, method: str, path: str, form: object = None) -> Any:
        answer = await self.http.request(method, f"/_simulator/{path}", json=form)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def tell_company(self, method: str, path: str, form: object = None) -> Any:
        return await self.tell(method, f"companies/{COMPANY}/{path}", form)

    async def consent(self, **form: object) -> dict[str, Any]:
        consented: dict[str, Any] = await self.tell_company("POST", "consents", {"client_id": "till", **form})
        return consented

    async def conditions(self, **conditions: object) -> None:
        await self.tell_company("PATCH", "conditions", conditions)

    async def switch(self, name: str, **settings: object) -> None:
        await self.tell_company("POST", "switches", {"switch": name, **settings})

    async def get(self, path: str, **query: str | int) -> httpx.Response:
        return await self.http.get(f"/3/{path}", params=query)

    async def post(self, path: str, name: str, content: object, *, year: int | None = None) -> httpx.Response:
        query = {} if year is None else {"financialyear": year}
        return await self.http.post(f"/3/{path}", params=query, json={name: content})

    async def book(self, *, year: int | None = FIRST_YEAR, **changes: object) -> httpx.Response:
        return await self.post("vouchers", "Voucher", {**TAKINGS, **changes}, year=year)

    async def vouchers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.tell_company("GET", "vouchers")
        return found

    async def requests(self, method: str = "POST", path: str = "/3/vouchers") -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = await self.tell("GET", f"requests?method={method}&path={path}")
        return seen

    async def token(self, **form: str) -> httpx.Response:
        headers = {"TenantId": form.pop("tenant")} if "tenant" in form else {}
        return await self.http.post("/oauth-v1/token", auth=("till", "hemlig"), data=form, headers=headers)


def error_of(answer: httpx.Response) -> tuple[int, int, str]:
    """Read status, code and text of a refusal, however it is spelled."""
    found = {name.lower(): value for name, value in answer.json()["ErrorInformation"].items()}
    return answer.status_code, int(found["code"]), found["message"]
