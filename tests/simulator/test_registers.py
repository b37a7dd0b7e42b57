"""Accounts, series, cost centres, years and the company through the API."""

from typing import Any

import pytest
from tests.simulator.testbed import FIRST_YEAR, SECOND_YEAR, Testbed, error_of

EVERYDAY_ACCOUNTS = frozenset(
    {1510, 1580, 1680, 1686, 1689, 1910, 1911, 1912, 1913, 1914, 1920, 1930, 1940}
    | {2420, 2421, 2611, 2621, 2631, 2641, 2820, 2890}
    | {3001, 3002, 3003, 3004, 3010, 3730, 3740, 3790, 3990, 3999, 4010, 5460, 6040, 6570}
)


async def test_the_chart_holds_the_everyday_accounts_sorted_by_number(fortnox: Testbed) -> None:
    accounts = (await fortnox.get("accounts", limit=500)).json()["Accounts"]
    numbers = [account["Number"] for account in accounts]
    assert numbers == sorted(numbers)
    assert set(numbers) >= EVERYDAY_ACCOUNTS


async def test_the_chart_comes_in_pages_of_a_hundred(fortnox: Testbed) -> None:
    first = (await fortnox.get("accounts")).json()
    second = (await fortnox.get("accounts", page=2)).json()
    total = first["MetaInformation"]["@TotalResources"]
    assert len(first["Accounts"]) == 100
    assert len(first["Accounts"]) + len(second["Accounts"]) == total


async def test_an_account_is_added_to_one_year(fortnox: Testbed) -> None:
    new = {"Number": 3050, "Description": "Försäljning glass"}
    answer = await fortnox.post("accounts", "Account", new, year=SECOND_YEAR)
    assert (answer.status_code, answer.json()["Account"]["Active"]) == (201, True)
    assert (await fortnox.get("accounts/3050", financialyear=SECOND_YEAR)).status_code == 200
    missing = await fortnox.get("accounts/3050", financialyear=FIRST_YEAR)
    assert error_of(missing) == (404, 2000423, "Kan inte hitta kontot.")


async def test_an_account_number_is_used_once(fortnox: Testbed) -> None:
    refused = await fortnox.post("accounts", "Account", {"Number": 1910, "Description": "Kassa"})
    assert error_of(refused) == (400, 9900018, "1910 används redan.")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Number": 999, "Description": "x"}, 2000108),
        ({"Number": 10000, "Description": "x"}, 2000108),
        ({"Number": 3050}, 9900009),
        ({"Number": 3050, "Description": "x", "Active": "ja"}, 2000134),
        ({"Number": 3050, "Description": "x", "CostCenterSettings": "MAYBE"}, 9900020),
        ({"Number": 3050, "Description": "x", "Year": 1}, 2000321),
    ],
)
async def test_an_account_with_wrong_fields_is_refused(
    fortnox: Testbed, fields: dict[str, Any], code: int
) -> None:
    assert error_of(await fortnox.post("accounts", "Account", fields))[:2] == (400, code)


async def test_a_put_changes_only_the_fields_sent(fortnox: Testbed) -> None:
    body = {"Account": {"Active": False, "CostCenterSettings": "MANDATORY"}}
    account = (await fortnox.http.put("/3/accounts/1910", json=body)).json()["Account"]
    assert (account["Description"], account["Active"]) == ("Kassa", False)
    assert account["CostCenterSettings"] == "MANDATORY"


async def test_api_blank_empties_a_text(fortnox: Testbed) -> None:
    body = {"Account": {"TransactionInformation": "Ange bord"}}
    await fortnox.http.put("/3/accounts/1910", json=body)
    body = {"Account": {"TransactionInformation": "API_BLANK"}}
    account = (await fortnox.http.put("/3/accounts/1910", json=body)).json()["Account"]
    assert account["TransactionInformation"] == ""


async def test_an_account_keeps_its_number(fortnox: Testbed) -> None:
    refused = await fortnox.http.put("/3/accounts/1910", json={"Account": {"Number": 1919}})
    assert error_of(refused)[:2] == (400, 9900023)


async def test_an_account_tells_its_balance(fortnox: Testbed) -> None:
    await fortnox.book()
    account = (await fortnox.get("accounts/3001")).json()["Account"]
    assert account["BalanceCarriedForward"] == -1000.4


async def test_only_a_and_f_are_manual_in_a_new_company(fortnox: Testbed) -> None:
    series = (await fortnox.get("voucherseries")).json()["VoucherSeriesCollection"]
    assert [one["Code"] for one in series if one["Manual"]] == ["A", "F"]
    assert all("NextVoucherNumber" not in one for one in series)


async def test_one_series_tells_its_next_number(fortnox: Testbed) -> None:
    await fortnox.book()
    series = (await fortnox.get("voucherseries/F", financialyear=FIRST_YEAR)).json()["VoucherSeries"]
    assert (series["Description"], series["NextVoucherNumber"]) == ("Kassa", 2)


async def test_a_series_is_added_and_changed_in_one_year(fortnox: Testbed) -> None:
    new = {"Code": "KX", "Description": "Kassaexport", "Manual": True}
    answer = await fortnox.post("voucherseries", "VoucherSeries", new, year=FIRST_YEAR)
    assert (answer.status_code, answer.json()["VoucherSeries"]["NextVoucherNumber"]) == (201, 1)
    body = {"VoucherSeries": {"Manual": False}}
    changed = await fortnox.http.put("/3/voucherseries/KX", params={"financialyear": 1}, json=body)
    assert changed.json()["VoucherSeries"]["Manual"] is False
    missing = await fortnox.get("voucherseries/KX", financialyear=SECOND_YEAR)
    assert error_of(missing) == (404, 9900014, "Kan inte hitta verifikationsserien.")


async def test_a_series_code_is_used_once(fortnox: Testbed) -> None:
    refused = await fortnox.post("voucherseries", "VoucherSeries", {"Code": "F"})
    assert error_of(refused)[:2] == (400, 9900018)


async def test_cost_centers_are_added_changed_and_deleted(fortnox: Testbed) -> None:
    added = await fortnox.post("costcenters", "CostCenter", {"Code": "200", "Description": "Disk"})
    assert (added.status_code, added.json()["CostCenter"]["Active"]) == (201, True)
    body = {"CostCenter": {"Active": False}}
    changed = await fortnox.http.put("/3/costcenters/200", json=body)
    assert changed.json()["CostCenter"]["Active"] is False
    assert (await fortnox.http.delete("/3/costcenters/200")).status_code == 204
    assert error_of(await fortnox.get("costcenters/200"))[:2] == (404, 9900015)
    codes = [one["Code"] for one in (await fortnox.get("costcenters")).json()["CostCenters"]]
    assert codes == ["100", "UND"]


async def test_a_cost_center_in_use_stays(fortnox: Testbed) -> None:
    await fortnox.book()
    assert error_of(await fortnox.http.delete("/3/costcenters/100"))[:2] == (400, 9900022)


async def test_a_cost_center_code_has_six_characters_at_most(fortnox: Testbed) -> None:
    refused = await fortnox.post("costcenters", "CostCenter", {"Code": "1234567", "Description": "x"})
    assert error_of(refused)[1] == 2000107


@pytest.mark.parametrize(("day", "ids"), [("2026-12-31", [1]), ("2027-01-01", [2]), ("2025-12-31", [])])
async def test_the_year_of_a_day_is_found_with_date(fortnox: Testbed, day: str, ids: list[int]) -> None:
    years = (await fortnox.get("financialyears", date=day)).json()["FinancialYears"]
    assert [year["Id"] for year in years] == ids


async def test_one_year_is_read_by_its_id(fortnox: Testbed) -> None:
    year = (await fortnox.get("financialyears/2")).json()["FinancialYear"]
    assert (year["FromDate"], year["ToDate"], year["AccountingMethod"]) == (
        "2027-01-01",
        "2027-12-31",
        "ACCRUAL",
    )
    assert error_of(await fortnox.get("financialyears/9"))[:2] == (404, 9900016)


async def test_a_new_year_follows_the_latest_and_has_the_standard_series(fortnox: Testbed) -> None:
    await fortnox.tell_company("PUT", "series/KX", {"code": "KX"})
    form = {"FromDate": "2028-01-01", "ToDate": "2028-12-31"}
    assert (await fortnox.post("financialyears", "FinancialYear", form)).json()["FinancialYear"]["Id"] == 3
    assert (await fortnox.get("voucherseries/KX", financialyear=3)).status_code == 404
    refused = await fortnox.post("financialyears", "FinancialYear", form)
    assert error_of(refused)[:2] == (400, 9900021)


async def test_the_company_tells_its_database_number_in_two_ways(fortnox: Testbed) -> None:
    information = (await fortnox.get("companyinformation")).json()["CompanyInformation"]
    settings = (await fortnox.get("settings/company")).json()["CompanySettings"]
    assert (information["DatabaseNumber"], settings["DatabaseNumber"]) == (4711, "4711")
    assert information["CompanyName"] == "Krogen & <Disken> AB"


async def test_the_locked_period_shows_unless_it_is_automatic(fortnox: Testbed) -> None:
    assert (await fortnox.get("settings/lockedperiod")).json() == {"LockedPeriod": {"EndDate": None}}
    await fortnox.tell_company("PUT", "locked-period", {"end_on": "2026-09-30", "automatic": True})
    assert (await fortnox.get("settings/lockedperiod")).json() == {"LockedPeriod": {"EndDate": None}}
    await fortnox.tell_company("PUT", "locked-period", {"end_on": "2026-08-31"})
    assert (await fortnox.get("settings/lockedperiod")).json() == {"LockedPeriod": {"EndDate": "2026-08-31"}}
    await fortnox.tell_company("PUT", "locked-period", {"end_on": None})
    assert (await fortnox.get("settings/lockedperiod")).json() == {"LockedPeriod": {"EndDate": None}}


async def test_me_is_the_person_who_consented(fortnox: Testbed) -> None:
    assert (await fortnox.get("me")).json()["Me"]["Name"] == "Servicekonto"
    fortnox.authorise((await fortnox.consent(service=False, email="kim@example.test"))["access_token"])
    me = (await fortnox.get("me")).json()["Me"]
    assert (me["Email"], me["SysAdmin"]) == ("kim@example.test", False)


async def test_the_account_charts_are_listed(fortnox: Testbed) -> None:
    charts = (await fortnox.get("accountcharts")).json()["AccountCharts"]
    assert {"Name": "Bas 2026"} in charts
