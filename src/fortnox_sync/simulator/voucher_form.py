"""A voucher as a client sends it (Fortnox docs, vouchers), read into a draft."""

from collections.abc import Mapping
from typing import Any

from fortnox_sync.simulator import forms, refusals
from fortnox_sync.simulator.books import Draft, VoucherRow
from fortnox_sync.simulator.forms import READ_ONLY, Writable

_FEWEST_ROWS = 2

_ROW: forms.Form = {
    "Account": Writable("account", forms.whole_number, required=True),
    "Debit": Writable("debit", forms.amount),
    "Credit": Writable("credit", forms.amount),
    "CostCenter": Writable("cost_center", forms.text(6)),
    "Project": Writable("project", forms.text(20)),
    "TransactionInformation": Writable("transaction_information", forms.text(100)),
    "Description": Writable("description", forms.text(200)),
    "Quantity": Writable("quantity", forms.number),
    "Removed": READ_ONLY,
}


def _rows(field: str, value: object) -> object:
    if not isinstance(value, list):
        raise refusals.WRONG_ENVELOPE.error(field=field)
    if len(value) < _FEWEST_ROWS:
        raise refusals.TOO_FEW_ROWS.error()
    return tuple(_row(raw) for raw in value)


def _row(raw: object) -> VoucherRow:
    if not isinstance(raw, Mapping):
        raise refusals.WRONG_ENVELOPE.error()
    values: dict[str, Any] = forms.read(_ROW, raw)
    return VoucherRow(**values)


_VOUCHER: forms.Form = {
    "VoucherSeries": Writable("series", forms.text(10), required=True),
    "TransactionDate": Writable("transaction_date", forms.day, required=True),
    "Description": Writable("description", forms.text(200), required=True),
    "Comments": Writable("comments", forms.text(1000)),
    "CostCenter": Writable("cost_center", forms.text(6)),
    "Project": Writable("project", forms.text(20)),
    "VoucherRows": Writable("rows", _rows),
    "VoucherNumber": READ_ONLY,
    # The OpenAPI description demands it and generated clients send it; the query says which year counts.
    "Year": Writable("stated_year", forms.ignored),
    "ReferenceNumber": READ_ONLY,
    "ReferenceType": READ_ONLY,
    "ApprovalState": READ_ONLY,
    "@url": READ_ONLY,
}


def read_draft(body: bytes) -> Draft:
    """Read a POSTed voucher."""
    values: dict[str, Any] = forms.read(_VOUCHER, forms.open_envelope(body, "Voucher"))
    values.pop("stated_year", None)
    if "rows" not in values:
        raise refusals.TOO_FEW_ROWS.error()
    return Draft(**values)
