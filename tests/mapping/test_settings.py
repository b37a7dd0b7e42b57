"""Settings are checked against Fortnox when they are set, and every change is written down."""

from typing import Any

import pytest
from tests.intake.desk import rows
from tests.world import World

from fortnox_sync.runtime.audit import audit


async def patch(world: World, **said: Any) -> tuple[int, str | None]:
    """Change settings; return the status, and the code of a problem."""
    answer = await world.call("PATCH", "/integration/settings", said)
    return answer.status_code, answer.json().get("code")


async def settings(world: World) -> dict[str, Any]:
    """Return the settings as the first screen shows them."""
    shown: dict[str, Any] = (await world.integration())["settings"]
    return shown


async def test_settings_left_out_stay_as_they_are(world: World) -> None:
    await world.connect()
    assert await patch(world, start_on="2026-10-01", voucher_series="F") == (200, None)
    assert await patch(world, language="en") == (200, None)
    assert await patch(world, language=None) == (200, None)
    assert await patch(world) == (200, None)

    assert await settings(world) == {
        "start_on": "2026-10-01",
        "voucher_series": "F",
        "language": "en",
        "setup_completed": False,
    }


async def test_a_token_that_fortnox_has_ended_is_renewed_without_a_word(world: World) -> None:
    await world.connect()
    await world.control("POST", "/tokens/expire", {"access": True})
    assert await patch(world, voucher_series="F") == (200, None)


async def test_who_changed_which_setting_is_written_down(world: World) -> None:
    await world.call("PATCH", "/integration/settings", {"language": "en"}, sub="anna")
    await world.call("PATCH", "/integration/settings", {}, sub="eve")

    told = [(r["actor"], r["action"], r["details"]) for r in await rows(world.service.database, audit)]
    assert told == [("anna", "settings.changed", {"language": "en"})]


async def test_a_series_is_chosen_among_those_of_a_connected_company(world: World) -> None:
    assert await patch(world, voucher_series="F") == (409, "not_connected")
    assert (await settings(world))["voucher_series"] is None


async def test_a_series_that_fortnox_does_not_have_is_refused(world: World) -> None:
    await world.connect()
    assert await patch(world, voucher_series="QQ", language="en") == (422, "voucher_series_missing")
    shown = await settings(world)
    assert (shown["voucher_series"], shown["language"]) == (None, "sv")


async def test_a_series_that_takes_no_vouchers_from_outside_is_refused(world: World) -> None:
    await world.connect()
    await world.control("PATCH", "/series/F", {"manual": False})
    assert await patch(world, voucher_series="F") == (422, "voucher_series_not_manual")


async def test_a_series_is_looked_for_in_the_year_that_is_booked_first(world: World) -> None:
    await world.connect()
    await world.control("PUT", "/series/KA?year=3", {"code": "KA"})  # 2027

    assert await patch(world, voucher_series="KA") == (422, "voucher_series_missing")
    assert await patch(world, voucher_series="KA", start_on="2027-01-01") == (200, None)
    assert await patch(world, voucher_series="F", start_on="2031-01-01") == (422, "financial_year_missing")


async def test_a_refusal_is_told_in_the_language_asked_for_with_its_cure(world: World) -> None:
    await world.connect()
    await world.control("PATCH", "/series/F", {"manual": False})
    for language, heading in (
        ("sv", "Verifikationsserien F tar inte emot verifikationer från kassan 2026."),
        ("en", "The voucher series F takes no vouchers from the till in 2026."),
    ):
        headers = {"Authorization": f"Bearer {world.token()}", "Accept-Language": language}
        path = f"/v1/companies/{world.company}/integration/settings"
        answer = await world.api.patch(path, json={"voucher_series": "F"}, headers=headers)
        assert answer.json()["title"] == heading
        assert answer.json()["remediations"][0]["remediation"]["action"] == "open_fortnox"


@pytest.mark.parametrize("fault", ["fail", "throttle", "lose_answer", "drop_request"])
async def test_while_fortnox_is_down_nothing_is_changed(world: World, fault: str) -> None:
    await world.connect()
    await world.switch(fault, times=20)
    answer = await world.call("PATCH", "/integration/settings", {"voucher_series": "F"})

    code = "rate_limited" if fault == "throttle" else "fortnox_unavailable"
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["retry-after"]) > 0
    assert (await settings(world))["voucher_series"] is None


async def test_while_the_consent_is_gone_a_person_is_told_to_renew_it(world: World) -> None:
    await world.connect()
    await world.control("DELETE", "/consents?access_tokens_die=true")
    assert await patch(world, voucher_series="F") == (409, "authorization_expired")
    assert (await settings(world))["voucher_series"] is None
    world.clock.advance(hours=2)
    assert await patch(world, voucher_series="F") == (409, "authorization_expired")


@pytest.mark.parametrize(
    "said",
    [
        {"start_on": 0}, {"start_on": 1790000000}, {"start_on": "2026-02-30"}, {"start_on": "20261001"},
        {"start_on": "2026-10-01T00:00:00"}, {"start_on": True}, {"start_on": "today"}, {"start_on": 1.5},
        {"voucher_series": ""}, {"voucher_series": "A" * 11}, {"voucher_series": 5},
        {"voucher_series": "A\n"}, {"voucher_series": "A/../B"}, {"language": "de"},
        {"language": "SV"}, {"setup_completed": "yes"}, {"setup_completed": 1},
        {"status": "active"}, {"company_id": "c_2"},
    ],
)  # fmt: skip
async def test_a_setting_that_cannot_be_is_refused_by_name(small_world: World, said: dict[str, Any]) -> None:
    answer = await small_world.call("PATCH", "/integration/settings", said)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["at"] for error in answer.json()["errors"]] == [f"body.{name}" for name in said]


async def test_booking_starts_when_nothing_is_lacking_or_the_merchant_says_so(world: World) -> None:
    await world.connect()
    await patch(world, start_on="2026-10-01")
    assert (await world.integration())["status"] == "setting_up"
    await patch(world, setup_completed=True)
    assert (await world.integration())["status"] == "setting_up", "a series is needed in any case"

    await patch(world, voucher_series="F")
    assert (await world.integration())["status"] == "active"


async def test_the_last_account_chosen_starts_the_booking(world: World) -> None:
    await world.connect()
    await patch(world, start_on="2026-10-01", voucher_series="F")
    for path in ("payment_method/card", "vat_rate/12", "article_group/food"):
        await world.ok("PUT", f"/mappings/{path}", {"account": 3001})
    assert (await world.integration())["status"] == "setting_up"

    await world.ok("PUT", "/mappings/event/tip", {"account": 2421})
    assert (await world.integration())["status"] == "active"
