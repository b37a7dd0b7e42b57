"""Two tellings are the same when they say the same, however they are spelled."""

import base64
import json

import pytest
from pydantic import ValidationError
from tests.factories import Json, a_batch, a_day_close, a_delivery, a_sale, a_transaction, body_of

from fortnox_sync.intake.contents import read
from fortnox_sync.intake.payload import Report


def transaction_hash(**more: object) -> str:
    [transaction] = read(body_of(a_batch([a_transaction(1, **more)]))).transactions
    return transaction.content_hash


def close_hash(**more: object) -> str:
    close = read(body_of(a_delivery(a_day_close([a_transaction(1)], **more)))).day_close
    assert close is not None
    return close.content_hash


@pytest.mark.parametrize(
    "same",
    [
        {"occurred_at": "2026-10-02T10:00:00Z"},
        {"occurred_at": "2026-10-02T10:00:00.000000+00:00"},
        {"sales": [a_sale(rate="12.00")]},
        {"text": None},
        {"cashier": "Anna"},
    ],
)
def test_another_spelling_of_a_transaction_is_the_same_transaction(same: Json) -> None:
    assert transaction_hash(**same) == transaction_hash()


@pytest.mark.parametrize(
    "other",
    [
        {"occurred_at": "2026-10-02T10:00:01Z"},
        {"sales": [a_sale(vat=1201)]},
        {"sales": [a_sale(cost_center="bar")]},
        {"text": ""},
        {"kind": "purchase"},
        {"receipt_number": 2},
        {"session_id": "K1-413"},
    ],
)
def test_whatever_is_booked_or_shown_of_a_transaction_tells_it_apart(other: Json) -> None:
    assert transaction_hash(**other) != transaction_hash()


def test_a_day_close_is_the_same_whatever_transactions_it_carries() -> None:
    assert close_hash(transactions=[a_transaction(1)]) == close_hash()
    assert close_hash(transaction_count=2) != close_hash()
    assert close_hash(totals={}) != close_hash()


@pytest.mark.parametrize("content", ["not base64!", "QUJ", 1, None])
def test_a_report_that_is_no_base64_is_no_report(content: object) -> None:
    with pytest.raises(ValidationError):
        Report.model_validate_json(json.dumps({"media_type": "application/pdf", "content": content}))


def test_a_report_is_kept_byte_for_byte_and_counts_in_what_the_close_says() -> None:
    scanned = bytes(range(256))
    told = {"media_type": "application/pdf", "content": base64.b64encode(scanned).decode()}
    close = read(body_of(a_delivery(a_day_close([a_transaction(1)], report=told)))).day_close

    assert close is not None
    assert close.report is not None
    assert close.report.content == scanned
    assert close.content_hash != close_hash()
