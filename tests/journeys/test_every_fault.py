"""Every fault there is comes about, is told in both languages on banner and bell, and heals for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest
from tests.journeys.fault_stories import STORIES
from tests.little_shop import fault, states
from tests.world import World

from fortnox_sync.fault.model import FaultCode

Json = dict[str, Any]
CODES: tuple[FaultCode, ...] = get_args(FaultCode)


def test_no_fault_is_without_its_story() -> None:
    assert set(STORIES) == set(CODES)


@pytest.mark.parametrize("code", CODES)
async def test_it_comes_about_is_told_and_heals(shop: World, code: FaultCode) -> None:
    story = STORIES[code]
    await story.cause(shop)

    told = await fault(shop, code)
    assert [one["remediation"]["action"] for one in told["remediations"]] == list(story.buttons)
    assert told["waiting"]["amount"] == story.amount
    says(told["fault"]["facts"], story.facts)
    await on_banner_and_bell(shop, told)
    await in_both_languages(shop, told)

    await story.cure(shop, told)

    assert await shop.faults() == []
    assert set(await states(shop)) == {"booked"}
    first_screen = await shop.integration()
    assert (first_screen["banner"], first_screen["unbooked"]["transactions"]) == (None, 0)
    await healed_on_bell(shop, told["fault_id"])


def says(found: Any, wanted: Any) -> None:
    """See that facts hold what is wanted, and maybe more."""
    if isinstance(wanted, Mapping):
        for name, value in wanted.items():
            says(found[name], value)
    elif isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            says(one, other)
    else:
        assert found == wanted


async def on_banner_and_bell(shop: World, told: Json) -> None:
    """See that the banner is the most severe of the open faults, and each fault one notification."""
    first_screen = await shop.integration()
    severities = [one["severity"] for one in first_screen["faults"]]
    assert told in first_screen["faults"]
    assert first_screen["banner"] == first_screen["faults"][0]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    (bell,) = [one for one in await notifications(shop) if one["id"] == told["fault_id"]]
    assert {name: bell[name] for name in ("title", "message", "fault", "remediations")} == {
        name: told[name] for name in ("title", "message", "fault", "remediations")
    }
    assert (bell["closed_at"], bell["sent"]) == (None, None)


async def in_both_languages(shop: World, told: Json) -> None:
    headers = {"Authorization": f"Bearer {shop.token()}", "Accept-Language": "en"}
    answer = await shop.api.get(f"/v1/companies/{shop.company}/faults", headers=headers)
    (english,) = [one for one in answer.json()["faults"] if one["fault_id"] == told["fault_id"]]
    assert english["fault"] == told["fault"]
    for one, other in zip(spoken(told), spoken(english), strict=True):
        assert one
        assert other
        assert one != other


def spoken(told: Json) -> list[str]:
    return [told["title"], told["message"], *(one["label"] for one in told["remediations"])]


async def healed_on_bell(shop: World, fault_id: str) -> None:
    (bell,) = [one for one in await notifications(shop) if one["id"] == fault_id]
    assert bell["closed_at"]
    assert bell["remediations"] == []


async def notifications(shop: World) -> list[Json]:
    listed: list[Json] = (await shop.ok("GET", "/notifications"))["notifications"]
    return listed
