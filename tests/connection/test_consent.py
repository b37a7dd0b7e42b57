"""A consent is started for one company, finished once, and brings the person back with how it went."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.factories import a_catalog, a_delivery
from tests.intake.desk import rows
from tests.world import RETURN_URL, World

from fortnox_sync.connection.tables import company, consent, grant
from fortnox_sync.runtime.audit import audit

CALLBACK = "/v1/oauth/fortnox/callback"


async def begin(world: World, return_url: str = RETURN_URL) -> tuple[str, str]:
    """Start a consent; return Fortnox's page and the state in its address."""
    body = {"purpose": "bookkeeping", "return_url": return_url}
    page: str = (await world.ok("POST", "/integration/activate", body))["authorization_url"]
    return page, parse_qs(urlsplit(page).query)["state"][0]


async def approve(world: World, page: str, number: int | None = None, **form: str) -> str:
    """Say yes as a person would, or whatever else the form says; return where Fortnox sends the browser."""
    told = {"email": "anna@example.test", "password": "fortnox", "decision": "approve"}
    company_number = {"company": str(number or world.number)}
    answer = await world.simulator.post(page, data=told | company_number | form)
    location: str = answer.headers["location"]
    return location


async def back(world: World, **query: str) -> httpx.Response:
    """Come back from Fortnox."""
    return await world.api.get(CALLBACK, params=query)


def outcome(answer: httpx.Response) -> str:
    """Read how it went from where the browser is sent."""
    assert answer.status_code == 303, answer.text
    there = urlsplit(answer.headers["location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == RETURN_URL
    return parse_qs(there.query)["fortnox"][0]


async def status(world: World) -> str:
    """Return how far the company's integration has come."""
    return str((await world.integration())["status"])


async def grants(world: World) -> list[dict[str, Any]]:
    return await rows(world.service.database, grant)


async def test_a_yes_connects_the_company(world: World) -> None:
    page, _ = await begin(world)
    assert await status(world) == "authorizing"
    answer = await world.api.get(await approve(world, page))

    assert outcome(answer) == "connected"
    assert await status(world) == "setting_up"
    [kept] = await grants(world)
    assert (kept["fortnox_company"], kept["fortnox_company_name"]) == (4711, "Krogen & Disken AB")
    actions = [row["action"] for row in await rows(world.service.database, audit)]
    assert actions == ["consent.started", "consent.given"]


@pytest.mark.parametrize(
    ("error", "how"),
    [
        ("access_denied", "denied"),
        ("invalid_scope", "scope_not_allowed"),
        ("error_missing_license", "license_missing"),
        ("error_missing_app_license", "license_missing"),
        ("error_missing_system_admin_right", "not_administrator"),
        ("server_error", "failed"),
        ("\x00<script>", "failed"),
        ("", "failed"),
    ],
)
async def test_every_no_brings_the_person_back_and_the_company_to_where_it_was(
    world: World, error: str, how: str
) -> None:
    for before in ("inactive", "setting_up"):
        _, state = await begin(world)
        answer = await back(world, state=state, error=error)
        assert (outcome(answer), await status(world)) == (how, before)
        await world.connect()
    assert len(await grants(world)) == 1


@pytest.mark.parametrize("query", [{}, {"code": "made-up"}, {"code": ""}, {"code": "\x00"}])
async def test_a_code_that_fortnox_does_not_know_or_none_at_all_is_a_failure(
    world: World, query: dict[str, str]
) -> None:
    _, state = await begin(world)
    answer = await back(world, state=state, **query)

    assert (outcome(answer), await status(world)) == ("failed", "inactive")
    assert await grants(world) == []


async def test_no_administrator_can_say_yes(small_world: World) -> None:
    kim = {"email": "kim@example.test", "password": "fortnox", "sysadmin": False}
    await small_world.control("PUT", f"/users/{kim['email']}", kim)
    page, _ = await begin(small_world)
    answer = await small_world.api.get(await approve(small_world, page, email="kim@example.test"))
    assert outcome(answer) == "not_administrator"


async def test_a_company_without_a_licence_is_told_so(small_world: World) -> None:
    await small_world.control("PATCH", "", {"licences": ["bookkeeping"]})
    page, _ = await begin(small_world)
    answer = await small_world.api.get(await approve(small_world, page))
    assert outcome(answer) == "license_missing"


@pytest.mark.parametrize("fault", ["fail", "lose_answer", "drop_request"])
async def test_a_fortnox_that_is_down_brings_the_person_back_to_try_again(world: World, fault: str) -> None:
    page, _ = await begin(world)
    location = await approve(world, page)
    switch = {"switch": fault, "operation": "POST /oauth-v1/token", "times": 5}
    (await world.simulator.post("/_simulator/switches", json=switch)).raise_for_status()

    assert (outcome(await world.api.get(location)), await status(world)) == ("failed", "inactive")
    assert await grants(world) == []


async def test_a_state_is_good_once_however_many_come_at_the_same_moment(world: World) -> None:
    page, _ = await begin(world)
    location = await approve(world, page)
    answers = await asyncio.gather(*(world.api.get(location) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 9
    assert outcome(min(answers, key=lambda one: one.status_code)) == "connected"
    assert len(await grants(world)) == 1


@pytest.mark.parametrize("state", ["", "unknown", "\x00", "å" * 4000, "' OR 1=1 --"])
async def test_a_state_nobody_started_is_a_400_and_changes_nothing(world: World, state: str) -> None:
    await begin(world)
    answer = await back(world, state=state, code="x")

    assert (answer.status_code, answer.json()["code"]) == (400, "consent_unknown")
    assert await status(world) == "authorizing"


@pytest.mark.parametrize(("minutes", "expected"), [(9.9, 303), (10, 400), (60, 400)])
async def test_a_state_is_good_for_ten_minutes(world: World, minutes: float, expected: int) -> None:
    page, _ = await begin(world)
    location = await approve(world, page)
    world.clock.advance(minutes=minutes)
    assert (await world.api.get(location)).status_code == expected


async def test_the_state_itself_is_not_kept(world: World) -> None:
    _, state = await begin(world)
    [row] = await rows(world.service.database, consent)
    assert state not in str(row)


async def test_the_books_of_another_organisation_are_refused_and_nothing_is_kept(world: World) -> None:
    await world.send(a_delivery(a_catalog([], organisation_number="559999-0001")))
    assert outcome(await world.connect()) == "wrong_company"

    assert (await status(world), await grants(world)) == ("inactive", [])


@pytest.mark.parametrize("number", ["5566778899", "16556677-8899", "556677-8899", "165566778899", None])
async def test_an_organisation_number_is_the_same_however_it_is_written(
    small_world: World, number: str | None
) -> None:
    await small_world.send(a_delivery(a_catalog([], organisation_number=number)))
    assert outcome(await small_world.connect()) == "connected"


async def another_company(world: World, number: int) -> None:
    """Found another Fortnox company of the same organisation."""
    form = {"name": "Krogen 2", "organisation_number": "556677-8899", "database_number": number}
    (await world.simulator.post("/_simulator/companies", json=form)).raise_for_status()


async def test_a_company_that_has_books_never_moves_to_others(world: World) -> None:
    await world.connect()
    [before] = await grants(world)
    await another_company(world, 4712)
    for path in ("/integration/reauthorize", "/integration/activate"):
        body = {"return_url": RETURN_URL} | ({"purpose": "bookkeeping"} if "activate" in path else {})
        page = (await world.ok("POST", path, body))["authorization_url"]
        assert outcome(await world.api.get(await approve(world, page, 4712))) == "wrong_company"
    await world.ok("POST", "/integration/deactivate")
    page, _ = await begin(world)
    assert outcome(await world.api.get(await approve(world, page, 4712))) == "wrong_company"

    [after] = await grants(world)
    assert after["fortnox_company"] == before["fortnox_company"] == 4711


async def test_of_two_consents_for_different_books_at_the_same_moment_one_is_refused(world: World) -> None:
    await another_company(world, 4712)
    pages = [(await begin(world))[0] for _ in range(2)]
    locations = [await approve(world, page, number) for page, number in zip(pages, (4711, 4712), strict=True)]
    answers = await asyncio.gather(*(world.api.get(location) for location in locations))

    assert sorted(map(outcome, answers)) == ["connected", "wrong_company"]
    winner = (4711, 4712)[[outcome(answer) for answer in answers].index("connected")]
    assert [row["fortnox_company"] for row in await grants(world)] == [winner]


async def test_deactivation_forgets_the_tokens_and_keeps_the_company(world: World) -> None:
    await world.connect()
    assert (await world.ok("POST", "/integration/deactivate")) == {"status": "inactive"}

    [kept] = await grants(world)
    assert (kept["access_token"], kept["refresh_token"]) == (None, None)
    assert kept["revoked_at"] == world.clock.now()
    assert (await world.ok("GET", "/integration"))["status"] == "inactive"


async def test_activating_for_invoicing_tells_where_that_is_found(small_world: World) -> None:
    body = {"purpose": "invoicing", "return_url": RETURN_URL}
    answer = await small_world.call("POST", "/integration/activate", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "purpose_not_offered")


@pytest.mark.parametrize("url", ["https://evil.example", f"{RETURN_URL}/../x", f"{RETURN_URL}\x00", ""])
async def test_a_return_address_elsewhere_is_refused_before_anything_starts(world: World, url: str) -> None:
    for path, more in (("activate", {"purpose": "bookkeeping"}), ("reauthorize", {})):
        answer = await world.call("POST", f"/integration/{path}", more | {"return_url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "return_url_not_allowed")
    assert await rows(world.service.database, consent) == []


async def test_what_the_return_address_carries_is_carried_back(small_world: World) -> None:
    page, _ = await begin(small_world, f"{RETURN_URL}/setup?company=c_1&x=%20#step")
    answer = await small_world.api.get(await approve(small_world, page))
    assert answer.headers["location"] == f"{RETURN_URL}/setup?company=c_1&x=%20&fortnox=connected#step"
    assert [row["company_id"] for row in await rows(small_world.service.database, company)] == ["c_4711"]
