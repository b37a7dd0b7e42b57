"""What people do to the books, the companies and the control room itself."""

import pytest
from tests.simulator.testbed import COMPANY_FORM, Testbed, error_of

BY_HAND = {
    "series": "F",
    "transaction_date": "2026-10-02",
    "description": "Dagskassa för hand",
    "rows": [{"account": 1910, "debit": 100}, {"account": 3001, "credit": 100}],
}


async def test_a_person_books_between_ours(fortnox: Testbed) -> None:
    await fortnox.book()
    made = await fortnox.tell_company("POST", "vouchers", BY_HAND)
    assert (made["number"], made["made_by"]) == (2, "person")
    assert (await fortnox.book()).json()["Voucher"]["VoucherNumber"] == 3


async def test_a_person_edits_a_voucher(fortnox: Testbed) -> None:
    await fortnox.book()
    fortnox.clock.advance(minutes=30)
    edit = {"comments": "", "description": "Ändrad", "rows": BY_HAND["rows"]}
    await fortnox.tell_company("PATCH", "vouchers/1/F/1", edit)
    voucher = (await fortnox.get("vouchers/F/1")).json()["Voucher"]
    assert (voucher["Description"], voucher["Comments"]) == ("Ändrad", "")
    assert len(voucher["VoucherRows"]) == 2
    changed = await fortnox.get("vouchers", lastmodified="2026-10-02 14:30")
    assert len(changed.json()["Vouchers"]) == 1


async def test_a_person_strikes_rows_which_stay_marked(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.tell_company("POST", "vouchers/1/F/1/strike", {"rows": [0]})
    rows = (await fortnox.get("vouchers/F/1")).json()["Voucher"]["VoucherRows"]
    assert [row["Removed"] for row in rows] == [True, False, False]
    assert (await fortnox.get("accounts/1910")).json()["Account"]["BalanceCarriedForward"] == 0


async def test_only_the_last_voucher_can_be_deleted_and_its_number_is_used_again(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.book()
    refused = await fortnox.http.delete("/_simulator/companies/4711/vouchers/1/F/1")
    assert refused.status_code == 409
    await fortnox.tell_company("DELETE", "vouchers/1/F/2")
    assert error_of(await fortnox.get("vouchers/F/2"))[0] == 404
    assert (await fortnox.book()).json()["Voucher"]["VoucherNumber"] == 2


async def test_a_financial_year_is_added_and_removed(fortnox: Testbed) -> None:
    bare = {
        "from_on": "2028-01-01",
        "to_on": "2028-12-31",
        "standard_series": False,
        "standard_accounts": False,
    }
    await fortnox.tell_company("POST", "financial-years", bare)
    assert (await fortnox.get("voucherseries", financialyear=3)).json()["VoucherSeriesCollection"] == []
    await fortnox.tell_company("DELETE", "financial-years/3")
    assert (await fortnox.get("financialyears", date="2028-05-05")).json()["FinancialYears"] == []


async def test_a_removed_year_takes_no_more_vouchers(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.tell_company("DELETE", "financial-years/1")
    assert error_of(await fortnox.book())[1] == 9900003


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "series/Q"),
        ("PATCH", "accounts/1999"),
        ("PATCH", "cost-centers/XYZ"),
        ("PATCH", "series/F?year=9"),
        ("DELETE", "financial-years/9"),
        ("PATCH", "vouchers/1/F/1"),
    ],
)
async def test_what_is_not_there_cannot_be_changed(fortnox: Testbed, method: str, path: str) -> None:
    answer = await fortnox.http.request(method, f"/_simulator/companies/4711/{path}", json={})
    assert answer.status_code == 404


async def test_a_company_can_be_read_back(fortnox: Testbed) -> None:
    company = await fortnox.tell("GET", "companies/4711")
    assert company["preselected_year"] == 1
    assert [year["id"] for year in company["financial_years"]] == [1, 2]
    assert [one["code"] for one in company["cost_centers"]] == ["100", "UND"]
    assert [one["database_number"] for one in await fortnox.tell("GET", "companies")] == [4711]
    assert [one["client_id"] for one in await fortnox.tell("GET", "apps")] == ["till"]


async def test_a_company_gets_a_number_and_this_year_when_none_is_given(fortnox: Testbed) -> None:
    company = await fortnox.tell("POST", "companies", {"name": "Ny AB"})
    assert company["database_number"] >= 100_000
    assert [year["from_on"] for year in company["financial_years"]] == ["2026-01-01"]


async def test_a_year_may_be_broken_and_have_any_id(fortnox: Testbed) -> None:
    years = [{"id": 17, "from_on": "2026-05-01", "to_on": "2027-04-30"}]
    company = await fortnox.tell("POST", "companies", {"name": "Brutet AB", "financial_years": years})
    assert (company["preselected_year"], company["financial_years"][0]["id"]) == (17, 17)


async def test_a_company_number_is_used_once(fortnox: Testbed) -> None:
    answer = await fortnox.http.post("/_simulator/companies", json=COMPANY_FORM)
    assert answer.status_code == 409


async def test_extra_series_and_accounts_come_with_every_year(fortnox: Testbed) -> None:
    form = {
        "name": "Extra AB",
        "series": [{"code": "KX"}],
        "accounts": [{"number": 3999, "description": "Eget", "active": False}],
    }
    company = await fortnox.tell("POST", "companies", form)
    assert {"code": "KX", "description": "", "manual": True} in company["series"]["1"]
    own = [one for one in company["accounts"]["1"] if one["number"] == 3999]
    assert (own[0]["description"], own[0]["active"]) == ("Eget", False)


async def test_the_clock_can_be_set(fortnox: Testbed) -> None:
    await fortnox.tell("POST", "clock", {"now": "2027-01-01T08:00:00+01:00"})
    assert await fortnox.tell("GET", "clock") == {"now": "2027-01-01T07:00:00+00:00"}
    assert (await fortnox.http.get("/")).headers["date"] == "Fri, 01 Jan 2027 07:00:00 GMT"


@pytest.mark.parametrize(
    "form", [{}, {"advance_seconds": 1, "now": "2027-01-01T08:00:00Z"}, {"now": "2027-01-01T08:00:00"}]
)
async def test_the_clock_is_moved_in_one_way_at_a_time(fortnox: Testbed, form: dict[str, object]) -> None:
    assert (await fortnox.http.post("/_simulator/clock", json=form)).status_code == 422


async def test_unknown_conditions_are_an_error(fortnox: Testbed) -> None:
    answer = await fortnox.http.patch("/_simulator/companies/4711/conditions", json={"mood": "bad"})
    assert answer.status_code == 422


async def test_a_reset_forgets_everything(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.tell("POST", "clock", {"advance_seconds": 100})
    await fortnox.tell("POST", "reset")
    assert await fortnox.tell("GET", "companies") == []
    assert await fortnox.tell("GET", "apps") == []
    assert await fortnox.tell("GET", "requests") == []
    assert await fortnox.tell("GET", "clock") == {"now": "2026-10-02T12:00:00+00:00"}
    assert (await fortnox.get("vouchers")).status_code == 401


async def test_an_unknown_company_is_404(fortnox: Testbed) -> None:
    assert (await fortnox.http.get("/_simulator/companies/1")).status_code == 404


async def test_a_consent_needs_a_known_app(fortnox: Testbed) -> None:
    answer = await fortnox.http.post("/_simulator/companies/4711/consents", json={"client_id": "vem"})
    assert answer.status_code == 404


async def test_the_control_room_describes_itself(fortnox: Testbed) -> None:
    paths = (await fortnox.http.get("/_simulator/openapi.json")).json()["paths"]
    assert all(path.startswith("/_simulator") for path in paths)
