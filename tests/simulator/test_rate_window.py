"""25 calls in any 5 seconds per app and company."""

from tests.simulator.testbed import COMPANY_FORM, Testbed


async def statuses(fortnox: Testbed, calls: int) -> list[int]:
    return [(await fortnox.get("companyinformation")).status_code for _ in range(calls)]


async def test_the_26th_call_is_too_many(fortnox: Testbed) -> None:
    assert await statuses(fortnox, 26) == [200] * 25 + [429]


async def test_the_window_slides(fortnox: Testbed) -> None:
    await statuses(fortnox, 10)
    fortnox.clock.advance(seconds=3)
    await statuses(fortnox, 15)
    fortnox.clock.advance(seconds=1.9)
    assert await statuses(fortnox, 1) == [429]
    fortnox.clock.advance(seconds=0.1)
    assert await statuses(fortnox, 11) == [200] * 10 + [429]


async def test_each_company_has_its_own_window(fortnox: Testbed) -> None:
    await statuses(fortnox, 25)
    await fortnox.tell("POST", "companies", {**COMPANY_FORM, "database_number": 4712})
    consented = await fortnox.tell("POST", "companies/4712/consents", {"client_id": "till"})
    fortnox.authorise(consented["access_token"])
    assert await statuses(fortnox, 1) == [200]


async def test_a_refused_call_books_nothing(fortnox: Testbed) -> None:
    await statuses(fortnox, 25)
    assert (await fortnox.book()).status_code == 429
    assert await fortnox.vouchers() == []


async def test_retry_after_comes_only_when_asked_for(fortnox: Testbed) -> None:
    await fortnox.switch("throttle", times=2)
    assert "retry-after" not in (await fortnox.get("vouchers")).headers
    await fortnox.conditions(retry_after=True)
    assert (await fortnox.get("vouchers")).headers["retry-after"] == "5"


async def test_the_limit_can_be_lifted(fortnox: Testbed) -> None:
    await fortnox.conditions(rate_limit=0)
    assert set(await statuses(fortnox, 60)) == {200}


async def test_the_peak_counts_refused_calls_too(fortnox: Testbed) -> None:
    await statuses(fortnox, 20)
    fortnox.clock.advance(seconds=4)
    await statuses(fortnox, 10)
    fortnox.clock.advance(seconds=4)
    await statuses(fortnox, 5)
    assert await fortnox.tell("GET", "requests/peaks") == {"4711": 30}
