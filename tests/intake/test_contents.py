"""Everything in a delivery that can be understood is taken; what can't is named by place, never by value."""

import json
from typing import Any

import pytest
from tests.factories import (
    Json,
    a_batch,
    a_catalog,
    a_day_close,
    a_delivery,
    a_payment,
    a_sale,
    a_transaction,
    body_of,
)

from fortnox_sync.intake.contents import Contents, NotJsonError, TooManyTransactionsError, read

GOOD = a_transaction(1)


def told(delivery: Json) -> Contents:
    return read(body_of(delivery))


def beside_a_good_one(**wrong: object) -> Contents:
    return told(a_batch([GOOD, a_transaction(2) | wrong]))


def ids(contents: Contents) -> list[str]:
    return [transaction.transaction_id for transaction in contents.transactions]


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"occurred_at": "2026-10-02T12:00:00"}, "occurred_at"),
        ({"occurred_at": 1790000000}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"business_date": "2026-02-30"}, "business_date"),
        ({"business_date": "2026-10-02T00:00:00Z"}, "business_date"),
        ({"business_date": 20261002}, "business_date"),
        ({"kind": "gift"}, "kind"),
        ({"register_id": ""}, "register_id"),
        ({"register_id": "K" * 65}, "register_id"),
        ({"register_id": "K\x001"}, "register_id"),
        ({"text": "line\nfeed"}, "text"),
        ({"text": "\x7f"}, "text"),
        ({"receipt_number": -1}, "receipt_number"),
        ({"receipt_number": True}, "receipt_number"),
        ({"receipt_number": 2.0}, "receipt_number"),
        ({"payments": {"card": 1}}, "payments"),
        ({"payments": [a_payment(amount=112.0)]}, "payments.0.amount"),  # type: ignore[arg-type]
        ({"payments": [a_payment(amount="11200")]}, "payments.0.amount"),  # type: ignore[arg-type]
        ({"payments": [a_payment(amount=True)]}, "payments.0.amount"),
        ({"payments": [a_payment(amount=10**13 + 1)]}, "payments.0.amount"),
        ({"payments": [a_payment(amount=-(10**400))]}, "payments.0.amount"),
        ({"sales": [a_sale(rate="100")]}, "sales.0.vat_rate"),
        ({"sales": [a_sale(rate="-6")]}, "sales.0.vat_rate"),
        ({"sales": [a_sale(rate="NaN")]}, "sales.0.vat_rate"),
        ({"sales": [a_sale(rate="12.125")]}, "sales.0.vat_rate"),
        ({"sales": [a_sale(rate=25)]}, "sales.0.vat_rate"),  # type: ignore[arg-type]
    ],
)
def test_a_transaction_that_cannot_be_read_is_named_and_holds_up_no_other(wrong: Json, at: str) -> None:
    contents = beside_a_good_one(**wrong)

    assert ids(contents) == ["K1-412-1"]
    assert {(p.code, p.at, p.transaction_id) for p in contents.problems} == {
        ("delivery_unreadable", f"data.transactions.1.{at}", "K1-412-2")
    }


@pytest.mark.parametrize("wrong", [None, 5, "x", [], True, {"transaction_id": 7}])
def test_what_is_no_transaction_at_all_holds_up_no_other(wrong: Any) -> None:
    contents = told(a_batch([wrong, GOOD]))

    assert ids(contents) == ["K1-412-1"]
    assert all(problem.at.startswith("data.transactions.0") for problem in contents.problems)


def test_a_transaction_that_was_not_paid_with_what_it_cost_is_named_with_both_sums() -> None:
    contents = beside_a_good_one(payments=[a_payment(amount=11100)])

    assert ids(contents) == ["K1-412-1"]
    [problem] = contents.problems
    assert (problem.code, problem.transaction_id) == ("transaction_unbalanced", "K1-412-2")
    assert ("11100" in problem.message, "11200" in problem.message) == (True, True)


def test_the_largest_amounts_a_column_can_sum_are_read() -> None:
    contents = beside_a_good_one(sales=[a_sale(gross=10**13, vat=0)], payments=[a_payment(amount=10**13)])
    assert len(ids(contents)) == 2


def test_unknown_fields_are_ignored_wherever_they_are() -> None:
    delivery = a_batch([GOOD | {"mood": "merry", "sales": [a_sale() | {"shelf": [{"deep": None}]}]}])
    delivery["data"]["weather"] = delivery["version"] = {"x": 1}

    assert ids(told(delivery)) == ["K1-412-1"]
    assert told(delivery).problems == ()


@pytest.mark.parametrize("kind", ["till.lunch.eaten", "till.day.closed ", "x" * 64])
def test_an_unknown_type_is_no_mistake(kind: str) -> None:
    contents = told({"type": kind, "timestamp": None, "data": {"company_id": "c_1", "transactions": 5}})

    assert (contents.type, contents.company_id, contents.problems) == (kind, "c_1", ())
    assert not contents.is_known


@pytest.mark.parametrize("kind", [None, 5, "", "x" * 65, "a\x00b", [], {"a": 1}])
def test_a_type_that_is_no_word_is_told_without_repeating_it(kind: Any) -> None:
    contents = told({"type": kind, "timestamp": "2026-10-02T18:55:12Z", "data": {}})

    assert contents.type is None
    assert all(len(problem.message) < 100 and problem.message.isprintable() for problem in contents.problems)
    assert contents.problems


def test_what_is_wrong_is_told_without_the_value_which_may_be_somebodys_data() -> None:
    personal = "850101-1234"
    contents = beside_a_good_one(sales=[a_sale(rate=personal[:8])], occurred_at=personal, kind=personal)
    assert len(contents.problems) == 3
    assert not any(personal[:6] in problem.message for problem in contents.problems)


@pytest.mark.parametrize("body", [b"null", b"5", b'"x"', b"[]", b"{}", b"true", b'{"type": null}'])
def test_json_that_is_no_delivery_is_told_as_such(body: bytes) -> None:
    assert read(body).problems


WHOLE = body_of(a_batch([GOOD]))


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", WHOLE[:-1], WHOLE[: len(WHOLE) // 2], WHOLE + b"}",
        b"\xff" + WHOLE, b"\xef\xbb\xbf" + WHOLE,
        WHOLE.replace(b"K1", b"K\xe5"), json.dumps(a_batch([GOOD])).encode("utf-16"),
        WHOLE.replace(b"11200", b"NaN"), WHOLE.replace(b"11200", b"1" * 5000),
        WHOLE.replace(b"K1", b"\\ud800"),
        b"[" * 100_000, b"[" * 1000 + b"]" * 1000, b'{"a":' * 1000 + b"1" + b"}" * 1000,
    ],
    ids=range(15),
)  # fmt: skip
def test_what_is_no_json_text_is_told_apart(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        read(body)


@pytest.mark.parametrize("one", [GOOD, None])
def test_more_than_a_thousand_transactions_are_too_many_readable_or_not(one: Any) -> None:
    for delivery in (a_batch([one] * 1001), a_delivery(a_day_close(transactions=[one] * 1001))):
        with pytest.raises(TooManyTransactionsError):
            told(delivery)


def test_a_thousand_transactions_are_read() -> None:
    assert len(ids(told(a_batch(a_transaction(number) for number in range(1000))))) == 1000


def test_a_day_close_carries_its_good_transactions_beside_a_bad_one() -> None:
    contents = told(a_delivery(a_day_close([GOOD], transactions=[GOOD, a_transaction(2, kind="gift")])))

    assert contents.day_close is not None
    assert ids(contents) == ["K1-412-1"]
    assert len(contents.problems) == 1


def test_a_day_close_that_cannot_be_read_tells_where() -> None:
    contents = told(a_delivery(a_day_close([GOOD], totals=None, z_number="412")))

    assert contents.day_close is None
    assert {problem.at for problem in contents.problems} == {"data.totals", "data.z_number"}
    assert (contents.type, contents.company_id) == ("till.day.closed", "c_4711")


def test_a_catalogue_that_cannot_be_read_tells_where() -> None:
    contents = told(a_delivery(a_catalog([GOOD], vat_rates=["25", "often"])))

    assert contents.catalog is None
    assert [problem.at for problem in contents.problems] == ["data.vat_rates.1"]


def test_a_long_list_of_mistakes_is_cut_short_but_names_every_transaction() -> None:
    contents = told(a_batch([a_transaction(1) | {"sales": [{}] * 20}] * 100))
    assert len(contents.problems) == 500

    contents = told(a_delivery(a_catalog([GOOD], vat_rates=["often"] * 500)))
    assert len(contents.problems) == 50
