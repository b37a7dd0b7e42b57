"""What Fortnox has is listed to choose among, with its age, and with why something can't be chosen."""

from typing import Any

import pytest
from tests.counting import statements
from tests.world import World

Json = dict[str, Any]


@pytest.fixture
async def connected(world: World) -> World:
    """Lend a world whose company has consented."""
    await world.connect()
    return world


async def listed(world: World, path: str) -> Json:
    told: Json = await world.ok("GET", f"/fortnox/{path}")
    return told


async def numbers(world: World, query: str) -> list[int]:
    return [one["number"] for one in (await listed(world, f"accounts?{query}"))["accounts"]]


async def reads(world: World, path: str) -> int:
    """Count the reads of a list that Fortnox has seen."""
    seen = (await world.simulator.get("/_simulator/requests")).json()
    return len([one for one in seen if one["method"] == "GET" and one["path"] == f"/3/{path}"])


async def test_series_that_take_vouchers_from_outside_come_first(connected: World) -> None:
    told = await listed(connected, "voucher-series")

    assert [one["code"] for one in told["voucher_series"] if one["can_be_chosen"]] == ["A", "F"]
    assert [one["code"] for one in told["voucher_series"]][:4] == ["A", "F", "B", "C"]
    kassa, kundfakturor = told["voucher_series"][1:3]
    assert kassa == {
        "code": "F",
        "description": "Kassa",
        "manual": True,
        "can_be_chosen": True,
        "why_not": None,
    }
    assert kundfakturor["why_not"]["code"] == "not_manual"
    assert "Manuell kontering" not in kundfakturor["why_not"]["text"]
    assert "manuell kontering" in kundfakturor["why_not"]["text"]
    assert told["financial_year"] == {
        "financial_year_id": 2,
        "label": "2026",
        "from_on": "2026-01-01",
        "to_on": "2026-12-31",
    }


async def test_a_series_of_another_year_is_told_but_can_not_be_chosen_in_this_one(connected: World) -> None:
    await connected.control("PUT", "/series/KA?year=3", {"code": "KA", "manual": True})
    assert "KA" in [
        one["code"] for one in (await listed(connected, "voucher-series?date=2027-03-01"))["voucher_series"]
    ]

    told = await listed(connected, "voucher-series?date=2026-10-02")
    assert [
        (one["code"], one["why_not"]["code"])
        for one in told["voucher_series"]
        if one["why_not"] and one["code"] == "KA"
    ] == [("KA", "not_in_year")]


async def test_accounts_are_listed_by_number_and_say_why_they_can_not_be_chosen(connected: World) -> None:
    await connected.control("PATCH", "/accounts/1580", {"active": False})
    await connected.control("PATCH", "/accounts/3010", {"project_settings": "MANDATORY"})

    told = await listed(connected, "accounts")

    choosable = [one["number"] for one in told["accounts"] if one["can_be_chosen"]]
    assert choosable == sorted(choosable)
    assert told["total"] == len(told["accounts"]) == len({one["number"] for one in told["accounts"]})
    whys = {one["number"]: one["why_not"]["code"] for one in told["accounts"] if one["why_not"]}
    assert whys == {
        1580: "inactive",
        2019: "reserved",
        2099: "reserved",
        3010: "demands_project",
        8999: "reserved",
    }
    assert [one["number"] for one in told["accounts"]][-5:] == sorted(whys), "those come last"


@pytest.mark.parametrize(
    ("dimension", "first", "never"),
    [
        ("vat_rate", [2611, 2612, 2614, 2621], 3001),
        ("payment_method", [1910, 1911, 1912], 3001),
        ("article_group", [3001, 3002, 3003, 3004], 1910),
        ("event", [3730, 3740, 3790, 2820], 2611),
    ],
)
async def test_accounts_for_a_dimension_come_in_the_order_they_fit(
    connected: World, dimension: str, first: list[int], never: int
) -> None:
    told = (await listed(connected, f"accounts?dimension={dimension}"))["accounts"]

    assert [one["number"] for one in told][: len(first)] == first
    (misfit,) = [one for one in told if one["number"] == never]
    assert misfit["why_not"]["code"] == "wrong_kind"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("261", [2611, 2612, 2614]),
        ("kassa", [1910, 1911, 1912, 1913, 1914, 3790]),
        ("KASSA%202", [1912]),
        ("moms%206", [2631, 2632, 3003, 3013]),
        ("kort%20fordringar", [1580, 1610, 1680, 1684, 1686]),
        ("%C3%B6res", [3740]),  # öres
        ("ores", []),  # another letter
        ("F%C3%B6rskott", [2420]),
        ("Fo%CC%88rskott", [2420]),  # the same ö, written as o and its dots
        ("pr%C3%A9sentkort", [2421]),
        ("9%25", []),
    ],
)
async def test_accounts_are_found_by_number_or_by_words(
    small_world: World, search: str, found: list[int]
) -> None:
    await small_world.connect()
    assert sorted(await numbers(small_world, f"search={search}")) == found


async def test_what_begins_the_number_comes_before_what_stands_in_the_text(connected: World) -> None:
    found = await numbers(connected, "search=25")
    assert found[0] == 2510
    assert 2611 in found[1:]
    assert await numbers(connected, "search=25&limit=1") == [2510]
    assert (await listed(connected, "accounts?search=25&limit=1"))["total"] == len(found)


async def test_the_year_is_that_of_the_day_asked_about_else_of_what_is_booked_next(connected: World) -> None:
    await connected.control("PUT", "/accounts/3055?year=3", {"number": 3055, "description": "Nytt 2027"})

    assert await numbers(connected, "search=3055") == []
    assert await numbers(connected, "search=3055&date=2027-01-01") == [3055]
    told = (await listed(connected, "accounts?search=3055"))["accounts"]
    assert [(one["number"], one["why_not"]["code"]) for one in told] == [(3055, "not_in_year")]
    await connected.ok("PATCH", "/integration/settings", {"start_on": "2027-01-01"})
    assert (await listed(connected, "accounts"))["financial_year"]["label"] == "2027"


async def test_a_day_that_no_year_holds_is_refused(connected: World) -> None:
    answer = await connected.call("GET", "/fortnox/accounts?date=2040-01-01")
    assert (answer.status_code, answer.json()["code"]) == (422, "financial_year_missing")
    assert "2040-01-01" in answer.json()["title"]


async def test_cost_centres_and_years_are_listed(connected: World) -> None:
    for code, active in (("100", True), ("200", False), ("150", True)):
        await connected.control(
            "PUT", f"/cost-centers/{code}", {"code": code, "description": f"Nr {code}", "active": active}
        )
    centers = (await listed(connected, "cost-centers"))["cost_centers"]
    assert [(one["code"], one["active"], one["can_be_chosen"]) for one in centers] == [
        ("100", True, True),
        ("150", True, True),
        ("200", False, False),
    ]
    assert centers[2]["why_not"]["code"] == "inactive"

    await connected.control("PUT", "/locked-period", {"end_on": "2025-12-31"})
    told = await listed(connected, "financial-years")
    assert told["locked_until"] == "2025-12-31"
    assert [one["label"] for one in told["financial_years"]] == ["2029", "2028", "2027", "2026", "2025"]
    assert [one["why_not"] and one["why_not"]["code"] for one in told["financial_years"]] == [
        None,
        None,
        None,
        None,
        "locked",
    ]


LISTS = [
    ("voucher-series", "voucherseries"),
    ("accounts", "accounts"),
    ("cost-centers", "costcenters"),
    ("financial-years", "financialyears"),
]
each_list = pytest.mark.parametrize(("path", "asked"), LISTS)


@each_list
async def test_a_list_is_read_once_an_hour_or_when_asked_to(connected: World, path: str, asked: str) -> None:
    first = await listed(connected, path)
    began = await reads(connected, asked)
    connected.clock.advance(minutes=59)
    assert (await listed(connected, path))["read_at"] == first["read_at"]
    assert await reads(connected, asked) == began

    anew = await listed(connected, f"{path}?refresh=true")
    assert anew["read_at"] > first["read_at"]
    assert await reads(connected, asked) == began + 1
    connected.clock.advance(minutes=61)
    assert (await listed(connected, path))["read_at"] > anew["read_at"]


@each_list
@pytest.mark.parametrize(
    ("switch", "code"),
    [("fail", "fortnox_unavailable"), ("throttle", "rate_limited"), ("drop_request", "fortnox_unavailable")],
)
async def test_while_fortnox_is_away_the_list_kept_is_told_with_its_age(
    connected: World, path: str, asked: str, switch: str, code: str
) -> None:
    first = await listed(connected, path)
    connected.clock.advance(hours=30)
    asked_for = "financialyears" if asked in {"accounts", "voucherseries"} else asked  # the year comes first
    before = await reads(connected, asked_for)
    await connected.switch(switch, times=99)

    told = await listed(connected, path)

    assert told["trouble"]["code"] == code
    assert told == first | {"trouble": told["trouble"]}
    assert await reads(connected, asked_for) > before


async def test_what_a_change_has_outdated_keeps_its_age(connected: World) -> None:
    first = await listed(connected, "accounts")
    await connected.ok("PATCH", "/integration/settings", {"start_on": "2026-10-01", "voucher_series": "F"})
    await connected.ok("PATCH", "/integration/settings", {"setup_completed": True})
    await connected.work()
    connected.clock.advance(minutes=5)
    await connected.switch("fail", times=99)

    told = await listed(connected, "accounts")

    assert (told["trouble"]["code"], told["read_at"]) == ("fortnox_unavailable", first["read_at"])


@each_list
async def test_with_nothing_kept_a_problem_says_when_to_try_again(
    connected: World, path: str, asked: str
) -> None:
    before = await reads(connected, asked)
    await connected.switch("fail", times=99)
    answer = await connected.call("GET", f"/fortnox/{path}")

    assert (answer.status_code, answer.json()["code"]) == (503, "fortnox_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["remediations"][0]["remediation"]["action"] == "wait"
    assert before == 0


@each_list
async def test_without_a_consent_nothing_can_be_chosen(world: World, path: str, asked: str) -> None:
    answer = await world.call("GET", f"/fortnox/{path}")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_connected")
    assert await reads(world, asked) == 0


async def test_a_consent_withdrawn_is_said_with_its_cure(connected: World) -> None:
    await connected.control("DELETE", "/consents?access_tokens_die=true")
    answer = await connected.call("GET", "/fortnox/accounts")

    assert (answer.status_code, answer.json()["code"]) == (409, "authorization_expired")
    assert answer.json()["remediations"][0]["remediation"] == {"action": "reauthorize"}


async def test_a_licence_that_lacks_is_said_with_its_cure(connected: World) -> None:
    await connected.control("PATCH", "", {"licences": ["integration"]})
    answer = await connected.call("GET", "/fortnox/accounts")
    assert (answer.status_code, answer.json()["code"]) == (409, "license_missing")
    assert answer.json()["remediations"][0]["remediation"]["action"] == "open_fortnox"


async def test_a_token_that_fortnox_has_ended_is_renewed_without_a_word(connected: World) -> None:
    await connected.control("POST", "/tokens/expire", {"access": True})
    assert (await listed(connected, "accounts"))["trouble"] is None


@each_list
async def test_the_number_of_statements_is_fixed(world: World, path: str, asked: str) -> None:
    await world.connect()
    with statements(world) as for_few:
        await listed(world, path)
    for number in range(3500, 3560):
        await world.control("PUT", f"/accounts/{number}", {"number": number, "description": f"Nr {number}"})
    with statements(world) as for_many:
        await listed(world, f"{path}?refresh=true")
    assert len(for_many) == len(for_few)
    with statements(world) as for_kept:
        await listed(world, path)
    assert len(for_kept) < len(for_few) <= 9
    assert await reads(world, asked) >= 2


@pytest.mark.parametrize(
    "query", ["date=today", "date=20261001", "dimension=register", "limit=0", "search=a%00", "refresh=maybe"]
)
async def test_a_question_that_can_not_be_meant_is_refused(small_world: World, query: str) -> None:
    await small_world.connect()
    answer = await small_world.call("GET", f"/fortnox/accounts?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_others_do_not_see_it(connected: World) -> None:
    assert (await connected.call("GET", "/fortnox/accounts", scope="exports:write")).status_code == 403
    assert (await connected.call("GET", "/fortnox/accounts", company_ids=["c_2"])).status_code == 404


async def test_reasons_are_told_in_english_too(connected: World) -> None:
    headers = {"Authorization": f"Bearer {connected.token()}", "Accept-Language": "en"}
    path = f"/v1/companies/{connected.company}/fortnox/voucher-series"
    answer = await connected.api.get(path, headers=headers)
    assert "takes no vouchers from outside" in answer.json()["voucher_series"][-1]["why_not"]["text"]
