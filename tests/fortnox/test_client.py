"""One method per call: what goes out, what comes back, and that a write goes out once."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fortnox.fakes import FakeFortnox, answering

from fortnox_sync.fortnox import (
    Answered,
    FinancialYear,
    FortnoxClient,
    FortnoxError,
    InboxFile,
    NotFound,
    NotSent,
    Refused,
    Throttle,
    Throttled,
    Unanswered,
    Unauthorised,
    VoucherDraft,
    VoucherRowDraft,
    VoucherSeries,
    http_clients,
)

DAY = date(2026, 3, 14)
DRAFT = VoucherDraft(
    "F", DAY, "Dagskassa", "ref", (VoucherRowDraft(1910, 12500, 0), VoucherRowDraft(3001, 0, 12500))
)
VOUCHER = {
    "VoucherSeries": "F",
    "VoucherNumber": 118,
    "Year": 7,
    "TransactionDate": "2026-03-14",
    "VoucherRows": [{"Account": 1910, "Debit": 125.5, "Credit": 0}],
}
ABSENT = {"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta verifikationen.", "Code": 2000999}}

Ask = Callable[[FortnoxClient], Awaitable[Any]]

WRITES: dict[str, Ask] = {
    "create_voucher": lambda client: client.create_voucher(DRAFT, 7),
    "create_account": lambda client: client.create_account(1580, "Kortfordran", 7),
    "activate_account": lambda client: client.activate_account(1580, 7),
    "upload_to_inbox": lambda client: client.upload_to_inbox("z.pdf", b"%PDF", "application/pdf"),
    "connect_file": lambda client: client.connect_file("f-1", "F", 118, 7),
}
READS: dict[str, Ask] = {
    "company_information": lambda client: client.company_information(),
    "financial_year_on": lambda client: client.financial_year_on(DAY),
    "financial_years": lambda client: client.financial_years(),
    "locked_until": lambda client: client.locked_until(),
    "voucher_series": lambda client: client.voucher_series(7),
    "voucher_series_one": lambda client: client.voucher_series_one("F", 7),
    "accounts": lambda client: client.accounts(7),
    "account": lambda client: client.account(1910, 7),
    "cost_centers": lambda client: client.cost_centers(),
    "voucher": lambda client: client.voucher("F", 118, 7),
    "vouchers": lambda client: client.vouchers(7, "F", DAY, DAY),
}
FAULTS: dict[str, tuple[type[Exception], type[FortnoxError]]] = {
    "connect": (httpx.ConnectError, NotSent),
    "connect timeout": (httpx.ConnectTimeout, NotSent),
    "pool timeout": (httpx.PoolTimeout, NotSent),
    "read": (httpx.ReadError, Unanswered),
    "read timeout": (httpx.ReadTimeout, Unanswered),
    "write": (httpx.WriteError, Unanswered),
    "write timeout": (httpx.WriteTimeout, Unanswered),
    "half an answer": (httpx.RemoteProtocolError, Unanswered),
    "our protocol": (httpx.LocalProtocolError, Unanswered),
    "decoding": (httpx.DecodingError, Unanswered),
    "socket": (ConnectionResetError, Unanswered),
    "anything": (RuntimeError, Unanswered),
}


def failing(kind: type[Exception]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise kind("secret-token in the fault's own words")

    return fail


# Reads


async def test_a_request_carries_the_bearer_and_asks_for_json() -> None:
    body = {"CompanyInformation": {"CompanyName": "B", "OrganizationNumber": "5", "DatabaseNumber": 815}}
    fake = answering(200, json=body, headers={"Date": "Sat, 14 Mar 2026 22:00:00 GMT"})
    async with fake.client() as client:
        assert client.fortnox_time is None
        assert (await client.company_information()).database_number == 815
        assert client.fortnox_time == datetime(2026, 3, 14, 22, tzinfo=UTC)
    (request,) = fake.requests
    assert str(request.url) == "https://api.test/3/companyinformation"
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert request.headers["Accept"] == "application/json"


async def test_only_fortnox_itself_tells_fortnox_time() -> None:
    absent = httpx.Response(404, json=ABSENT, headers={"Date": "Sat, 14 Mar 2026 22:00:00 GMT"})
    stranger = httpx.Response(502, headers={"Date": "Sat, 14 Mar 2099 22:00:00 GMT"})
    answers = iter([absent, stranger])
    async with FakeFortnox(lambda _request: next(answers)).client() as client:
        assert await client.voucher("F", 118, 7) is None
        with pytest.raises(Unanswered):
            await client.create_voucher(DRAFT, 7)
        assert client.fortnox_time == datetime(2026, 3, 14, 22, tzinfo=UTC)


async def test_the_year_of_a_day_is_the_one_that_holds_it() -> None:
    years = [
        {"Id": 6, "FromDate": "2025-01-01", "ToDate": "2025-12-31"},
        {"Id": 7, "FromDate": "2026-01-01", "ToDate": "2026-12-31"},
    ]
    fake = answering(200, json={"FinancialYears": years})
    async with fake.client() as client:
        assert await client.financial_year_on(DAY) == FinancialYear(7, date(2026, 1, 1), date(2026, 12, 31))
        assert await client.financial_year_on(date(2030, 1, 1)) is None
    assert fake.requests[0].url.params["date"] == "2026-03-14"


async def test_no_year_for_a_day_is_none() -> None:
    async with answering(200, json={"FinancialYears": []}).client() as client:
        assert await client.financial_year_on(DAY) is None


@pytest.mark.parametrize("name", ["voucher", "voucher_series_one", "account", "locked_until"])
async def test_what_fortnox_does_not_have_is_none(name: str) -> None:
    fake = answering(404, json=ABSENT)
    async with fake.client() as client:
        assert await READS[name](client) is None
    assert len(fake.requests) == 1


@pytest.mark.parametrize("name", ["voucher", "voucher_series_one", "account", "locked_until"])
async def test_a_404_in_html_is_not_taken_for_absence(name: str) -> None:
    async with answering(404, content=b"<h1>Not Found</h1>").client() as client:
        with pytest.raises(Unanswered):
            await READS[name](client)


@pytest.mark.parametrize("name", ["vouchers", "accounts", "voucher_series"])
async def test_a_list_that_is_not_found_is_no_empty_list(name: str) -> None:
    async with answering(404, json=ABSENT).client() as client:
        with pytest.raises(NotFound):
            await READS[name](client)


async def test_one_series_tells_its_next_number() -> None:
    series = {"Code": "F", "Description": "Kassa", "Manual": True, "NextVoucherNumber": 119, "Year": 7}
    fake = answering(200, json={"VoucherSeries": series})
    async with fake.client() as client:
        found = await client.voucher_series_one("F/ö", 7)
    assert found == VoucherSeries("F", "Kassa", manual=True, next_number=119, year=7)
    assert fake.requests[0].url.raw_path == b"/3/voucherseries/F%2F%C3%B6?financialyear=7"


async def test_vouchers_are_listed_to_the_last_page() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        about = {"@TotalResources": 3, "@TotalPages": 3, "@CurrentPage": number}
        item = VOUCHER | {"VoucherNumber": number}
        return httpx.Response(200, json={"MetaInformation": about, "Vouchers": [item]})

    fortnox = FakeFortnox(page)
    async with fortnox.client() as client:
        found = await client.vouchers(7, "F", DAY, DAY)
    assert [item.number for item in found] == [1, 2, 3]
    assert dict(fortnox.requests[-1].url.params) == {
        "financialyear": "7",
        "voucherseries": "F",
        "fromdate": "2026-03-14",
        "todate": "2026-03-14",
        "limit": "500",
        "page": "3",
    }


async def test_without_paging_facts_a_short_page_is_the_last() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        count = 500 if request.url.params["page"] == "1" else 2
        return httpx.Response(200, json={"Accounts": [{"Number": 1000 + n} for n in range(count)]})

    async with FakeFortnox(page).client() as client:
        assert len(await client.accounts(7)) == 502


async def test_a_list_without_end_is_unanswered() -> None:
    body = {"MetaInformation": {"@TotalPages": 10**9}, "CostCenters": []}
    async with answering(200, json=body).client() as client:
        with pytest.raises(Unanswered, match="without end"):
            await client.cost_centers()


@pytest.mark.parametrize("name", READS)
async def test_a_read_is_tried_three_times_when_the_network_fails(name: str) -> None:
    fortnox = FakeFortnox(failing(httpx.ReadError))
    async with fortnox.client() as client:
        with pytest.raises(Unanswered):
            await READS[name](client)
    assert len(fortnox.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 429])
@pytest.mark.parametrize("name", READS)
async def test_a_read_that_is_refused_is_asked_once(name: str, status: int) -> None:
    fake = answering(status, json={"ErrorInformation": {"error": 1, "message": "nej", "code": 2000663}})
    async with fake.client() as client:
        with pytest.raises((Refused, Unauthorised, Throttled)):
            await READS[name](client)
    assert len(fake.requests) == 1


async def test_a_read_that_works_the_second_time_is_fine() -> None:
    answers = iter([httpx.Response(502), httpx.Response(200, json={"Voucher": VOUCHER})])
    async with FakeFortnox(lambda _request: next(answers)).client() as client:
        voucher = await client.voucher("F", 118, 7)
    assert voucher is not None
    assert voucher.rows[0].debit_ore == 12550


# Writes


async def test_a_voucher_is_booked_in_the_year_it_is_meant_for() -> None:
    headers = {"X-Uid": "uid-9", "Date": "Sat, 14 Mar 2026 22:00:00 GMT"}
    fake = answering(201, json={"Voucher": VOUCHER}, headers=headers)
    async with fake.client() as client:
        answered = await client.create_voucher(DRAFT, 7)
    assert (answered.value.series, answered.value.number, answered.value.year) == ("F", 118, 7)
    assert answered.request_id == "uid-9"
    assert answered.answered_at == datetime(2026, 3, 14, 22, tzinfo=UTC)
    (request,) = fake.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.test/3/vouchers?financialyear=7")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content)["Voucher"]["VoucherRows"][1] == {
        "Account": 3001,
        "Debit": 0.0,
        "Credit": 125.0,
    }


async def test_accounts_are_added_and_made_active() -> None:
    account = {"Account": {"Number": 1580, "Description": "Kortfordran", "Active": True}}
    fake = answering(200, json=account)
    async with fake.client() as client:
        added = await client.create_account(1580, "Kortfordran", 7)
        assert (await client.activate_account(1580, 7)) == added
    post, put = fake.requests
    assert (post.method, str(post.url)) == ("POST", "https://api.test/3/accounts?financialyear=7")
    assert json.loads(post.content) == {"Account": {"Number": 1580, "Description": "Kortfordran"}}
    assert (put.method, str(put.url)) == ("PUT", "https://api.test/3/accounts/1580?financialyear=7")
    assert json.loads(put.content) == {"Account": {"Active": True}}


async def test_a_file_goes_to_the_vouchers_folder_as_multipart() -> None:
    fake = answering(201, json={"File": {"Id": "f-1", "Name": "z.pdf", "ArchiveFileId": "a-1"}})
    async with fake.client() as client:
        answered = await client.upload_to_inbox("z.pdf", b"%PDF-1.7", "application/pdf")
    assert answered == Answered(InboxFile("f-1", "z.pdf"), None, None)
    (request,) = fake.requests
    assert str(request.url) == "https://api.test/3/inbox?path=inbox_v"
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="z.pdf"\r\nContent-Type: application/pdf' in request.content
    assert b"%PDF-1.7" in request.content


async def test_a_file_is_hung_on_the_voucher_of_the_right_year() -> None:
    fake = answering(201, json={"VoucherFileConnection": {"FileId": "f-1"}})
    async with fake.client() as client:
        assert (await client.connect_file("f-1", "F", 118, 7)).value.file_id == "f-1"
    (request,) = fake.requests
    assert str(request.url) == "https://api.test/3/voucherfileconnections?financialyear=7"
    assert json.loads(request.content) == {
        "VoucherFileConnection": {"FileId": "f-1", "VoucherSeries": "F", "VoucherNumber": "118"}
    }


async def test_files_are_listed_by_year_and_number_and_no_other_filter() -> None:
    """A list takes one filter of its own, so the series is none; a file is known by its id."""
    hangs = {"FileId": "f-1", "VoucherSeries": "F", "VoucherNumber": "118"}
    fake = answering(200, json={"VoucherFileConnections": [hangs, hangs | {"FileId": "f-2"}]})
    async with fake.client() as client:
        found = await client.file_connections(118, 7)
    assert [one.file_id for one in found] == ["f-1", "f-2"]
    (request,) = fake.requests
    assert (request.method, request.url.path) == ("GET", "/3/voucherfileconnections")
    assert dict(request.url.params) == {
        "financialyear": "7", "vouchernumber": "118", "limit": "500", "page": "1"
    }  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_asks_for_the_connection_to_be_closed(name: str) -> None:
    fake = answering(400, json=ABSENT)
    async with fake.client() as client:
        with pytest.raises(Refused):
            await WRITES[name](client)
    assert fake.requests[0].headers["Connection"] == "close"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WRITES)
async def test_a_write_is_sent_once_whatever_fails(name: str, fault: str) -> None:
    raised, meant = FAULTS[fault]
    fortnox = FakeFortnox(failing(raised))
    async with fortnox.client() as client:
        with pytest.raises(FortnoxError) as caught:
            await WRITES[name](client)
    assert type(caught.value) is meant
    assert "secret-token" not in f"{caught.value!r}{caught.value}"
    assert len(fortnox.requests) == 1


@pytest.mark.parametrize(
    "status", [200, 201, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504]
)
@pytest.mark.parametrize("name", WRITES)
async def test_a_write_is_sent_once_whatever_is_answered(name: str, status: int) -> None:
    fake = answering(status, content=b"<html>", headers={"Location": "https://api.test/3/x"})
    async with fake.client() as client:
        with pytest.raises(Throttled if status == 429 else Unanswered):
            await WRITES[name](client)
    assert len(fake.requests) == 1


async def test_a_dead_token_is_not_renewed_behind_a_write() -> None:
    fake = answering(401, json={"message": "unauthorized"}, headers={"X-Uid": "uid-1"})
    async with fake.client() as client:
        with pytest.raises(Unauthorised) as caught:
            await client.create_voucher(DRAFT, 7)
    assert caught.value.request_id == "uid-1"
    assert len(fake.requests) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b'{"Voucher":{}}', b'{"Voucher":{"VoucherNumber":1', b"[]"])
async def test_a_created_voucher_we_cannot_read_is_unanswered(content: bytes) -> None:
    async with answering(201, content=content, headers={"X-Uid": "uid-1"}).client() as client:
        with pytest.raises(Unanswered) as caught:
            await client.create_voucher(DRAFT, 7)
    assert (caught.value.status, caught.value.request_id) == (201, "uid-1")
    assert caught.value.__context__ is None  # a decoder's exception would carry the body


# Time and turns


async def test_an_answer_past_the_deadline_is_unanswered() -> None:
    async def hang(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        raise AssertionError

    async with http_clients(httpx.MockTransport(hang)) as http:
        client = FortnoxClient("https://api.test/3", "t", http, Throttle(), deadline=0.02)
        for ask in (*WRITES.values(), *READS.values()):
            with pytest.raises(Unanswered, match="deadline"):
                await ask(client)


async def test_a_write_that_never_gets_its_turn_was_not_sent() -> None:
    fake = answering(201, json={"Voucher": VOUCHER})
    throttle = Throttle()
    throttle.slow_down(60.0)
    async with fake.client(throttle=throttle, turn_deadline=0.02) as client:
        with pytest.raises(NotSent):
            await client.create_voucher(DRAFT, 7)
    assert fake.requests == []


async def test_a_429_slows_the_whole_company_down() -> None:
    throttle = Throttle()
    async with answering(429, headers={"Retry-After": "60"}).client(throttle=throttle) as client:
        with pytest.raises(Throttled) as caught:
            await client.create_voucher(DRAFT, 7)
    assert caught.value.retry_after == 60.0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await throttle.acquire(interactive=True)


async def test_people_pass_where_background_work_waits() -> None:
    throttle = Throttle(limit=2, reserve=1)
    fake = answering(200, json={"Voucher": VOUCHER})
    async with fake.client(throttle=throttle, turn_deadline=0.02) as worker:
        await worker.create_voucher(DRAFT, 7)
        with pytest.raises(NotSent):
            await worker.create_voucher(DRAFT, 7)
    async with fake.client(throttle=throttle, turn_deadline=0.02, interactive=True) as person:
        await person.create_voucher(DRAFT, 7)


@pytest.mark.parametrize("ask", [WRITES["create_voucher"], READS["voucher"]])
async def test_cancellation_passes_through_untouched(ask: Ask) -> None:
    asked = asyncio.Event()

    async def hang(_request: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.sleep(30)
        raise AssertionError

    async with http_clients(httpx.MockTransport(hang)) as http:
        task = asyncio.ensure_future(ask(FortnoxClient("https://api.test/3", "t", http, Throttle())))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# What is told about calls


async def test_each_exchange_is_told_by_its_template_alone() -> None:
    told: list[tuple[Any, ...]] = []
    answers = iter(
        [httpx.Response(503), httpx.Response(200, json={"Voucher": VOUCHER}, headers={"X-Uid": "u"})]
    )
    async with FakeFortnox(lambda _request: next(answers)).client(
        on_call=lambda *f: told.append(f)
    ) as client:
        await client.voucher("F", 118, 7)
    template = "/vouchers/{series}/{number}"
    assert [(*f[:3], f[4]) for f in told] == [("GET", template, 503, None), ("GET", template, 200, "u")]
    assert all(seconds >= 0 for _, _, _, seconds, _ in told)


async def test_an_exchange_without_an_answer_is_told_too() -> None:
    told: list[tuple[Any, ...]] = []
    fortnox = FakeFortnox(failing(httpx.ReadError))
    async with fortnox.client(on_call=lambda *facts: told.append(facts)) as client:
        with pytest.raises(Unanswered):
            await client.create_voucher(DRAFT, 7)
    assert [(*f[:3], f[4]) for f in told] == [("POST", "/vouchers", None, None)]


async def test_a_broken_meter_does_not_lose_the_answer() -> None:
    def broken(*_facts: object) -> None:
        raise RuntimeError

    async with answering(201, json={"Voucher": VOUCHER}).client(on_call=broken) as client:
        assert (await client.create_voucher(DRAFT, 7)).value.number == 118


def test_the_token_never_shows() -> None:
    client = FortnoxClient("https://api.test/3", "secret-token", http_clients(), Throttle())
    assert "secret-token" not in repr(client)


# Anything at all

answers = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "Voucher",
                        "Vouchers",
                        "ErrorInformation",
                        "error",
                        "Code",
                        "Message",
                        "MetaInformation",
                        "@TotalPages",
                        "Account",
                        "Accounts",
                        "LockedPeriod",
                        "EndDate",
                        "VoucherRows",
                        "Debit",
                        "Number",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    ).map(lambda body: json.dumps(body).encode()),
)
header_texts = st.sampled_from(["", "5", "-1", "x", "\xff", "Sat, 14 Mar 2026 22:00:00 GMT", "gzip"])


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(WRITES | READS)),
    st.integers(100, 999),
    answers,
    st.dictionaries(
        st.sampled_from(["Content-Type", "Date", "Retry-After", "X-Uid", "Content-Encoding"]), header_texts
    ),
)
@example("voucher", 200, b'{"Voucher":{"VoucherRows":[{"Debit":1e999999999}]}}', {})
@example("locked_until", 200, b"[" * 50_000, {})
@example("create_voucher", 201, b"half a gzip", {"Content-Encoding": "gzip"})
async def test_any_answer_is_a_value_or_a_member_of_the_tree(
    name: str, status: int, content: bytes, headers: dict[str, str]
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raw = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
        return httpx.Response(status, headers=raw, stream=httpx.ByteStream(content))

    async with http_clients(httpx.MockTransport(answer)) as http:
        client = FortnoxClient("https://api.test/3", "t", http, Throttle(limit=100_000))
        with suppress(FortnoxError):
            await (WRITES | READS)[name](client)
    assert name in READS or len(asked) == 1
