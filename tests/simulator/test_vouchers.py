"""Booking, reading and listing vouchers."""

import json

import pytest
from tests.simulator.testbed import FIRST_YEAR, SECOND_YEAR, Testbed, error_of


async def test_a_booked_voucher_gets_the_next_number_of_its_series(fortnox: Testbed) -> None:
    numbers = [(await fortnox.book()).json()["Voucher"]["VoucherNumber"] for _ in range(3)]
    assert numbers == [1, 2, 3]


async def test_booking_answers_201_with_rows_and_read_only_fields(fortnox: Testbed) -> None:
    answer = await fortnox.book()
    voucher = answer.json()["Voucher"]
    assert answer.status_code == 201
    assert (voucher["Year"], voucher["ReferenceType"], voucher["ApprovalState"]) == (FIRST_YEAR, "MANUAL", 0)
    assert [row["Account"] for row in voucher["VoucherRows"]] == [1910, 3001, 2611]


async def test_amounts_are_kept_to_the_ore(fortnox: Testbed) -> None:
    await fortnox.book()
    rows = (await fortnox.vouchers())[0]["rows"]
    assert [(row["debit"], row["credit"]) for row in rows] == [(125050, 0), (0, 100040), (0, 25010)]


async def test_amounts_are_written_as_exact_numbers(fortnox: Testbed) -> None:
    answer = await fortnox.book()
    assert '"Debit":1250.50' in answer.text
    assert '"Debit":0,' in answer.text


async def test_numbers_restart_each_financial_year(fortnox: Testbed) -> None:
    await fortnox.book()
    answer = await fortnox.book(year=SECOND_YEAR, TransactionDate="2027-01-02")
    assert answer.json()["Voucher"]["VoucherNumber"] == 1


async def test_the_same_body_twice_makes_two_vouchers(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.book()
    assert len(await fortnox.vouchers()) == 2


async def test_one_voucher_is_read_with_its_rows(fortnox: Testbed) -> None:
    booked = (await fortnox.book()).json()
    assert (await fortnox.get("vouchers/F/1", financialyear=FIRST_YEAR)).json() == booked


async def test_a_voucher_that_is_not_there_is_404_with_capitals(fortnox: Testbed) -> None:
    answer = await fortnox.get("vouchers/F/7")
    assert answer.status_code == 404
    assert set(answer.json()["ErrorInformation"]) == {"Error", "Message", "Code"}


async def test_lists_show_no_rows_and_no_cost_center(fortnox: Testbed) -> None:
    await fortnox.book(CostCenter="100")
    (head,) = (await fortnox.get("vouchers")).json()["Vouchers"]
    assert "VoucherRows" not in head
    assert "CostCenter" not in head
    assert head["Comments"] == "#KX1"


async def test_lists_are_sorted_by_series_and_number(fortnox: Testbed) -> None:
    for series in "FAFA":
        await fortnox.book(VoucherSeries=series)
    found = (await fortnox.get("vouchers")).json()["Vouchers"]
    assert [(one["VoucherSeries"], one["VoucherNumber"]) for one in found] == [
        ("A", 1),
        ("A", 2),
        ("F", 1),
        ("F", 2),
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"fromdate": "2026-10-03"}, [2]),
        ({"todate": "2026-10-02"}, [1]),
        ({"fromdate": "2026-10-01", "todate": "2026-10-31", "voucherseries": "F"}, [1, 2]),
        ({"voucherseries": "A"}, []),
        ({"costcenter": "100"}, [1, 2]),
        ({"sortby": "vouchernumber", "sortorder": "descending"}, [2, 1]),
        ({"financialyear": SECOND_YEAR}, []),
        ({"financialyeardate": "2026-05-05"}, [1, 2]),
        ({"lastmodified": "2026-10-02 14:00"}, [1, 2]),
        ({"lastmodified": "2026-10-02 14:01"}, []),
    ],
)
async def test_lists_are_filtered(fortnox: Testbed, query: dict[str, str | int], numbers: list[int]) -> None:
    await fortnox.book()
    await fortnox.book(TransactionDate="2026-10-03")
    found = (await fortnox.get("vouchers", **query)).json()["Vouchers"]
    assert [one["VoucherNumber"] for one in found] == numbers


async def test_lists_come_in_pages(fortnox: Testbed) -> None:
    for _ in range(5):
        await fortnox.book()
    answer = (await fortnox.get("vouchers", limit=2, page=3)).json()
    assert answer["MetaInformation"] == {"@TotalResources": 5, "@TotalPages": 3, "@CurrentPage": 3}
    assert [one["VoucherNumber"] for one in answer["Vouchers"]] == [5]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"colour": "red"}, 2000588),
        ({"limit": 501}, 2000588),
        ({"page": 0}, 2000588),
        ({"fromdate": "2 oktober"}, 2000588),
        ({"sortby": "colour"}, 2000588),
        ({"voucherseries": "F", "costcenter": "100"}, 2000587),
    ],
)
async def test_an_odd_query_is_refused(fortnox: Testbed, query: dict[str, str | int], code: int) -> None:
    assert error_of(await fortnox.get("vouchers", **query))[:2] == (400, code)


async def test_the_sublist_is_of_one_series(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.book(VoucherSeries="A")
    found = (await fortnox.get("vouchers/sublist/A", financialyear=FIRST_YEAR)).json()["Vouchers"]
    assert [one["VoucherSeries"] for one in found] == ["A"]


async def test_the_bare_sublist_is_of_the_preselected_year(fortnox: Testbed) -> None:
    await fortnox.book()
    await fortnox.book(year=SECOND_YEAR, TransactionDate="2027-01-02")
    found = (await fortnox.get("vouchers/sublist")).json()["Vouchers"]
    assert [one["Year"] for one in found] == [FIRST_YEAR]


async def test_a_post_without_year_goes_to_the_preselected_one(fortnox: Testbed) -> None:
    answer = await fortnox.book(year=None, TransactionDate="2027-01-02")
    assert error_of(answer) == (400, 9900004, "Datumet ligger utanför räkenskapsåret")


async def test_or_to_the_year_of_its_date_when_the_conditions_say_so(fortnox: Testbed) -> None:
    await fortnox.conditions(year_by="date")
    answer = await fortnox.book(year=None, TransactionDate="2027-01-02")
    assert answer.json()["Voucher"]["Year"] == SECOND_YEAR


async def test_the_preselected_year_can_be_another(fortnox: Testbed) -> None:
    await fortnox.tell("PATCH", "companies/4711", {"preselected_year": SECOND_YEAR})
    answer = await fortnox.book(year=None, TransactionDate="2027-01-02")
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_vouchers_cannot_be_changed_or_deleted(fortnox: Testbed, method: str) -> None:
    await fortnox.book()
    answer = await fortnox.http.request(method, "/3/vouchers/F/1", json={"Voucher": {}})
    assert error_of(answer) == (404, 2000762, "No such route")


async def test_a_row_tells_the_name_of_its_account(fortnox: Testbed) -> None:
    rows = (await fortnox.book()).json()["Voucher"]["VoucherRows"]
    assert rows[0]["Description"] == "Kassa"
    assert rows[2]["TransactionInformation"] == "Moms 25 %"


async def test_amounts_beyond_a_float_are_exact(fortnox: Testbed) -> None:
    # 999 999 999 999,99 kr has no exact float with two decimals left to spare after sums.
    body = (
        '{"Voucher":{"VoucherSeries":"A","TransactionDate":"2026-10-02","Description":"Stort",'
        '"VoucherRows":[{"Account":1930,"Debit":999999999999.99},{"Account":1910,"Credit":999999999999.99}]}}'
    )
    answer = await fortnox.http.post(
        "/3/vouchers", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 201
    assert "999999999999.99" in answer.text
    assert json.loads(answer.text)["Voucher"]["VoucherNumber"] == 1
    assert (await fortnox.vouchers())[0]["rows"][0]["debit"] == 99999999999999
