"""Switches that lose, spoil, double and delay, seen through the in-process transport."""

import httpx
import pytest
from tests.simulator.testbed import START, Testbed, error_of

ENDINGS = [
    ("close", httpx.RemoteProtocolError),
    ("reset", httpx.ReadError),
    ("silence", httpx.ReadTimeout),
]


@pytest.mark.parametrize(("how", "error"), ENDINGS)
async def test_an_answer_can_be_lost_after_booking(
    fortnox: Testbed, how: str, error: type[Exception]
) -> None:
    await fortnox.switch("lose_answer_after_booking", how=how)
    with pytest.raises(error):
        await fortnox.book()
    assert len(await fortnox.vouchers()) == 1
    assert (await fortnox.book()).status_code == 201


async def test_a_refused_voucher_does_not_use_a_booking_switch_up(fortnox: Testbed) -> None:
    await fortnox.switch("lose_answer_after_booking")
    assert (await fortnox.book(VoucherSeries="Q")).status_code == 400
    with pytest.raises(httpx.RemoteProtocolError):
        await fortnox.book()


@pytest.mark.parametrize("name", ["never_book", "drop_request"])
async def test_a_request_can_vanish(fortnox: Testbed, name: str) -> None:
    await fortnox.switch(name)
    with pytest.raises(httpx.RemoteProtocolError):
        await fortnox.book()
    assert await fortnox.vouchers() == []


async def test_a_voucher_can_be_booked_late(fortnox: Testbed) -> None:
    await fortnox.switch("book_late", after_seconds=840, how="silence")
    with pytest.raises(httpx.ReadTimeout):
        await fortnox.book()
    fortnox.clock.advance(seconds=839)
    assert (await fortnox.get("vouchers/F/1")).status_code == 404
    await fortnox.tell("POST", "clock", {"advance_seconds": 1})
    (voucher,) = await fortnox.vouchers()
    assert voucher["booked_at"] == "2026-10-02T12:14:00Z"
    assert (await fortnox.requests())[0]["booked"] == [[1, "F", 1]]


async def test_a_late_booking_comes_before_the_next_one(fortnox: Testbed) -> None:
    await fortnox.switch("book_late", after_seconds=5)
    with pytest.raises(httpx.RemoteProtocolError):
        await fortnox.book(Comments="late")
    fortnox.clock.advance(seconds=6)
    assert (await fortnox.book(Comments="next")).json()["Voucher"]["VoucherNumber"] == 2


async def test_a_late_booking_is_checked_again(fortnox: Testbed) -> None:
    await fortnox.switch("book_late")
    with pytest.raises(httpx.RemoteProtocolError):
        await fortnox.book()
    await fortnox.tell_company("PUT", "locked-period", {"end_on": "2026-12-31"})
    fortnox.clock.advance(seconds=60)
    assert await fortnox.vouchers() == []


@pytest.mark.parametrize(("answer", "number"), [("first", 1), ("last", 2)])
async def test_one_post_can_be_booked_twice(fortnox: Testbed, answer: str, number: int) -> None:
    await fortnox.switch("book_twice", answer=answer)
    assert (await fortnox.book()).json()["Voucher"]["VoucherNumber"] == number
    assert len(await fortnox.vouchers()) == 2
    assert (await fortnox.requests())[0]["booked"] == [[1, "F", 1], [1, "F", 2]]


async def test_a_500_can_hide_a_booking(fortnox: Testbed) -> None:
    await fortnox.switch("fail_after_booking", status=500, body="json")
    answer = await fortnox.book()
    assert (answer.status_code, error_of(answer)[1]) == (500, 1000003)
    assert len(await fortnox.vouchers()) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_can_break_with_a_page(fortnox: Testbed, status: int) -> None:
    await fortnox.switch("fail", status=status)
    answer = await fortnox.book()
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert await fortnox.vouchers() == []


async def test_or_with_nothing_at_all(fortnox: Testbed) -> None:
    await fortnox.switch("fail", body="empty")
    assert (await fortnox.book()).content == b""


async def test_fail_after_hides_what_was_done(fortnox: Testbed) -> None:
    await fortnox.switch("fail_after", status=502, operation="POST /3/vouchers")
    assert (await fortnox.book()).status_code == 502
    assert len(await fortnox.vouchers()) == 1


async def test_a_storm_of_429_ends_by_itself(fortnox: Testbed) -> None:
    await fortnox.switch("throttle", times=3)
    assert [(await fortnox.book()).status_code for _ in range(4)] == [429, 429, 429, 201]
    assert await fortnox.tell_company("GET", "switches") == []


async def test_a_call_can_be_unauthorised_once(fortnox: Testbed) -> None:
    await fortnox.switch("unauthorised")
    assert [(await fortnox.book()).status_code for _ in range(2)] == [401, 201]


async def test_any_refusal_can_be_ordered(fortnox: Testbed) -> None:
    await fortnox.switch("refuse", status=400, code=2002141, message="Perioden är låst")
    assert error_of(await fortnox.book()) == (400, 2002141, "Perioden är låst")


async def test_an_answer_can_be_cut(fortnox: Testbed) -> None:
    await fortnox.switch("cut_answer", after_bytes=10, operation="POST /3/vouchers")
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        await fortnox.book()
    assert len(await fortnox.vouchers()) == 1


async def test_an_answer_can_trickle(fortnox: Testbed) -> None:
    await fortnox.switch("trickle", step_bytes=100, every_seconds=60)
    assert (await fortnox.book()).status_code == 201
    assert len(fortnox.slept) > 5
    assert set(fortnox.slept) == {60}


async def test_a_call_can_be_slow(fortnox: Testbed) -> None:
    await fortnox.switch("delay", after_seconds=30)
    await fortnox.book()
    assert fortnox.slept == [30]


async def test_a_switch_waits_for_its_operation(fortnox: Testbed) -> None:
    await fortnox.switch("fail", operation="GET /3/vouchers/*")
    assert (await fortnox.book()).status_code == 201
    assert (await fortnox.get("vouchers")).status_code == 200
    assert (await fortnox.get("vouchers/F/1")).status_code == 503
    assert (await fortnox.get("vouchers/F/1")).status_code == 200


async def test_a_refreshed_token_can_be_lost(fortnox: Testbed) -> None:
    text = (await fortnox.consent(service=False))["refresh_token"]
    await fortnox.switch("lose_answer", operation="POST /oauth-v1/token")
    with pytest.raises(httpx.RemoteProtocolError):
        await fortnox.token(grant_type="refresh_token", refresh_token=text)
    again = await fortnox.token(grant_type="refresh_token", refresh_token=text)
    assert again.status_code == 400


async def test_a_switch_for_everybody_needs_no_tenant(fortnox: Testbed) -> None:
    await fortnox.tell("POST", "switches", {"switch": "fail", "operation": "POST /oauth-v1/token"})
    assert (await fortnox.token(grant_type="x")).status_code == 503


async def test_another_companys_switch_does_nothing(fortnox: Testbed) -> None:
    await fortnox.tell("POST", "companies", {"name": "Annan AB", "database_number": 4712})
    await fortnox.tell("POST", "companies/4712/switches", {"switch": "fail"})
    assert (await fortnox.book()).status_code == 201


async def test_switches_are_turned_off(fortnox: Testbed) -> None:
    await fortnox.switch("fail", times=5)
    await fortnox.tell_company("DELETE", "switches")
    assert (await fortnox.book()).status_code == 201
    await fortnox.tell("POST", "switches", {"switch": "fail"})
    (on,) = await fortnox.tell("GET", "switches")
    assert (on["switch"], on["times_left"]) == ("fail", 1)
    await fortnox.tell("DELETE", "switches")
    assert (await fortnox.book()).status_code == 201


async def test_a_misspelled_switch_is_an_error(fortnox: Testbed) -> None:
    answer = await fortnox.http.post("/_simulator/companies/4711/switches", json={"switch": "explode"})
    assert answer.status_code == 422


STALE = [("lists", "vouchers"), ("single", "vouchers/F/1"), ("counter", "voucherseries/F")]


async def sees_the_voucher(fortnox: Testbed, path: str) -> bool:
    answer = await fortnox.get(path)
    body = answer.json()
    if path == "vouchers":
        return bool(body["Vouchers"])
    return answer.is_success and body.get("VoucherSeries", {}).get("NextVoucherNumber", 2) == 2


@pytest.mark.parametrize(("view", "path"), STALE)
async def test_a_view_can_lag_behind(fortnox: Testbed, view: str, path: str) -> None:
    await fortnox.conditions(stale_seconds=600, stale_views=[view])
    await fortnox.book()
    seen = {name: await sees_the_voucher(fortnox, other) for name, other in STALE}
    assert seen == {name: name != view for name, _ in STALE}
    fortnox.clock.advance(seconds=600)
    assert await sees_the_voucher(fortnox, path)


async def test_a_stale_counter_does_not_give_a_number_twice(fortnox: Testbed) -> None:
    await fortnox.conditions(stale_seconds=600)
    numbers = [(await fortnox.book()).json()["Voucher"]["VoucherNumber"] for _ in range(2)]
    assert numbers == [1, 2]


async def test_the_ledger_tells_what_each_request_did(fortnox: Testbed) -> None:
    await fortnox.switch("lose_answer_after_booking")
    with pytest.raises(httpx.RemoteProtocolError):
        await fortnox.book(Comments="#KXA")
    answer = await fortnox.book(VoucherSeries="Q", Comments="#KXB")
    lost, refused = await fortnox.requests()
    assert lost == {
        "uid": lost["uid"],
        "at": START.isoformat().replace("+00:00", "Z"),
        "method": "POST",
        "path": "/3/vouchers",
        "query": "financialyear=1",
        "tenant": 4711,
        "client_id": "till",
        "comments": "#KXA",
        "status": None,
        "delivered": "lost",
        "switch": "lose_answer_after_booking",
        "booked": [[1, "F", 1]],
    }
    assert (refused["status"], refused["booked"], refused["comments"]) == (400, [], "#KXB")
    assert refused["uid"] == answer.headers["x-uid"]


async def test_the_ledger_can_be_emptied(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.tell("DELETE", "requests")
    assert await fortnox.requests() == []
