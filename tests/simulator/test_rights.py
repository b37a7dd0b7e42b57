"""Scopes, licences and the ways errors are spelled."""

import pytest
from tests.simulator.testbed import Testbed, error_of

NEEDS = {
    "vouchers": "bookkeeping",
    "voucherseries": "bookkeeping",
    "accounts": "bookkeeping",
    "financialyears": "bookkeeping",
    "costcenters": "costcenter",
    "companyinformation": "companyinformation",
    "settings/company": "settings",
    "settings/lockedperiod": "settings",
    "me": "profile",
    "voucherfileconnections": "connectfile",
}


@pytest.mark.parametrize(("path", "scope"), NEEDS.items())
async def test_each_resource_needs_its_scope(fortnox: Testbed, path: str, scope: str) -> None:
    others = [one for one in NEEDS.values() if one != scope]
    fortnox.authorise((await fortnox.consent(scopes=[scope]))["access_token"])
    assert (await fortnox.get(path)).status_code == 200
    fortnox.authorise((await fortnox.consent(scopes=others))["access_token"])
    assert error_of(await fortnox.get(path)) == (400, 2000663, "Har inte behörighet för scope")


@pytest.mark.parametrize(
    ("licences", "code", "text"),
    [
        (["integration"], 2001101, "Det finns ingen aktiv licens för önskat scope"),
        (["bookkeeping"], 2001103, "Api-licens saknas."),
    ],
)
async def test_a_licence_may_be_missing(fortnox: Testbed, licences: list[str], code: int, text: str) -> None:
    await fortnox.tell("PATCH", "companies/4711", {"licences": licences})
    assert error_of(await fortnox.book()) == (400, code, text)


async def test_a_missing_scope_can_be_403(fortnox: Testbed) -> None:
    await fortnox.conditions(missing_scope_status=403)
    fortnox.authorise((await fortnox.consent(scopes=["settings"]))["access_token"])
    assert error_of(await fortnox.get("vouchers"))[:2] == (403, 2000663)


@pytest.mark.parametrize(
    ("casing", "at_400", "at_404"),
    [
        ("documented", "message", "Message"),
        ("lower", "message", "message"),
        ("capitals", "Message", "Message"),
    ],
)
async def test_errors_are_spelled_in_two_casings(
    fortnox: Testbed, casing: str, at_400: str, at_404: str
) -> None:
    await fortnox.conditions(error_casing=casing)
    refused, missing = await fortnox.book(VoucherSeries="Q"), await fortnox.get("accounts/1999")
    assert at_400 in refused.json()["ErrorInformation"]
    assert at_404 in missing.json()["ErrorInformation"]


async def test_a_code_can_be_a_string(fortnox: Testbed) -> None:
    await fortnox.conditions(code_as_text=True)
    refused = await fortnox.book(VoucherSeries="B")
    assert refused.json()["ErrorInformation"]["code"] == "2001940"


async def test_an_unknown_route_is_404(fortnox: Testbed) -> None:
    assert error_of(await fortnox.get("nosuch")) == (404, 2000762, "No such route")


async def test_every_answer_carries_the_simulators_date_and_an_id(fortnox: Testbed) -> None:
    answers = [
        await fortnox.get("vouchers"),
        await fortnox.get("nosuch"),
        await fortnox.token(grant_type="x"),
        await fortnox.http.get("/oauth-v1/auth"),
        await fortnox.http.get("/"),
    ]
    assert {answer.headers["date"] for answer in answers} == {"Fri, 02 Oct 2026 12:00:00 GMT"}
    assert len({answer.headers["x-uid"] for answer in answers}) == len(answers)
