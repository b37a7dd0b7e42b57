"""Fortnox's API for one company: one method per call, in the words of the trade.

A read is tried up to three times. A write is sent once, on a connection of its own, without redirect and
without a new token in between: whether to ask again is for the caller, who can look first.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import httpx
import stamina

from fortnox_sync.fortnox import wire
from fortnox_sync.fortnox.answers import Answered, answered_at, fault_of, read, request_id_of
from fortnox_sync.fortnox.errors import NotFound, NotSent, Throttled, Unanswered
from fortnox_sync.fortnox.exchange import Call, MayLeave, OnCall, exchange, within
from fortnox_sync.fortnox.host import Host
from fortnox_sync.fortnox.throttle import Turns
from fortnox_sync.fortnox.transports import Transports

T = TypeVar("T")
Reader = Callable[[object], T]

_PAGE_SIZE = 500  # the most Fortnox gives (Fortnox docs, "Parameters")
_MOST_PAGES = 400
_VOUCHERS_FOLDER = "inbox_v"

_persistently = stamina.AsyncRetryingCaller(attempts=3, wait_initial=0.2, wait_max=2.0).on(
    (NotSent, Unanswered)
)


class FortnoxClient:
    """One company's books, seen through one access token."""

    def __init__(
        self,
        base_url: str,
        access_token: str,
        http: Transports,
        throttle: Turns,
        *,
        interactive: bool = False,
        deadline: float = 60.0,
        turn_deadline: float = 20.0,
        on_call: OnCall | None = None,
        host: Host | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        self._http, self._throttle, self._interactive = http, throttle, interactive
        self._deadline, self._turn_deadline = deadline, turn_deadline
        self._on_call = on_call
        self._host = host or Host()
        self._fortnox_time: datetime | None = None
        self._told_at = 0.0

    @property
    def fortnox_time(self) -> datetime | None:
        """The time on Fortnox's own clock when it last answered this client."""
        return self._fortnox_time

    @property
    def fortnox_now(self) -> datetime | None:
        """The time on Fortnox's own clock by now, reckoned from its last answer to this client."""
        if self._fortnox_time is None:
            return None
        return self._fortnox_time + timedelta(seconds=time.monotonic() - self._told_at)

    # The company and its year

    async def company_information(self) -> wire.CompanyInformation:
        """Tell whose books these are."""
        reader = wire.one("CompanyInformation", wire.company_information)
        return await self._read(Call("GET", "/companyinformation"), reader)

    async def financial_year_on(self, day: date) -> wire.FinancialYear | None:
        """Find the financial year a day belongs to."""
        call = Call("GET", "/financialyears", query={"date": day.isoformat()})
        years = await self._pages(call, wire.page_of("FinancialYears", wire.financial_year))
        return next((year for year in years if year.from_on <= day <= year.to_on), None)

    async def financial_years(self) -> tuple[wire.FinancialYear, ...]:
        """List the financial years."""
        reader = wire.page_of("FinancialYears", wire.financial_year)
        return await self._pages(Call("GET", "/financialyears"), reader)

    async def locked_until(self) -> date | None:
        """Tell up to and including which day the books are locked."""
        return await _if_found(self._read(Call("GET", "/settings/lockedperiod"), wire.locked_until))

    # Series, accounts, cost centers

    async def voucher_series(self, year_id: int) -> tuple[wire.VoucherSeries, ...]:
        """List a year's voucher series, without their next numbers."""
        call = Call("GET", "/voucherseries", query={"financialyear": year_id})
        return await self._pages(call, wire.page_of("VoucherSeriesCollection", wire.voucher_series))

    async def voucher_series_one(self, code: str, year_id: int) -> wire.VoucherSeries | None:
        """Find one voucher series of a year, with its next number."""
        call = Call("GET", "/voucherseries/{code}", {"code": code}, {"financialyear": year_id})
        return await _if_found(self._read(call, wire.one("VoucherSeries", wire.voucher_series)))

    async def accounts(self, year_id: int) -> tuple[wire.Account, ...]:
        """List a year's chart of accounts."""
        call = Call("GET", "/accounts", query={"financialyear": year_id})
        return await self._pages(call, wire.page_of("Accounts", wire.account))

    async def account(self, number: int, year_id: int) -> wire.Account | None:
        """Find one account of a year, with all its settings."""
        call = Call("GET", "/accounts/{number}", {"number": number}, {"financialyear": year_id})
        return await _if_found(self._read(call, wire.one("Account", wire.account)))

    async def create_account(self, number: int, description: str, year_id: int) -> Answered[wire.Account]:
        """Add an account to a year's chart."""
        call = Call("POST", "/accounts", query={"financialyear": year_id})
        body = wire.new_account_body(number, description)
        return await self._write(call, body, wire.one("Account", wire.account))

    async def activate_account(self, number: int, year_id: int) -> Answered[wire.Account]:
        """Make an account of a year usable."""
        call = Call("PUT", "/accounts/{number}", {"number": number}, {"financialyear": year_id})
        return await self._write(call, wire.active_account_body(), wire.one("Account", wire.account))

    async def cost_centers(self) -> tuple[wire.CostCenter, ...]:
        """List the cost centers."""
        return await self._pages(Call("GET", "/costcenters"), wire.page_of("CostCenters", wire.cost_center))

    # Vouchers

    async def create_voucher(
        self, draft: wire.VoucherDraft, year_id: int, *, may_leave: MayLeave | None = None
    ) -> Answered[wire.BookedVoucher]:
        """Book a voucher. Fortnox knows no duplicates: sent twice, it is booked twice.

        `may_leave` is asked last of all, on the open connection; NotSent when it says no.
        """
        call = Call("POST", "/vouchers", query={"financialyear": year_id})
        reader = wire.one("Voucher", wire.booked_voucher)
        return await self._write(call, wire.voucher_body(draft), reader, may_leave)

    async def voucher(self, series: str, number: int, year_id: int) -> wire.BookedVoucher | None:
        """Find a booked voucher."""
        keys: dict[str, str | int] = {"series": series, "number": number}
        call = Call("GET", "/vouchers/{series}/{number}", keys, {"financialyear": year_id})
        return await _if_found(self._read(call, wire.one("Voucher", wire.booked_voucher)))

    async def vouchers(
        self, year_id: int, series: str | None, from_on: date | None = None, to_on: date | None = None
    ) -> tuple[wire.VoucherListItem, ...]:
        """List the booked vouchers of a series, or of all of them, to the last page."""
        query: dict[str, str | int] = {"financialyear": year_id}
        query |= {"voucherseries": series} if series else {}
        query |= {"fromdate": from_on.isoformat()} if from_on else {}
        query |= {"todate": to_on.isoformat()} if to_on else {}
        reader = wire.page_of("Vouchers", wire.voucher_list_item)
        return await self._pages(Call("GET", "/vouchers", query=query), reader)

    # Files

    async def upload_to_inbox(
        self, file_name: str, content: bytes, media_type: str
    ) -> Answered[wire.InboxFile]:
        """Put a file into the inbox's folder for vouchers."""
        call = Call("POST", "/inbox", query={"path": _VOUCHERS_FOLDER})
        request = self._request(self._http.writes, call, files={"file": (file_name, content, media_type)})
        return await self._write_once(call, request, wire.one("File", wire.inbox_file))

    async def connect_file(
        self, file_id: str, series: str, number: int, year_id: int
    ) -> Answered[wire.FileConnection]:
        """Hang a file from the inbox on a booked voucher.

        Without the year it would land on the same number of the preselected year, and nobody would notice.
        """
        call = Call("POST", "/voucherfileconnections", query={"financialyear": year_id})
        body = wire.file_connection_body(file_id, series, number)
        return await self._write(call, body, wire.one("VoucherFileConnection", wire.file_connection))

    async def file_connections(self, number: int, year_id: int) -> tuple[wire.FileConnection, ...]:
        """List the files that hang on a year's vouchers of one number, whatever their series.

        A list takes one filter of its own at a time (Fortnox docs, "Parameters"); the number leaves fewest.
        """
        query: dict[str, str | int] = {"financialyear": year_id, "vouchernumber": number}
        reader = wire.page_of("VoucherFileConnections", wire.file_connection)
        return await self._pages(Call("GET", "/voucherfileconnections", query=query), reader)

    # How it is asked

    async def _pages(self, call: Call, reader: Reader[wire.Page[T]]) -> tuple[T, ...]:
        items: list[T] = []
        for number in range(1, _MOST_PAGES + 1):
            turned = {**call.query, "limit": _PAGE_SIZE, "page": number}
            page = await self._read(Call(call.method, call.template, call.keys, turned), reader)
            items += page.items
            if _is_last(page, number):
                return tuple(items)
        raise Unanswered("a list without end")

    async def _read(self, call: Call, reader: Reader[T]) -> T:
        async def look() -> T:
            http = self._http.reads
            return read(await self._exchange(http, call, self._request(http, call)), reader)

        # Waiting for a turn is no silence of Fortnox's, so it has time of its own.
        async with within(self._deadline + self._turn_deadline, Unanswered("no answer within the deadline")):
            return await _persistently(look)

    async def _write(
        self, call: Call, body: bytes, reader: Reader[T], may_leave: MayLeave | None = None
    ) -> Answered[T]:
        headers = {"Content-Type": "application/json"}
        request = self._request(self._http.writes, call, content=body, headers=headers)
        return await self._write_once(call, request, reader, may_leave)

    async def _write_once(
        self, call: Call, request: httpx.Request, reader: Reader[T], may_leave: MayLeave | None = None
    ) -> Answered[T]:
        request.headers["Connection"] = "close"
        answer = await self._exchange(self._http.writes, call, request, may_leave)
        return Answered(read(answer, reader), request_id_of(answer), answered_at(answer))

    async def _exchange(
        self,
        http: httpx.AsyncClient,
        call: Call,
        request: httpx.Request,
        may_leave: MayLeave | None = None,
    ) -> httpx.Response:
        await self._turn()
        with self._host.visit():
            async with within(self._deadline, Unanswered("no answer within the deadline")):
                answer = await exchange(http, request, call.template, self._on_call, may_leave)
        return self._heeded(answer)

    def _heeded(self, answer: httpx.Response) -> httpx.Response:
        fault = fault_of(answer)
        if isinstance(fault, Throttled):
            self._throttle.slow_down(fault.retry_after)
        if not isinstance(fault, Unanswered):  # that may come from something on the way, with its own clock
            self._note_time(answered_at(answer))
        if fault:
            raise fault
        return answer

    def _note_time(self, told: datetime | None) -> None:
        if told is not None:
            self._fortnox_time, self._told_at = told, time.monotonic()

    async def _turn(self) -> None:
        # Waiting has its own deadline: while it lasts, it is certain that nothing was sent.
        async with within(self._turn_deadline, NotSent("no turn within the deadline")):
            await self._throttle.acquire(interactive=self._interactive)

    def _request(
        self,
        http: httpx.AsyncClient,
        call: Call,
        *,
        content: bytes | None = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Request:
        return http.build_request(
            call.method,
            self._base_url + call.path,
            params=call.query or None,
            headers=self._headers | (headers or {}),
            content=content,
            files=files,
        )


def _is_last(page: wire.Page[T], number: int) -> bool:
    if page.pages is not None:
        return number >= page.pages
    return len(page.items) < _PAGE_SIZE


async def _if_found(finding: Awaitable[T]) -> T | None:
    try:
        return await finding
    except NotFound:
        return None
